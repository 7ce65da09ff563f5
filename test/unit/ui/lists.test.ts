import { describe, expect, it } from 'vitest';
import type { TraceEvent, TraceZnode } from '../../../src/protocol/events.ts';
import type { ActorName } from '../../../src/protocol/ids.ts';
import { DEFAULT_FILTER, FilteredEvents, groupOf, passes } from '../../../src/ui/dock/event-filter.ts';
import { EMPTY_HISTORY, remember, walk } from '../../../src/ui/dock/history.ts';
import { lastAtMost, scrollTo, windowOf } from '../../../src/ui/dock/rows.ts';
import { dataText, moveInTree, znodeRows } from '../../../src/ui/inspector/znode-rows.ts';

const event = (body: Record<string, unknown>) =>
  ({ id: 0, t: 0, actor: 's1', causes: [], ...body }) as unknown as TraceEvent;
const none = () => undefined;
const words = () => 'server 1 votes for 3';

describe('the list of rows in sight', () => {
  it('holds what is seen and a few more', () => {
    expect(windowOf(100_000, 24, 24_000, 240)).toEqual({ first: 994, end: 1016, offset: 994 * 24, height: 2_400_000 });
    expect(windowOf(3, 24, 0, 240)).toMatchObject({ first: 0, end: 3 });
    expect(windowOf(0, 24, 500, 240)).toMatchObject({ first: 0, end: 0 });
  });
  it('scrolls only as far as it must', () => {
    expect(scrollTo(5, 10, 0, 100)).toBe(0);
    expect(scrollTo(15, 10, 0, 100)).toBe(60);
    expect(scrollTo(2, 10, 50, 100)).toBe(20);
  });
  it('finds the last row before an instant', () => {
    const values = [1, 3, 3, 7];
    const at = (limit: number) => lastAtMost(values.length, (i) => values[i]!, limit);
    expect([at(0), at(1), at(3), at(6), at(9)]).toEqual([-1, 0, 2, 2, 3]);
  });
});

describe('the filter of events', () => {
  it('keeps pings among the machines, where nobody looks', () => {
    expect(groupOf(event({ kind: 'send', packet: { type: 'PING' } }), none)).toBe('machines');
    expect(groupOf(event({ kind: 'send', packet: { type: 'Request', op: 'ping' } }), none)).toBe('machines');
    expect(groupOf(event({ kind: 'send', packet: { type: 'ACK' } }), none)).toBe('messages');
    const received = event({ kind: 'receive', type: 'Request', message: 7 });
    expect(groupOf(received, () => event({ kind: 'send', packet: { type: 'Request', op: 'ping' } }))).toBe('machines');
    expect(groupOf(received, () => event({ kind: 'send', packet: { type: 'Request', op: 'create' } }))).toBe(
      'messages',
    );
  });
  it('passes by actor, group and every word', () => {
    const vote = event({ kind: 'vote-changed' });
    expect(passes(vote, DEFAULT_FILTER, words, none)).toBe(true);
    expect(passes(vote, { ...DEFAULT_FILTER, text: ' Votes  3 ' }, words, none)).toBe(true);
    expect(passes(vote, { ...DEFAULT_FILTER, text: 'votes 9' }, words, none)).toBe(false);
    expect(passes(vote, { ...DEFAULT_FILTER, actor: 's2' as ActorName }, words, none)).toBe(false);
    expect(passes(vote, { ...DEFAULT_FILTER, groups: new Set(['watches']) }, words, none)).toBe(false);
  });
  it('reads a growing trace once', () => {
    const events = [event({ kind: 'vote-changed' }), event({ kind: 'fsync-done' })];
    const list = new FilteredEvents(DEFAULT_FILTER, words);
    const trace = {
      get length() {
        return events.length;
      },
      at: (id: number) => ({ ...events[id]!, id }) as TraceEvent,
    };
    expect(list.read(trace)).toBe(1);
    events.push(event({ kind: 'elected' }));
    expect(list.read(trace)).toBe(2);
    expect(list.ids).toEqual([0, 2]);
  });
});

describe('the history of a console', () => {
  const three = ['ls /', 'get /a', 'get /a'].reduce(remember, EMPTY_HISTORY);
  it('does not repeat a line', () => {
    expect(three.lines).toEqual(['ls /', 'get /a']);
    expect(remember(three, '  ').lines).toHaveLength(2);
  });
  it('walks back and comes home to the draft', () => {
    const up = walk(three, -1, 'cre')!;
    expect(up.line).toBe('get /a');
    const top = walk(up.history, -1, up.line)!;
    expect(top.line).toBe('ls /');
    expect(walk(top.history, -1, top.line)).toBeNull();
    const down = walk(walk(top.history, 1, '')!.history, 1, '')!;
    expect(down.line).toBe('cre');
    expect(walk(down.history, 1, 'cre')).toBeNull();
  });
});

describe('the rows of a znode tree', () => {
  const node = (data: string | null, version = 0) => ({ data, acl: [], stat: { version } }) as unknown as TraceZnode;
  const tree = new Map([
    ['/', node(null)],
    ['/b', node('x')],
    ['/a', node('y')],
    ['/a/k', node(null)],
  ]);
  const rowsOf = (closed: string[] = [], leader: typeof tree | null = null) => znodeRows(tree, leader, new Set(closed));

  it('come depth first, by name, without what is closed', () => {
    expect(rowsOf().map((row) => [row.path, row.depth])).toEqual([
      ['/', 0],
      ['/a', 1],
      ['/a/k', 2],
      ['/b', 1],
    ]);
    expect(rowsOf(['/a']).map((row) => row.path)).toEqual(['/', '/a', '/b']);
    expect(rowsOf()[3]).toMatchObject({ place: 2, of: 2 });
  });
  it('say what differs from the leader', () => {
    const leader = new Map(tree).set('/b', node('new')).set('/c', node(null)).set('/a', node('y', 4));
    leader.delete('/a/k');
    const differences = rowsOf([], leader).map((row) => [row.path, row.difference]);
    expect(differences).toEqual([
      ['/', 'same'],
      ['/a', 'stat'],
      ['/a/k', 'missing-there'],
      ['/b', 'data'],
      ['/c', 'missing-here'],
    ]);
  });
  it('are walked with the keys of a tree', () => {
    const rows = rowsOf();
    expect(moveInTree(rows, 1, 'ArrowRight')).toEqual({ go: 2 });
    expect(moveInTree(rowsOf(['/a']), 1, 'ArrowRight')).toEqual({ toggle: '/a' });
    expect(moveInTree(rows, 2, 'ArrowLeft')).toEqual({ go: 1 });
    expect(moveInTree(rows, 1, 'ArrowLeft')).toEqual({ toggle: '/a' });
    expect(moveInTree(rows, 3, 'ArrowDown')).toEqual({ go: 3 });
    expect(moveInTree(rows, 0, 'x')).toBeNull();
  });
  it('show null and bytes as what they are', () => {
    expect([dataText(null), dataText(''), dataText({ base64: '/w==' })]).toEqual(['null', '', 'base64 /w==']);
  });
});
