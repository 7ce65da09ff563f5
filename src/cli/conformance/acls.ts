/**
 * Which ACLs may have their entries in another order (README 1.7, 2): an `auth` entry becomes an entry
 * for each identity of the session, in a hash table's order. An ACL that some call gave as it is keeps
 * the order given.
 */
import { equal, sortedBag } from './compare.ts';
import type { RecordedOperation, RecordedStep } from './recording.ts';

export class Acls {
  /** Lists given by calls, as JSON. */
  readonly #given = new Set<string>();
  #auth = false;

  /** Takes notice of the ACLs that a step's calls give. */
  note(step: RecordedStep): void {
    for (const operation of step.op === 'batch' ? step.ops : [step as RecordedOperation]) this.#operation(operation);
  }

  /** `got`, with the entries of such an ACL as `expected` has them, if they are the same. */
  tolerate(expected: unknown, got: unknown): unknown {
    if (!this.#auth) return got;
    if (Array.isArray(expected) && Array.isArray(got)) {
      return got.map((each: unknown, index) => this.tolerate(expected[index], each));
    }
    if (!isObject(expected) || !isObject(got)) return got;
    return Object.fromEntries(
      Object.entries(got).map(([key, each]) => {
        const wanted = expected[key];
        if (key !== 'acl' || !Array.isArray(wanted) || !Array.isArray(each)) return [key, this.tolerate(wanted, each)];
        const tolerated = !this.#given.has(JSON.stringify(wanted)) && equal(sortedBag(wanted), sortedBag(each));
        return [key, tolerated ? wanted : each];
      }),
    );
  }

  #operation(operation: RecordedOperation): void {
    if (operation.op === 'multi') for (const each of operation.ops) this.#operation(each);
    if ((operation.op !== 'create' && operation.op !== 'setACL') || !Array.isArray(operation.acl)) return;
    if (operation.acl.some(([, scheme]) => scheme === 'auth')) this.#auth = true;
    else this.#given.add(JSON.stringify(operation.acl));
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
