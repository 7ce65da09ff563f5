/** The table of commands. */
import type { Command } from '../usage.ts';
import { run } from './run.ts';

export const COMMANDS: readonly Command[] = [run];
