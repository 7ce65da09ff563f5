/** Conditions of lessons as data: what the parser makes and the evaluator walks. */

/** A value of the language. `undefined` (no such thing now) is equal to nothing, itself included. */
export type Value = string | number | boolean | null | undefined | readonly string[];

export type Match =
  | { readonly type: 'value'; readonly value: string | number | boolean }
  | { readonly type: 'variable'; readonly name: string };

/** `op{A,create,/app,OK}`: an event by its name, with what its fields must be. */
export interface Pattern {
  readonly name: string;
  readonly fields: Readonly<Record<string, Match>>;
}

export type Term =
  | { readonly type: 'literal'; readonly value: Exclude<Value, undefined> }
  | { readonly type: 'variable'; readonly name: string }
  /** `role(s1)`, `leader`, `node(s1,/app).data` */
  | { readonly type: 'call'; readonly name: string; readonly args: readonly Term[]; readonly field: string | null }
  | { readonly type: 'set'; readonly items: readonly string[] }
  | { readonly type: 'count'; readonly pattern: Pattern }
  /** The value that a term had when the step began. */
  | { readonly type: 'start'; readonly term: Term }
  | { readonly type: 'sum'; readonly sign: 1 | -1; readonly left: Term; readonly right: Term };

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in';

/** `a = b > c`; a single term must be true. */
export type Test =
  | { readonly type: 'compare'; readonly terms: readonly Term[]; readonly ops: readonly Comparison[] }
  | { readonly type: 'not'; readonly test: Test };

/** Where an atom stands in its text, from 0: messages name it, and texts of a lesson. */
interface Placed {
  readonly from: number;
  readonly to: number;
}

export type Condition =
  | { readonly type: 'and' | 'or'; readonly parts: readonly Condition[] }
  /** One after the other; `within`: ms after the part before. */
  | {
      readonly type: 'then';
      readonly parts: readonly { readonly condition: Condition; readonly within: number | null }[];
    }
  /** ms after the step began */
  | { readonly type: 'within'; readonly condition: Condition; readonly ms: number }
  /** Must be true when everything else is. */
  | { readonly type: 'hold'; readonly condition: Condition }
  | (Placed & {
      readonly type: 'never';
      readonly condition: Condition;
      /** Not before this has happened; else in the whole step. */
      readonly before: Condition | null;
      /** Not in the whole step, and then not for so many ms after what stands to its left. */
      readonly within: number | null;
    })
  | (Placed & { readonly type: 'event'; readonly pattern: Pattern })
  /** Once seen; `forMs`: true for so long without a break. */
  | (Placed & { readonly type: 'state'; readonly test: Test; readonly forMs: number })
  /** The question of this id was answered rightly. */
  | (Placed & { readonly type: 'answered'; readonly question: string })
  /** An event of this kind was looked at. */
  | (Placed & { readonly type: 'inspect'; readonly pattern: Pattern });

export type Atom = Extract<Condition, Placed>;

/** The atoms of a condition, from left to right. Those inside a `never` are its own. */
export function atomsOf(condition: Condition): readonly Atom[] {
  switch (condition.type) {
    case 'and':
    case 'or':
      return condition.parts.flatMap(atomsOf);
    case 'then':
      return condition.parts.flatMap((part) => atomsOf(part.condition));
    case 'within':
    case 'hold':
      return atomsOf(condition.condition);
    default:
      return [condition];
  }
}

/** The patterns that a term counts. */
export function countedIn(term: Term): readonly Pattern[] {
  switch (term.type) {
    case 'count':
      return [term.pattern];
    case 'start':
      return countedIn(term.term);
    case 'sum':
      return [...countedIn(term.left), ...countedIn(term.right)];
    case 'call':
      return term.args.flatMap(countedIn);
    default:
      return [];
  }
}

export function termsOf(test: Test): readonly Term[] {
  return test.type === 'not' ? termsOf(test.test) : test.terms;
}

/** The variables of a term, each once. */
export function variablesOf(term: Term): readonly string[] {
  switch (term.type) {
    case 'variable':
      return [term.name];
    case 'count':
      return variablesOfPattern(term.pattern);
    case 'start':
      return variablesOf(term.term);
    case 'sum':
      return [...new Set([...variablesOf(term.left), ...variablesOf(term.right)])];
    case 'call':
      return [...new Set(term.args.flatMap(variablesOf))];
    default:
      return [];
  }
}

export function variablesOfPattern(pattern: Pattern): readonly string[] {
  return Object.values(pattern.fields).flatMap((match) => (match.type === 'variable' ? [match.name] : []));
}
