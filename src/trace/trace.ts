/** Placeholder of the class written beside it: see its TSDoc once there. */
export interface Trace {
  readonly length: number;
}
