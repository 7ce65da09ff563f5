/** Atoms of a condition as sentences: what a learner still has to bring about. A lesson's text may say it better. */
import { unreachable } from '../../protocol/assert.ts';
import { FUNCTIONS } from './functions.ts';
import { ANY, EVENTS } from './names.ts';
import type { Atom, Comparison, Condition, Pattern, Term, Test } from './syntax.ts';

/** Without a full stop. */
export function sentenceOf(atom: Atom): string {
  switch (atom.type) {
    case 'event':
      return describePattern(atom.pattern);
    case 'state':
      return describeTest(atom.test) + (atom.forMs > 0 ? ` for ${seconds(atom.forMs)}` : '');
    case 'never': {
      const until = atom.before ? `, before ${describeCondition(atom.before)}` : '';
      const within = atom.within === null ? '' : `, for ${seconds(atom.within)}`;
      return `not: ${describeCondition(atom.condition)}${until}${within}`;
    }
    case 'answered':
      return 'you answer the question rightly';
    case 'inspect':
      return `you look at the event: ${describePattern(atom.pattern)}`;
    default:
      return unreachable(atom);
  }
}

function describeCondition(condition: Condition): string {
  switch (condition.type) {
    case 'and':
    case 'or':
      return condition.parts.map(describeCondition).join(` ${condition.type} `);
    case 'then':
      return condition.parts.map((part) => describeCondition(part.condition)).join(', then ');
    case 'within':
      return `${describeCondition(condition.condition)} within ${seconds(condition.ms)}`;
    case 'hold':
      return describeCondition(condition.condition);
    default:
      return sentenceOf(condition);
  }
}

/** `op{A,create,/app,OK}`: "A gets OK for create /app" */
export function describePattern(pattern: Pattern): string {
  const spec = EVENTS[pattern.name];
  if (!spec) return pattern.name;
  const given = (field: string): string | null => {
    const match = pattern.fields[field];
    if (match?.type !== 'value') return null;
    return spec.fields[field] === 'text' ? `"${String(match.value)}"` : String(match.value);
  };
  return spec.says
    .replace(/\[([^\]]*)\]/g, (_, part: string) => {
      const field = /\{(\w+)\}/.exec(part)?.[1];
      return field !== undefined && given(field) !== null ? part : '';
    })
    .replace(/\{(\w+)\}/g, (_, field: string) => given(field) ?? ANY[spec.fields[field] ?? 'text']);
}

const VERBS: Readonly<Record<Comparison, string>> = {
  '=': 'is',
  '!=': 'is not',
  '<': 'is less than',
  '<=': 'is at most',
  '>': 'is more than',
  '>=': 'is at least',
  in: 'is one of',
};

const TIMES: Readonly<Record<Comparison, string>> = {
  '=': 'exactly',
  '!=': 'any but',
  '<': 'less than',
  '<=': 'at most',
  '>': 'more than',
  '>=': 'at least',
  in: 'one of',
};

function describeTest(test: Test): string {
  if (test.type === 'not') return `it is not so that ${describeTest(test.test)}`;
  const { terms, ops } = test;
  const [first, second] = terms;
  if (first && ops.length === 0) return describeTerm(first);
  // "there is no leader", "/app is gone"
  if (first?.type === 'call' && ops.length === 1 && second?.type === 'literal' && second.value === null) {
    return describeAbsence(first, ops[0] === '!=');
  }
  if (first?.type === 'count' && ops[0] !== undefined && second?.type === 'literal' && terms.length === 2) {
    return `${describePattern(first.pattern)}, ${TIMES[ops[0]]} ${String(second.value)} times`;
  }
  if (second?.type === 'start') return `${first ? describeTerm(first) : ''} is still the same`;
  return terms.map((term, i) => (i === 0 ? '' : `${VERBS[ops[i - 1] ?? '=']} `) + describeTerm(term)).join(' ');
}

function describeAbsence(term: Extract<Term, { type: 'call' }>, present: boolean): string {
  if (term.name === 'leader') return present ? 'there is a leader' : 'there is no leader';
  return `${describeTerm(term)} ${present ? 'exists' : 'does not exist'}`;
}

function describeTerm(term: Term): string {
  switch (term.type) {
    case 'literal':
      return typeof term.value === 'string' && !/^[A-Z/]|^s\d+$/.test(term.value)
        ? `"${term.value}"`
        : String(term.value);
    case 'variable':
      return term.name === 'z' ? 'that zxid' : term.name;
    case 'set':
      return term.items.length === 0 ? 'nothing' : term.items.join(', ');
    case 'count':
      return `how often ${describePattern(term.pattern)}`;
    case 'start':
      return `${describeTerm(term.term)} at the start`;
    case 'sum':
      return `${describeTerm(term.left)} ${term.sign === 1 ? 'plus' : 'minus'} ${describeTerm(term.right)}`;
    case 'call':
      return describeCall(term);
    default:
      return unreachable(term);
  }
}

const FIELDS: Readonly<Record<string, string>> = {
  data: 'the data of',
  version: 'the version of',
  owner: 'the owner of',
  children: 'the set of children of',
  czxid: 'the czxid of',
  mzxid: 'the mzxid of',
};

function describeCall({ name, args, field }: Extract<Term, { type: 'call' }>): string {
  const words = args.map(describeTerm);
  if (name === 'node') {
    const [first = '', second] = words;
    const where = second === undefined ? first : `${second} on ${first}`;
    return field === null ? where : `${FIELDS[field] ?? field} ${where}`;
  }
  return (FUNCTIONS[name]?.says ?? name)
    .replace(/\[([^\]]*)\]/g, (_, part: string) => (words.length > 0 ? part : ''))
    .replace(/\{(\d)\}/g, (_, i: string) => words[Number(i)] ?? '');
}

function seconds(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}
