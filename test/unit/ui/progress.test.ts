import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readGlossary } from '../../../src/ui/guide/glossary.ts';
import { readProgress, withMark, writeProgress } from '../../../src/ui/guide/progress.ts';

describe('progress kept in the browser', () => {
  const some = withMark(withMark(readProgress(null), 'znode', 'create', 'done'), 'znode', 'tree', 'shown');

  it('comes back as it was', () => {
    expect(readProgress(writeProgress(some))).toEqual(some);
  });
  it('does not forget that a step was done by oneself', () => {
    expect(withMark(some, 'znode', 'create', 'shown').get('znode')?.get('create')).toBe('done');
    expect(withMark(some, 'znode', 'tree', 'done').get('znode')?.get('tree')).toBe('done');
  });
  it('is nothing where the text is nonsense', () => {
    for (const text of [
      '',
      '{',
      '[]',
      '{"znode":7}',
      '{"znode":{"create":"won"}}',
      '{"__proto__":{"a":"done"}}',
      'x'.repeat(200_000),
    ]) {
      expect(readProgress(text).size).toBe(0);
    }
    fc.assert(fc.property(fc.json(), (text) => void readProgress(text)));
  });
});

describe('the glossary', () => {
  it('knows a word by all its forms', () => {
    const glossary = readGlossary({
      zxid: { meaning: 'A `number`.' },
      Znode: { meaning: 'A thing.', forms: ['znodes'] },
      bad: 7,
    });
    expect([...glossary.keys()]).toEqual(['zxid', 'znode', 'znodes']);
    expect(glossary.get('zxid')).toEqual({ term: 'zxid', says: 'A number.' });
    expect(readGlossary(null).size).toBe(0);
  });
});
