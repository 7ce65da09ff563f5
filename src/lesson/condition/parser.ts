/**
 * The condition language of lessons, from text to {@link Condition}. From loose to tight: `or`, `and`,
 * `then`, then atoms; `hold` takes all that follows it in its chain of `and`s.
 *
 * ```
 * condition := chain ('or' chain)*
 * chain     := sequence ('and' sequence)*      sequence := ['hold' | atom] ('then' atom ['within' time])*
 * atom      := '(' condition ')' | 'never' atom ['before' atom | 'after' atom | 'within' time]
 *            | event ['within' time ['of' atom]] | test ['for' time] | 'answered(' word ')' | 'inspect(' event ')'
 * event     := name ['{' [field ':'] value, … '}']
 * test      := ['not'] term (= != < <= > >= in term)* | term 'unchanged'
 * term      := name ['(' term, … ')'] ['.' field] | 'count(' event ')' | '{' word, … '}' | literal | term (+ -) term
 * time      := number ('ms' | 's')
 * ```
 * A single small letter that names no client is a variable: it stands for the same thing in all atoms.
 */
import { ANY, EVENTS, NOT_YET, WORDS, type FieldType } from './names.ts';
import { FUNCTIONS, type ArgumentType } from './functions.ts';
import { ConditionError, tokenize, type Token } from './lexer.ts';
import { atomsOf, termsOf, variablesOf, variablesOfPattern } from './syntax.ts';
import type { Comparison, Condition, Match, Pattern, Term, Test } from './syntax.ts';

/** Who there is in the lesson. */
export interface Names {
  readonly servers: ReadonlySet<string>;
  readonly clients: ReadonlySet<string>;
  /** Questions that can be answered. */
  readonly questions: ReadonlySet<string>;
}

export type Parsed =
  { readonly ok: true; readonly condition: Condition } | { readonly ok: false; readonly reason: string };

const COMPARISONS: ReadonlySet<string> = new Set<Comparison>(['=', '!=', '<', '<=', '>', '>=', 'in']);
const LITERAL_WORDS: ReadonlySet<string> = new Set(Object.values(WORDS).flat());
const VARIABLE = /^[a-z]$/;

/** Characters: what nests deeper than so many parentheses could overflow the stack. */
const LENGTH_MAX = 1000;

/** Refuses with one sentence that names the place. */
export function parseCondition(source: string, names: Names): Parsed {
  if (source.length > LENGTH_MAX) {
    return { ok: false, reason: `a condition has at most ${LENGTH_MAX} characters, this one ${source.length}` };
  }
  try {
    const parser = new Parser(tokenize(source), names);
    const condition = parser.whole();
    checkVariables(condition);
    return { ok: true, condition };
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    return { ok: false, reason: `${error.message} (character ${error.at + 1} of: ${source})` };
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #names: Names;
  #place = 0;

  constructor(tokens: readonly Token[], names: Names) {
    this.#tokens = tokens;
    this.#names = names;
  }

  whole(): Condition {
    const condition = this.#condition();
    if (this.#here.type !== 'end') this.#refuse(`"${this.#here.text}" is too much here`);
    return condition;
  }

  // ---- conditions

  #condition(): Condition {
    const parts = [this.#chain()];
    while (this.#take('or')) parts.push(this.#chain());
    return one('or', parts);
  }

  #chain(): Condition {
    const parts: Condition[] = [];
    do {
      if (this.#take('hold')) {
        parts.push({ type: 'hold', condition: this.#chain() });
        break;
      }
      parts.push(this.#sequence());
    } while (this.#take('and'));
    return one('and', parts);
  }

  #sequence(): Condition {
    const first = this.#atom();
    if (!this.#at('then')) return first;
    const parts: { condition: Condition; within: number | null }[] = [{ condition: first, within: null }];
    while (this.#take('then')) {
      const condition = this.#atom();
      // `b within t` after `then` is counted from what stands before it.
      if (condition.type === 'within') parts.push({ condition: condition.condition, within: condition.ms });
      else parts.push({ condition, within: null });
    }
    return { type: 'then', parts };
  }

  #atom(): Condition {
    const { from } = this.#here;
    if (this.#take('(')) {
      const condition = this.#condition();
      this.#expect(')');
      return condition;
    }
    if (this.#take('never')) return this.#never(from);
    if (this.#at('answered')) {
      this.#advance();
      return { type: 'answered', question: this.#question(), from, to: this.#end };
    }
    if (this.#at('inspect')) {
      this.#advance();
      this.#expect('(');
      const pattern = this.#pattern();
      this.#expect(')');
      return { type: 'inspect', pattern, from, to: this.#end };
    }
    const condition: Condition = this.#atEvent()
      ? { type: 'event', pattern: this.#pattern(), from, to: this.#end }
      : this.#state(from);
    if (!this.#take('within')) return condition;
    const ms = this.#time();
    if (!this.#take('of')) return { type: 'within', condition, ms };
    const earlier = this.#atom();
    return {
      type: 'then',
      parts: [
        { condition: earlier, within: null },
        { condition, within: ms },
      ],
    };
  }

  #never(from: number): Condition {
    const condition = this.#atomWithoutWithin();
    let before: Condition | null = null;
    let within: number | null = null;
    let what = condition;
    if (this.#take('before')) before = this.#atomWithoutWithin();
    else if (this.#take('within')) within = this.#time();
    else if (this.#take('after')) {
      const earlier = this.#atomWithoutWithin();
      what = { type: 'then', parts: [earlier, condition].map((part) => ({ condition: part, within: null })) };
    }
    return { type: 'never', condition: what, before, within, from, to: this.#end };
  }

  #atomWithoutWithin(): Condition {
    const { from } = this.#here;
    if (this.#at('(')) return this.#atom();
    if (this.#atEvent()) return { type: 'event', pattern: this.#pattern(), from, to: this.#end };
    return this.#state(from);
  }

  #state(from: number): Condition {
    const test = this.#test();
    const forMs = this.#take('for') ? this.#time() : 0;
    return { type: 'state', test, forMs, from, to: this.#end };
  }

  #question(): string {
    this.#expect('(');
    const { text } = this.#here;
    if (!this.#names.questions.has(text)) this.#refuse(`there is no question "${text}"`);
    this.#advance();
    this.#expect(')');
    return text;
  }

  // ---- tests and terms

  #test(): Test {
    if (this.#take('not')) {
      if (this.#atEvent()) this.#refuse('"not" takes a state; of an event say "never"');
      return { type: 'not', test: this.#test() };
    }
    const { from } = this.#here;
    const terms = [this.#sum()];
    if (this.#take('unchanged')) {
      const [term] = terms;
      if (term) return { type: 'compare', terms: [term, { type: 'start', term }], ops: ['='] };
    }
    const ops: Comparison[] = [];
    while (COMPARISONS.has(this.#here.text) && this.#here.type !== 'text') {
      // The set holds nothing else.
      ops.push(this.#advance().text as Comparison);
      terms.push(this.#sum());
    }
    const [only] = terms;
    if (ops.length === 0 && !(only?.type === 'call' && FUNCTIONS[only.name]?.test)) {
      throw new ConditionError('this is neither an event nor a comparison', from);
    }
    return { type: 'compare', terms, ops };
  }

  #sum(): Term {
    let left = this.#term();
    while (this.#at('+') || this.#at('-')) {
      const sign = this.#advance().text === '+' ? 1 : -1;
      left = { type: 'sum', sign, left, right: this.#term() };
    }
    return left;
  }

  #term(): Term {
    const token = this.#here;
    switch (token.type) {
      case 'text':
      case 'path':
        this.#advance();
        return { type: 'literal', value: token.text };
      case 'number':
        this.#advance();
        return { type: 'literal', value: Number(token.text) };
      case 'sign':
        if (token.text === '{') return this.#set();
        return this.#refuse(`"${token.text}" begins no value`);
      case 'end':
        return this.#refuse('the condition ends too early');
      case 'word':
        return this.#wordTerm(token);
    }
  }

  #wordTerm(token: Token): Term {
    this.#advance();
    const { text } = token;
    const calls = this.#at('(');
    if (text === 'count' && calls) {
      this.#expect('(');
      const pattern = this.#pattern();
      this.#expect(')');
      return { type: 'count', pattern };
    }
    if (text === 'start' && calls) {
      this.#expect('(');
      const term = this.#sum();
      this.#expect(')');
      return { type: 'start', term };
    }
    if (Object.hasOwn(FUNCTIONS, text)) return this.#call(token);
    if (text === 'null') return { type: 'literal', value: null };
    if (text === 'true' || text === 'false') return { type: 'literal', value: text === 'true' };
    const { servers, clients } = this.#names;
    if (servers.has(text) || clients.has(text) || LITERAL_WORDS.has(text)) return { type: 'literal', value: text };
    if (VARIABLE.test(text)) return { type: 'variable', name: text };
    return this.#unknown(token);
  }

  #call(token: Token): Term {
    const args: { term: Term; at: number }[] = [];
    if (this.#take('(')) {
      do {
        const at = this.#here.from;
        args.push({ term: this.#sum(), at });
      } while (this.#take(','));
      this.#expect(')');
    }
    const spec = FUNCTIONS[token.text];
    if (!spec) return this.#unknown(token);
    const ways = spec.takes.filter((takes) => takes.length === args.length);
    if (ways.length === 0) throw new ConditionError(`${token.text} does not take ${args.length} values`, token.from);
    if (!ways.some((takes) => takes.every((type, i) => this.#fits(args[i]?.term, type)))) {
      const [takes = []] = ways;
      const wrong = takes.findIndex((type, i) => !this.#fits(args[i]?.term, type));
      throw new ConditionError(`${token.text} takes a ${takes[wrong] ?? 'value'} here`, args[wrong]?.at ?? token.from);
    }
    let field: string | null = null;
    if (this.#take('.')) {
      field = this.#here.text;
      if (!spec.fields?.includes(field)) this.#refuse(`${token.text} has no field "${field}"`);
      this.#advance();
    }
    return { type: 'call', name: token.text, args: args.map(({ term }) => term), field };
  }

  #fits(term: Term | undefined, type: ArgumentType): boolean {
    if (term?.type === 'variable') return type !== 'path' && type !== 'property';
    // `role(leader)`, `node(at(A),/x)`
    if (term?.type === 'call') return type !== 'path' && type !== 'property';
    if (term?.type === 'set') return type === 'any';
    if (term?.type !== 'literal' || typeof term.value !== 'string') return false;
    switch (type) {
      case 'server':
        return this.#names.servers.has(term.value);
      case 'client':
        return this.#names.clients.has(term.value);
      case 'path':
        return term.value.startsWith('/');
      case 'property':
        return (WORDS.property as readonly string[]).includes(term.value);
      case 'zxid':
        return false;
      case 'any':
        return true;
    }
  }

  #set(): Term {
    this.#expect('{');
    const items: string[] = [];
    if (!this.#at('}')) {
      do {
        if (this.#here.type === 'sign' || this.#here.type === 'end') this.#refuse('a set holds words');
        items.push(this.#advance().text);
      } while (this.#take(','));
    }
    this.#expect('}');
    return { type: 'set', items: items.sort() };
  }

  // ---- events

  #atEvent(): boolean {
    const { type, text } = this.#here;
    if (type !== 'word') return false;
    if (this.#tokens[this.#place + 1]?.text === '(') return false;
    if (Object.hasOwn(NOT_YET, text) && this.#tokens[this.#place + 1]?.text === '{') this.#unknown(this.#here);
    return Object.hasOwn(EVENTS, text);
  }

  #pattern(): Pattern {
    const token = this.#advance();
    const spec = Object.hasOwn(EVENTS, token.text) ? EVENTS[token.text] : undefined;
    if (token.type !== 'word' || !spec) return this.#unknown(token);
    const fields: Record<string, Match> = {};
    const skipped = new Set<string>();
    if (this.#take('{')) {
      while (!this.#at('}')) {
        this.#field(token.text, spec.fields, fields, skipped);
        if (!this.#take(',')) break;
      }
      this.#expect('}');
    }
    return { name: token.text, fields };
  }

  #field(
    event: string,
    types: Readonly<Record<string, FieldType>>,
    fields: Record<string, Match>,
    skipped: Set<string>,
  ): void {
    const token = this.#advance();
    const named = this.#at(':') && token.type === 'word';
    if (named) {
      this.#expect(':');
      const type = Object.hasOwn(types, token.text) ? types[token.text] : undefined;
      if (!type) throw new ConditionError(`${event} has no field "${token.text}"`, token.from);
      if (Object.hasOwn(fields, token.text)) throw new ConditionError(`"${token.text}" is given twice`, token.from);
      const value = this.#advance();
      const match = this.#match(value, type);
      if (!match) throw new ConditionError(`"${value.text}" is not ${ARTICLES[type]}`, value.from);
      fields[token.text] = match;
      return;
    }
    for (const [field, type] of Object.entries(types)) {
      if (Object.hasOwn(fields, field) || skipped.has(field)) continue;
      if (token.text === '*' && token.type === 'sign') {
        skipped.add(field);
        return;
      }
      // A bare word is data only where the field is named: else every misspelt word would be.
      const match = type === 'text' && token.type !== 'text' ? null : this.#match(token, type);
      if (!match) continue;
      fields[field] = match;
      return;
    }
    if (token.type === 'word' && !LITERAL_WORDS.has(token.text)) this.#unknown(token);
    throw new ConditionError(`"${token.text}" is no field of ${event}`, token.from);
  }

  /** The value of a field, or null if `token` cannot be one of its type. */
  #match(token: Token, type: FieldType): Match | null {
    const { text } = token;
    const value = (of: string | number): Match => ({ type: 'value', value: of });
    const { servers, clients } = this.#names;
    switch (type) {
      case 'server': {
        const name = token.type === 'number' ? `s${text}` : text;
        if ((token.type === 'word' || token.type === 'number') && servers.has(name)) return value(name);
        break;
      }
      case 'client':
        if (token.type === 'word' && clients.has(text)) return value(text);
        break;
      case 'path':
        return token.type === 'path' ? value(text) : null;
      case 'text':
        return token.type === 'text' || token.type === 'word' ? value(text) : null;
      case 'number':
        if (token.type === 'number') return value(Number(text));
        break;
      case 'zxid':
        break;
      case 'command':
      case 'result':
      case 'event type':
      case 'mode':
      case 'transaction':
        return token.type === 'word' && (WORDS[type] as readonly string[]).includes(text) ? value(text) : null;
      case 'reason':
        if (token.type === 'text' || (WORDS.reason as readonly string[]).includes(text)) return value(text);
        return null;
    }
    return token.type === 'word' && VARIABLE.test(text) && !clients.has(text) ? { type: 'variable', name: text } : null;
  }

  // ---- tokens

  #time(): number {
    const token = this.#advance();
    if (token.type !== 'number') throw new ConditionError('a time is a number with ms or s', token.from);
    const unit = this.#advance();
    if (unit.text !== 'ms' && unit.text !== 's') throw new ConditionError('a time ends in ms or s', unit.from);
    return Number(token.text) * (unit.text === 's' ? 1000 : 1);
  }

  get #here(): Token {
    const token = this.#tokens[this.#place];
    if (!token) throw new ConditionError('the condition ends too early', 0);
    return token;
  }

  /** Where the token before this one ends. */
  get #end(): number {
    return this.#tokens[this.#place - 1]?.to ?? 0;
  }

  #at(text: string): boolean {
    return this.#here.text === text && this.#here.type !== 'text';
  }

  #take(text: string): boolean {
    if (!this.#at(text)) return false;
    this.#place++;
    return true;
  }

  #advance(): Token {
    const token = this.#here;
    if (token.type === 'end') this.#refuse('the condition ends too early');
    this.#place++;
    return token;
  }

  #expect(text: string): void {
    if (!this.#take(text)) {
      const { text: found, type } = this.#here;
      this.#refuse(`"${text}" is missing here${type === 'end' ? '' : `, before "${found}"`}`);
    }
  }

  #unknown(token: Token): never {
    const reason = Object.hasOwn(NOT_YET, token.text) ? NOT_YET[token.text] : undefined;
    throw new ConditionError(
      reason === undefined ? `there is no "${token.text}" here` : `"${token.text}": ${reason}`,
      token.from,
    );
  }

  #refuse(message: string): never {
    throw new ConditionError(message, this.#here.from);
  }
}

const ARTICLES: Readonly<Record<FieldType, string>> = { ...ANY, number: 'a number', mode: 'a mode', text: 'data' };

function one(type: 'and' | 'or', parts: readonly Condition[]): Condition {
  const [first] = parts;
  return parts.length === 1 && first ? first : { type, parts };
}

/** A variable in a test must get its value from an event. */
function checkVariables(condition: Condition): void {
  const bound = new Set<string>();
  const used: { name: string; at: number }[] = [];
  const visit = (part: Condition): void => {
    for (const atom of atomsOf(part)) {
      if (atom.type === 'event' || atom.type === 'inspect') {
        for (const name of variablesOfPattern(atom.pattern)) bound.add(name);
      } else if (atom.type === 'state') {
        for (const term of termsOf(atom.test)) {
          // A counted pattern may leave its variables open.
          if (term.type !== 'count') used.push(...variablesOf(term).map((name) => ({ name, at: atom.from })));
        }
      } else if (atom.type === 'never') {
        visit(atom.condition);
        if (atom.before) visit(atom.before);
      }
    }
  };
  visit(condition);
  const loose = used.find(({ name }) => !bound.has(name));
  if (loose) throw new ConditionError(`there is no "${loose.name}" here`, loose.at);
}
