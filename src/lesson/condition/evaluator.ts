/**
 * Whether a condition holds for a step of a lesson, followed event by event. Atoms latch: an event once
 * seen stays seen, a state once true counts. `hold` asks of now, `never` of the whole step. Variables
 * join atoms: a condition holds if one choice of values satisfies all of its atoms together.
 */
import { unreachable } from '../../protocol/assert.ts';
import type { Violation } from '../../check/index.ts';
import type { TraceEvent } from '../../protocol/events.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import type { LabState } from '../../trace/index.ts';
import { EVENTS, type EventFields, type Memory } from './names.ts';
import { atomsOf, countedIn, termsOf, variablesOf, type Atom, type Condition, type Pattern } from './syntax.ts';
import { testHolds, type Binding, type Instant } from './terms.ts';

/** Where in the run something was satisfied: after event `index`, at `t`. */
export interface Point {
  readonly index: number;
  readonly t: number;
}

interface Solution extends Point {
  readonly binding: Binding;
}

/** A span in which a state test was true; `end` is the event after which it was not. */
interface Span {
  readonly begin: Point;
  end: Point | null;
}

type StateAtom = Extract<Condition, { type: 'state' }>;
type NeverAtom = Extract<Condition, { type: 'never' }>;
type InspectAtom = Extract<Condition, { type: 'inspect' }>;

const NOTHING: Binding = {};

export class Evaluator {
  readonly #root: Condition;
  readonly #start: Readonly<LabState>;
  readonly #violations: () => readonly Violation[];
  /** What happened before the step began has an index up to this one. */
  readonly #before: Point;
  readonly #matches = new Map<Pattern, Solution[]>();
  readonly #spans = new Map<StateAtom, { binding: Binding; spans: Span[] }[]>();
  readonly #states: readonly StateAtom[];
  readonly #inspected = new Map<InspectAtom, Solution[]>();
  readonly #answered = new Map<string, Point>();
  readonly #proposals = new Map<Zxid, { type: string; path: string | undefined }>();
  #state: Readonly<LabState>;
  #now: Point;
  #done: Point | null = null;

  /**
   * @param state that at the start of the step, and the caller's
   * @param index the last event before it, −1 if none
   * @param violations all that have been found in the lab, also those beyond what was fed
   */
  constructor(
    condition: Condition,
    state: Readonly<LabState>,
    start: Readonly<LabState>,
    index: number,
    violations: () => readonly Violation[] = () => [],
  ) {
    this.#violations = violations;
    this.#root = condition;
    this.#state = state;
    this.#start = start;
    this.#before = this.#now = { index, t: state.t };
    const atoms = allAtoms(condition);
    this.#states = atoms.filter((atom) => atom.type === 'state');
    for (const atom of atoms) {
      if (atom.type === 'event') this.#matches.set(atom.pattern, []);
      if (atom.type === 'inspect') this.#inspected.set(atom, []);
    }
    for (const atom of this.#states) {
      this.#spans.set(atom, []);
      for (const term of termsOf(atom.test)) for (const pattern of countedIn(term)) this.#matches.set(pattern, []);
    }
    this.#observeStates();
    this.#conclude();
  }

  /** When the condition was first satisfied; it stays so. */
  get done(): Point | null {
    return this.#done;
  }

  /** Goes on with another object of an equal state. */
  rebase(state: Readonly<LabState>): void {
    this.#state = state;
  }

  /** Whether the condition is satisfied at this very moment. */
  get holds(): boolean {
    return this.#solve(this.#root, this.#before, NOTHING, false).length > 0;
  }

  /** Before `state` changes: what names the event stands for may need the state before it. */
  feed(event: TraceEvent): void {
    const memory: Memory = { state: this.#state, proposals: this.#proposals };
    this.#now = { index: event.id, t: event.t };
    for (const [pattern, solutions] of this.#matches) {
      for (const binding of match(pattern, event, memory)) solutions.push({ ...this.#now, binding });
    }
    if (event.kind === 'proposed') this.#proposals.set(event.zxid, { type: event.txn, path: event.path });
  }

  /** After `state` has taken the event that was fed. */
  settle(): void {
    this.#observeStates();
    this.#conclude();
  }

  /** Time has come to `t` without a further event. */
  tick(t: VirtualTime): void {
    if (t > this.#now.t) this.#now = { index: this.#now.index, t };
    this.#conclude();
  }

  /** A question was answered rightly. */
  answered(question: string): void {
    if (!this.#answered.has(question)) this.#answered.set(question, this.#now);
    this.#conclude();
  }

  /** The learner looked at an event; `state` is the one before it. */
  inspected(event: TraceEvent, state: Readonly<LabState>): void {
    for (const [atom, solutions] of this.#inspected) {
      for (const binding of match(atom.pattern, event, { state, proposals: this.#proposals })) {
        solutions.push({ ...this.#now, binding });
      }
    }
    this.#conclude();
  }

  /** Whether an atom by itself is satisfied by now, whatever the others say. */
  met(atom: Atom): boolean {
    return this.#solve(atom, this.#before, NOTHING, this.#isHeld(atom)).length > 0;
  }

  /** A `never` that can never be true again in this step. */
  violated(atom: Atom): boolean {
    if (atom.type !== 'never' || this.#bindsElsewhere(atom)) return false;
    return atom.before === null
      ? this.#solve(atom.condition, this.#before, NOTHING, false).length > 0
      : this.#solveBefore(atom, this.#before, NOTHING) === 'violated';
  }

  // ---- following the run

  #observeStates(): void {
    for (const atom of this.#states) {
      const known = this.#spans.get(atom) ?? [];
      for (const binding of this.#candidates(atom)) {
        let entry = known.find((each) => same(each.binding, binding));
        if (!entry) {
          entry = { binding, spans: [] };
          known.push(entry);
        }
        const open = entry.spans.findLast((span) => span.end === null);
        const holds = testHolds(atom.test, this.#instant, binding);
        if (holds && !open) entry.spans.push({ begin: this.#now, end: null });
        else if (!holds && open) open.end = this.#now;
      }
    }
  }

  /** Values that the variables of a test may take: those that events have given them. */
  #candidates(atom: StateAtom): readonly Binding[] {
    const variables = [
      ...new Set(termsOf(atom.test).flatMap((term) => (term.type === 'count' ? [] : variablesOf(term)))),
    ];
    let candidates: readonly Binding[] = [NOTHING];
    for (const variable of variables) {
      const values = new Set<string | number>();
      for (const solutions of [...this.#matches.values(), ...this.#inspected.values()]) {
        for (const { binding } of solutions) {
          const value = binding[variable];
          if (value !== undefined) values.add(value);
        }
      }
      candidates = candidates.flatMap((binding) => [...values].map((value) => ({ ...binding, [variable]: value })));
    }
    return candidates;
  }

  #conclude(): void {
    this.#done ??= this.#solve(this.#root, this.#before, NOTHING, false)[0] ?? null;
  }

  get #instant(): Instant {
    const violationsUpTo = ({ index }: Point) => this.#violations().filter(({ event }) => event <= index);
    return {
      state: this.#state,
      start: this.#start,
      violations: () => violationsUpTo(this.#now),
      violationsAtStart: () => violationsUpTo(this.#before),
      count: (pattern, binding) =>
        (this.#matches.get(pattern) ?? []).filter((solution) => join(binding, solution.binding) !== null).length,
    };
  }

  // ---- solving

  /**
   * The earliest points after `after` at which `condition` is satisfied, one for each choice of values
   * that goes with `binding`. With `held`, states are asked of now.
   */
  #solve(condition: Condition, after: Point, binding: Binding, held: boolean): readonly Solution[] {
    switch (condition.type) {
      case 'event':
        return later(this.#matches.get(condition.pattern) ?? [], after, binding);
      case 'inspect':
        return later(this.#inspected.get(condition) ?? [], { ...after, index: after.index - 1 }, binding);
      case 'answered': {
        const point = this.#answered.get(condition.question);
        return point ? [{ ...latest(point, after), binding }] : [];
      }
      case 'state':
        return held && condition.forMs === 0
          ? this.#solveNow(condition, binding)
          : this.#solveState(condition, after, binding, held);
      case 'or':
        return condition.parts.flatMap((part) => this.#solve(part, after, binding, held));
      case 'and': {
        let solutions: readonly Solution[] = [{ ...after, binding }];
        for (const part of condition.parts) {
          solutions = solutions.flatMap((left) =>
            part.type === 'never' && part.within !== null
              ? this.#solveNever(part, left, left.binding)
              : this.#solve(part, after, left.binding, held).map((right) => ({
                  ...latest(left, right),
                  binding: right.binding,
                })),
          );
        }
        return solutions;
      }
      case 'then': {
        let solutions: readonly Solution[] = [{ ...after, binding }];
        for (const { condition: part, within } of condition.parts) {
          solutions = solutions.flatMap((left) =>
            this.#solve(part, left, left.binding, held).filter(
              (right) => within === null || right.t - left.t <= within,
            ),
          );
        }
        return solutions;
      }
      case 'within':
        return this.#solve(condition.condition, after, binding, held).filter(
          ({ t }) => t - this.#before.t <= condition.ms,
        );
      case 'hold':
        return this.#solve(condition.condition, after, binding, true);
      case 'never':
        return this.#solveNever(condition, after, binding);
      default:
        return unreachable(condition);
    }
  }

  #solveNow(atom: StateAtom, binding: Binding): readonly Solution[] {
    return this.#candidates(atom).flatMap((candidate) => {
      const joined = join(binding, candidate);
      return joined && testHolds(atom.test, this.#instant, joined) ? [{ ...this.#now, binding: joined }] : [];
    });
  }

  #solveState(atom: StateAtom, after: Point, binding: Binding, held: boolean): readonly Solution[] {
    return (this.#spans.get(atom) ?? []).flatMap((entry) => {
      const joined = join(binding, entry.binding);
      if (!joined) return [];
      for (const { begin, end } of entry.spans) {
        if (held && end !== null) continue;
        // After the very event that is waited for counts, too.
        if (end !== null && end.index <= after.index) continue;
        const from = latest(begin, after);
        const t = from.t + atom.forMs;
        if (t <= (end ?? this.#now).t) return [{ index: from.index, t, binding: joined }];
      }
      return [];
    });
  }

  #solveNever(atom: NeverAtom, left: Point, binding: Binding): readonly Solution[] {
    if (atom.before !== null) {
      const point = this.#solveBefore(atom, left, binding);
      return point === null || point === 'violated' ? [] : [{ ...latest(point, left), binding }];
    }
    const happened = this.#solve(atom.condition, this.#before, binding, false);
    if (atom.within === null) return happened.length > 0 ? [] : [{ ...left, binding }];
    const until = left.t + atom.within;
    if (happened.some(({ t }) => t <= until) || this.#now.t < until) return [];
    return [{ index: left.index, t: until, binding }];
  }

  /** When the later of the two happened, if the first had not; null while neither has. */
  #solveBefore(atom: NeverAtom, _left: Point, binding: Binding): Point | 'violated' | null {
    const first = this.#solve(atom.condition, this.#before, binding, false);
    const limits = atom.before ? this.#solve(atom.before, this.#before, binding, false) : [];
    const limit = limits.toSorted((a, b) => a.index - b.index)[0];
    if (first.some(({ index }) => limit === undefined || index < limit.index)) return 'violated';
    return limit ?? null;
  }

  /** Whether a variable of a `never` gets its value elsewhere: then a match need not be a violation. */
  #bindsElsewhere(atom: NeverAtom): boolean {
    const own = new Set(bindingsOf([atom]));
    return bindingsOf(atomsOf(this.#root).filter((each) => each !== atom)).some((name) => own.has(name));
  }

  #isHeld(atom: Atom): boolean {
    const find = (condition: Condition, held: boolean): boolean => {
      switch (condition.type) {
        case 'and':
        case 'or':
          return condition.parts.some((part) => find(part, held));
        case 'then':
          return condition.parts.some((part) => find(part.condition, held));
        case 'within':
          return find(condition.condition, held);
        case 'hold':
          return find(condition.condition, true);
        default:
          return condition === atom && held;
      }
    };
    return find(this.#root, false);
  }
}

/** Whether an event of the trace is what `pattern` says; each way to see it so gives values to the variables. */
export function match(pattern: Pattern, event: TraceEvent, memory: Memory): readonly Binding[] {
  return (EVENTS[pattern.name]?.read(event, memory) ?? []).flatMap((fields) => {
    const binding = bind(pattern, fields);
    return binding ? [binding] : [];
  });
}

function bind(pattern: Pattern, fields: EventFields): Binding | null {
  const binding: Record<string, string | number> = {};
  for (const [field, wanted] of Object.entries(pattern.fields)) {
    const value = fields[field];
    if (wanted.type === 'value') {
      if (value !== wanted.value) return null;
    } else {
      if (value === undefined || value === null) return null;
      if (binding[wanted.name] !== undefined && binding[wanted.name] !== value) return null;
      binding[wanted.name] = value;
    }
  }
  return binding;
}

/** Every atom, those of a `never` too. */
function allAtoms(condition: Condition): readonly Atom[] {
  return atomsOf(condition).flatMap((atom) =>
    atom.type === 'never' ? [atom, ...allAtoms(atom.condition), ...(atom.before ? allAtoms(atom.before) : [])] : [atom],
  );
}

function bindingsOf(atoms: readonly Atom[]): readonly string[] {
  return atoms.flatMap((atom) => {
    switch (atom.type) {
      case 'event':
      case 'inspect':
        return Object.values(atom.pattern.fields).flatMap((each) => (each.type === 'variable' ? [each.name] : []));
      case 'state':
        return termsOf(atom.test).flatMap(variablesOf);
      case 'never':
        return bindingsOf([...allAtoms(atom.condition), ...(atom.before ? allAtoms(atom.before) : [])]);
      case 'answered':
        return [];
      default:
        return unreachable(atom);
    }
  });
}

/** Solutions behind `after` that go with `binding`: of equal ones the earliest. */
function later(solutions: readonly Solution[], after: Point, binding: Binding): readonly Solution[] {
  const found: Solution[] = [];
  for (const solution of solutions) {
    if (solution.index <= after.index) continue;
    const joined = join(binding, solution.binding);
    if (joined && !found.some((each) => same(each.binding, joined))) found.push({ ...solution, binding: joined });
  }
  return found;
}

function latest(a: Point, b: Point): Point {
  return { index: Math.max(a.index, b.index), t: Math.max(a.t, b.t) };
}

/** Both together, or null if they differ. */
function join(a: Binding, b: Binding): Binding | null {
  for (const [name, value] of Object.entries(b)) if (a[name] !== undefined && a[name] !== value) return null;
  return { ...a, ...b };
}

function same(a: Binding, b: Binding): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
