/** Replays recordings of the real server on this engine: `npm run lab -- conformance`. */
export { readRecordings, type Recording } from './files.ts';
export { replay, type Replayed } from './replay.ts';
