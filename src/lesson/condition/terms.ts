/** Values of terms and tests at an instant. */
import { unreachable } from '../../protocol/assert.ts';
import type { Violation } from '../../check/index.ts';
import type { LabState } from '../../trace/index.ts';
import { FUNCTIONS } from './functions.ts';
import type { Comparison, Pattern, Term, Test, Value } from './syntax.ts';

/** What variables stand for. */
export type Binding = Readonly<Record<string, string | number>>;

export interface Instant {
  readonly state: Readonly<LabState>;
  /** The state when the step began. */
  readonly start: Readonly<LabState>;
  /** What has been found wrong up to here. */
  readonly violations: () => readonly Violation[];
  readonly violationsAtStart: () => readonly Violation[];
  readonly count: (pattern: Pattern, binding: Binding) => number;
}

export function testHolds(test: Test, instant: Instant, binding: Binding): boolean {
  if (test.type === 'not') return !testHolds(test.test, instant, binding);
  const values = test.terms.map((term) => valueOf(term, instant, binding));
  if (test.ops.length === 0) return values[0] === true;
  return test.ops.every((op, i) => compare(values[i], op, values[i + 1]));
}

function valueOf(term: Term, instant: Instant, binding: Binding): Value {
  switch (term.type) {
    case 'literal':
      return term.value;
    case 'variable':
      return binding[term.name];
    case 'set':
      return term.items;
    case 'count':
      return instant.count(term.pattern, binding);
    case 'start':
      return valueOf(term.term, { ...instant, state: instant.start, violations: instant.violationsAtStart }, binding);
    case 'sum': {
      const [left, right] = [valueOf(term.left, instant, binding), valueOf(term.right, instant, binding)];
      return typeof left === 'number' && typeof right === 'number' ? left + term.sign * right : undefined;
    }
    case 'call': {
      const args = term.args.map((arg) => valueOf(arg, instant, binding));
      // `role(leader)` while there is no leader is nothing that could be compared.
      if (args.some((arg) => arg === undefined || arg === null)) return undefined;
      return FUNCTIONS[term.name]?.value(instant.state, args, term.field, instant.violations());
    }
    default:
      return unreachable(term);
  }
}

function compare(left: Value, op: Comparison, right: Value): boolean {
  if (left === undefined || right === undefined) return false;
  switch (op) {
    case '=':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case 'in':
      return Array.isArray(right) && typeof left === 'string' && right.includes(left);
    default: {
      if (typeof left !== 'number' || typeof right !== 'number') return false;
      if (op === '<') return left < right;
      if (op === '<=') return left <= right;
      return op === '>' ? left > right : left >= right;
    }
  }
}

function equal(left: Value, right: Value): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item) => right.includes(item));
  }
  return left === right;
}
