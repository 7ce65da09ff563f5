/** Plain data as words: what crosses threads. */
export type { Tape } from './format.ts';
export { readWritten, TapeReader, type Written } from './reader.ts';
export { TapeWriter } from './writer.ts';
