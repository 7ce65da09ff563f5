/** The trace: store, fold, explanation, text. */
export { changedPath, describe, describeAction, describeOp, describePacket } from './describe.ts';
export { apply, cloneState, initialState, majorityOf, type TraceSetup } from './fold/index.ts';
export { parseJsonl, toJsonl, toLine, type ParsedTrace } from './jsonl.ts';
export type * from './state.ts';
export { leaderOf, summarize, type Summary } from './summary.ts';
export { Trace, TraceCursor, type UnreadEvents } from './trace.ts';
export { relatedMessage, why, type WhyStep } from './why.ts';
