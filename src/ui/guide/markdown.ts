/**
 * Lesson text as data. Markdown is read by marked's lexer; its tokens become the few blocks and inlines that a lesson needs, and
 * components draw those. Text stays text: raw HTML in a lesson is shown as it is written, links as their words.
 */
import type { Token, Tokens } from 'marked';

export type Inline =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'strong'; readonly children: readonly Inline[] }
  | { readonly type: 'em'; readonly children: readonly Inline[] }
  /** A word of the glossary; `entry` is its key. */
  | { readonly type: 'term'; readonly text: string; readonly entry: string }
  | { readonly type: 'break' };

export type Block =
  | { readonly type: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly type: 'heading'; readonly children: readonly Inline[] }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Block[])[] }
  | { readonly type: 'quote'; readonly children: readonly Block[] };

/** The blocks of marked's tokens. What is no block of a lesson (tables, rules) is left out. */
export function toBlocks(tokens: readonly Token[]): Block[] {
  const blocks: Block[] = [];
  for (const token of tokens) {
    switch (token.type) {
      case 'paragraph':
      case 'heading':
      case 'text':
        blocks.push({ type: token.type === 'heading' ? 'heading' : 'paragraph', children: inlinesOf(token) });
        break;
      case 'code':
        blocks.push({ type: 'code', text: (token as Tokens.Code).text });
        break;
      case 'list': {
        const list = token as Tokens.List;
        blocks.push({ type: 'list', ordered: list.ordered, items: list.items.map((item) => toBlocks(item.tokens)) });
        break;
      }
      case 'blockquote':
        blocks.push({ type: 'quote', children: toBlocks((token as Tokens.Blockquote).tokens) });
        break;
      case 'html':
        blocks.push({ type: 'paragraph', children: [{ type: 'text', text: token.raw.trim() }] });
        break;
      default:
    }
  }
  return blocks;
}

/** The inlines of marked's inline tokens. */
export function toInlineList(tokens: readonly Token[]): readonly Inline[] {
  return tokens.flatMap(toInlines);
}

function inlinesOf(token: Token): Inline[] {
  const inner = 'tokens' in token ? token.tokens : undefined;
  return inner === undefined ? [{ type: 'text', text: textOf(token) }] : inner.flatMap(toInlines);
}

function toInlines(token: Token): readonly Inline[] {
  switch (token.type) {
    case 'codespan':
      return [{ type: 'code', text: textOf(token) }];
    case 'strong':
    case 'em':
      return [{ type: token.type, children: inlinesOf(token) }];
    case 'link':
    case 'del':
      return inlinesOf(token);
    case 'br':
      return [{ type: 'break' }];
    case 'html':
      return [{ type: 'text', text: token.raw }];
    default:
      return 'tokens' in token && token.tokens ? inlinesOf(token) : [{ type: 'text', text: textOf(token) }];
  }
}

function textOf(token: Token): string {
  return 'text' in token && typeof token.text === 'string' ? token.text : token.raw;
}

/**
 * Marks words of a glossary, each where it stands first. `entries` maps a word as written in text, in lower case, to its key;
 * longer words win.
 */
export function markTerms(blocks: readonly Block[], entries: ReadonlyMap<string, string>): readonly Block[] {
  if (entries.size === 0) return blocks;
  const seen = new Set<string>();
  const words = [...entries.keys()].sort((a, b) => b.length - a.length).map(escapeForPattern);
  const pattern = new RegExp(`(?<![\\w/-])(${words.join('|')})(?![\\w/-])`, 'gi');
  const inText = (text: string): Inline[] => {
    const parts: Inline[] = [];
    let done = 0;
    for (const match of text.matchAll(pattern)) {
      const entry = entries.get(match[0].toLowerCase());
      if (entry === undefined || seen.has(entry)) continue;
      seen.add(entry);
      if (match.index > done) parts.push({ type: 'text', text: text.slice(done, match.index) });
      parts.push({ type: 'term', text: match[0], entry });
      done = match.index + match[0].length;
    }
    if (done < text.length) parts.push({ type: 'text', text: text.slice(done) });
    return parts;
  };
  const inInline = (inline: Inline): Inline[] => {
    if (inline.type === 'text') return inText(inline.text);
    return 'children' in inline ? [{ ...inline, children: inline.children.flatMap(inInline) }] : [inline];
  };
  const inBlock = (block: Block): Block => {
    switch (block.type) {
      case 'paragraph':
        return { ...block, children: block.children.flatMap(inInline) };
      case 'list':
        return { ...block, items: block.items.map((item) => item.map(inBlock)) };
      case 'quote':
        return { ...block, children: block.children.map(inBlock) };
      case 'heading':
      case 'code':
        return block;
    }
  };
  return blocks.map(inBlock);
}

function escapeForPattern(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
