/** The table of commands. */
import type { Command } from '../usage.ts';
import { lessons } from './lessons.ts';
import { run } from './run.ts';

export const COMMANDS: readonly Command[] = [run, lessons];
