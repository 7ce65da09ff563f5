/** The table of commands. */
import type { Command } from '../usage.ts';
import { bench } from './bench.ts';
import { conformance } from './conformance.ts';
import { datadir } from './datadir.ts';
import { lessons } from './lessons.ts';
import { run } from './run.ts';
import { simulate } from './simulate.ts';
import { stories } from './stories.ts';

export const COMMANDS: readonly Command[] = [run, simulate, lessons, stories, conformance, datadir, bench];
