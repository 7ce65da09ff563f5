import { describe, expect, it } from 'vitest';
import { complete } from '../../../src/client/console/complete.ts';
import { applyCandidate, commonStart, pressTab, toneOf } from '../../../src/ui/dock/completion.ts';

const tab = (line: string, cursor = line.length) =>
  pressTab(line, complete(line, cursor, { paths: ['/', '/app', '/app/db', '/apple', '/z'], servers: [] }));

describe('the Tab key of the console', () => {
  it('moves on where nothing is typed or known, so that it is no trap', () => {
    expect(tab('')).toEqual({ type: 'leave' });
    expect(tab('   ')).toEqual({ type: 'leave' });
    expect(tab('get /nothing')).toEqual({ type: 'leave' });
  });
  it('writes the only candidate out', () => {
    expect(tab('get /z')).toEqual({ type: 'edit', edit: { line: 'get /z ', cursor: 7 } });
    expect(tab('dele')).toMatchObject({ type: 'choose', edit: { line: 'delete' } });
  });
  it('goes as far as all candidates agree, and offers the rest', () => {
    expect(tab('get /a')).toEqual({ type: 'choose', edit: { line: 'get /app', cursor: 8 } });
    expect(commonStart(['create', 'creator', 'cream'])).toBe('crea');
    expect(commonStart([])).toBe('');
  });
  it('keeps what is typed where a candidate needs quotes', () => {
    const completion = complete('get /a', 6, { paths: ['/a b', '/ac'], servers: [] });
    expect(pressTab('get /a', completion)).toEqual({ type: 'choose', edit: { line: 'get /a', cursor: 6 } });
    expect(completion.candidates).toEqual(['"/a b"', '/ac']);
  });
  it('leaves what stands behind the cursor alone', () => {
    expect(applyCandidate('ge /a x', { from: 0, to: 2, candidates: [] }, 'get')).toEqual({
      line: 'get /a x',
      cursor: 3,
    });
  });
});

describe('a line of output', () => {
  it('is marked as what it is', () => {
    expect(toneOf('input', 'Node does not exist: /a')).toBe('input');
    expect(toneOf('output', 'Node does not exist: /a')).toBe('error');
    expect(toneOf('output', 'KeeperErrorCode = ConnectionLoss for /a')).toBe('error');
    expect(toneOf('output', 'WATCHER::')).toBe('watch');
    expect(toneOf('output', 'WatchedEvent state:SyncConnected type:NodeDeleted path:/a zxid: 3')).toBe('watch');
    expect(toneOf('output', '[a, b]')).toBe('plain');
    expect(toneOf('output', '[zk: s1(CONNECTED) 0]')).toBe('plain');
  });
  it.each([
    'Command not found help',
    'Path must start with / character',
    'KeeperErrorCode = No such watcher for /a',
    'org.apache.commons.cli.UnrecognizedOptionException: Unrecognized option: -z',
    '-v argument must be an int value',
    '-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.',
    'x does not have the form scheme:id:perm',
    '/a has a child /a/b which has a quota',
    '/no does not exist.',
    'quota for /a does not exist.',
    'Error processing f: a page cannot read files, give the list with -members',
  ])('is an error: %s', (line) => {
    expect(toneOf('output', line)).toBe('error');
  });
});
