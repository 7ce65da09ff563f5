/** The fold over a trace, as the rest of src/trace uses it. */
export { apply } from './apply.ts';
export { cloneState } from './clone.ts';
export { majorityOf } from './election.ts';
export { initialState, type TraceSetup } from './initial.ts';
