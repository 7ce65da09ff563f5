/**
 * Invariants. `assert` guards what must hold whatever the outside does; it is on in every build.
 * A refusal of bad input is a return value, never an assertion.
 */

/** A broken invariant of the engine: a bug of Zabscope, not a fault that somebody staged. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** @throws InvariantError if `condition` is false. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Ends a switch over a union: a new member breaks the build where it is not handled. */
export function unreachable(value: never): never {
  throw new InvariantError(`unhandled case: ${JSON.stringify(value)}`);
}
