/** Words of the condition language. */

export interface Token {
  readonly type: 'word' | 'path' | 'text' | 'number' | 'sign' | 'end';
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** A refusal of a condition, with its place: from 0, in characters. */
export class ConditionError extends Error {
  override readonly name = 'ConditionError';
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** The mathematical signs of the curriculum and their ASCII forms. */
const ALIASES: Readonly<Record<string, string>> = {
  '∧': 'and',
  '∨': 'or',
  '¬': 'not',
  '≠': '!=',
  '≤': '<=',
  '≥': '>=',
  '∈': 'in',
  '·': '*',
};

const FORMS: readonly (readonly [Token['type'], RegExp])[] = [
  ['text', /^"([^"]*)"/],
  ['path', /^\/[^\s{}(),=<>≠≤≥∧∨¬∈":]*/],
  ['number', /^\d+(\.\d+)?/],
  ['word', /^[A-Za-z_][A-Za-z0-9_-]*/],
  ['sign', /^(!=|<=|>=|[={}(),:.<>+*-]|[∧∨¬≠≤≥∈·])/],
];

/** @throws ConditionError at a character that begins nothing. */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += /^\s*/.exec(source.slice(at))?.[0].length ?? 0;
    const rest = source.slice(at);
    if (rest === '') return [...tokens, { type: 'end', text: '', from: at, to: at }];
    const token = next(rest, at);
    tokens.push(token);
    at = token.to;
  }
}

function next(rest: string, at: number): Token {
  for (const [type, form] of FORMS) {
    const match = form.exec(rest);
    if (!match) continue;
    const to = at + match[0].length;
    const alias = ALIASES[match[0]];
    if (alias !== undefined) return { type: /^[a-z]/.test(alias) ? 'word' : 'sign', text: alias, from: at, to };
    return { type, text: type === 'text' ? (match[1] ?? '') : match[0], from: at, to };
  }
  throw new ConditionError(`"${rest[0] ?? ''}" begins nothing`, at);
}
