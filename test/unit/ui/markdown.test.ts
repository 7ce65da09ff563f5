import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import { markTerms, toBlocks } from '../../../src/ui/guide/markdown.ts';

const blocks = (text: string) => toBlocks(marked.lexer(text));

describe('lesson text', () => {
  it('becomes blocks and inlines', () => {
    expect(blocks('Type `create /a` and **look** at *it*.')).toEqual([
      {
        type: 'paragraph',
        children: [
          { type: 'text', text: 'Type ' },
          { type: 'code', text: 'create /a' },
          { type: 'text', text: ' and ' },
          { type: 'strong', children: [{ type: 'text', text: 'look' }] },
          { type: 'text', text: ' at ' },
          { type: 'em', children: [{ type: 'text', text: 'it' }] },
          { type: 'text', text: '.' },
        ],
      },
    ]);
    expect(blocks('- one\n- two')).toMatchObject([{ type: 'list', ordered: false, items: [[{}], [{}]] }]);
    expect(blocks('```\nls /\n```')).toEqual([{ type: 'code', text: 'ls /' }]);
  });

  it('stays text: no element, no link, no attribute comes out of it', () => {
    const all = JSON.stringify(
      blocks('<img src=x onerror=alert(1)> [go](javascript:alert(1)) a <b>b</b>\n\n<script>x</script>'),
    );
    expect(all).not.toContain('href');
    expect(all).not.toContain('javascript:');
    expect(all).toContain('<script>x</script>');
    expect(new Set(all.match(/"type":"\w+"/g))).toEqual(new Set(['"type":"paragraph"', '"type":"text"']));
  });

  it('marks each word of the glossary once, whole words only, longest first', () => {
    const entries = new Map([
      ['zxid', 'zxid'],
      ['znode', 'znode'],
      ['ephemeral znode', 'ephemeral'],
    ]);
    const [paragraph] = markTerms(
      blocks('An ephemeral znode has a zxid, and `zxid` is not zxids. The zxid again.'),
      entries,
    );
    expect(paragraph).toMatchObject({
      children: [
        { type: 'text', text: 'An ' },
        { type: 'term', text: 'ephemeral znode', entry: 'ephemeral' },
        { type: 'text', text: ' has a ' },
        { type: 'term', text: 'zxid', entry: 'zxid' },
        { type: 'text', text: ', and ' },
        { type: 'code', text: 'zxid' },
        { type: 'text', text: ' is not zxids. The zxid again.' },
      ],
    });
  });
});
