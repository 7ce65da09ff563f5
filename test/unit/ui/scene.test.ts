import { describe, expect, test } from 'vitest';
import { sid } from '../../../src/protocol/ids.ts';
import { makeZxid, type Zxid } from '../../../src/protocol/zxid.ts';
import type { ServerView } from '../../../src/trace/index.ts';
import { gatesOf, notesOf, type LinkScene } from '../../../src/ui/stage/links.ts';
import { ackRing, ringWords } from '../../../src/ui/stage/ack-ring.ts';
import type { ServerScene } from '../../../src/ui/stage/scene.ts';
import { pageTitle } from '../../../src/ui/shell/status.ts';

const config = (sids: readonly number[], version: Zxid, text = '') => ({
  version,
  text,
  members: sids.map((id) => ({ sid: sid(id), role: 'participant' as const })),
});
const z = (counter: number) => makeZxid(1, counter);
const FIVE = config([1, 2, 3, 4, 5], z(0));
const leader = (more: object) =>
  ({
    serverState: 'LEADING',
    handshake: null,
    outstanding: new Map(),
    lastQuorum: null,
    config: { committed: FIVE, lastSeen: FIVE, since: 0 },
    ...more,
  }) as unknown as ServerView;

test('the ring of a leader shows the proposal that waits for its quorum', () => {
  const outstanding = new Map([
    [z(7), { acks: [sid(3), sid(1)], need: 3, event: 1 }],
    [z(8), { acks: [sid(3)], need: 3, event: 2 }],
  ]);
  const expected = { voters: 5, acks: [3, 1], need: 3, full: false, grouped: false, next: null };
  expect(ackRing(leader({ outstanding }), 0)).toEqual({ ...expected, what: '…07', resting: false });
});

test('the ring shows the quorum of the last commit until the next proposal, and rests after a while', () => {
  const lastQuorum = { zxid: z(7), acks: [sid(3), sid(1), sid(2)], need: 3, voters: 5, at: 1000 };
  expect(ackRing(leader({ lastQuorum }), 1010)).toMatchObject({ acks: [3, 1, 2], full: true, resting: false });
  expect(ackRing(leader({ lastQuorum }), 2000)).toMatchObject({ acks: [3, 1, 2], full: true, resting: true });
  expect(ackRing({ ...leader({ lastQuorum }), serverState: 'FOLLOWING' }, 1010)).toBeNull();
});

describe('while a reconfiguration is open', () => {
  const next = { version: z(7), members: [sid(1), sid(2)], acks: [sid(1)], need: 2 };
  test('there is a ring for the old and one for the new configuration, and words for both', () => {
    const outstanding = new Map([[z(7), { acks: [sid(3), sid(4), sid(1)], need: 3, next, event: 1 }]]);
    const ring = ackRing(leader({ outstanding }), 0);
    expect(ring).toMatchObject({ full: true, next: { voters: 2, acks: [1], need: 2, full: false } });
    expect(ring && ringWords(ring)).toBe(
      '…07 acknowledged in the old configuration by s3 s4 s1, a quorum; in the new one by s1, 2 are needed',
    );
    const [note] = notesOf([], [{ ring, x: 0, y: 0 } as unknown as ServerScene], 40);
    expect(note?.text).toBe('…07 old 3/3 ✓, new 1/2');
  });
  test('after it the new configuration rules alone', () => {
    const lastQuorum = { zxid: z(7), acks: [sid(3)], need: 3, next, voters: 5, at: 1000 };
    expect(ackRing(leader({ lastQuorum }), 1010)).toMatchObject({ voters: 5, next: { voters: 2, full: true } });
    expect(ackRing(leader({ lastQuorum }), 2000)).toMatchObject({ voters: 2, next: null, full: true });
  });
});

test('where groups decide, a count of acknowledgements makes no quorum', () => {
  const grouped = config([1, 2, 3], z(0), 'server.1=\ngroup.1=1:2:3\nversion=100000000');
  const outstanding = new Map([[z(7), { acks: [sid(3), sid(1)], need: 2, event: 1 }]]);
  const ring = ackRing(leader({ outstanding, config: { committed: grouped, lastSeen: grouped, since: 0 } }), 0);
  expect(ring).toMatchObject({ full: false, grouped: true });
  const [note] = notesOf([], [{ ring, x: 0, y: 0 } as unknown as ServerScene], 40);
  expect(note?.text).toBe('…07 2 acks');
});

const link = (more: Partial<LinkScene>): LinkScene => ({
  a: 's1' as never,
  b: 's2' as never,
  segment: { from: { x: 0, y: 0 }, to: { x: 100, y: 0 } },
  carries: 'quorum',
  cutForth: false,
  cutBack: false,
  heldForth: null,
  heldBack: null,
  slow: null,
  says: '',
  ...more,
});

test('packets are held near their sender, each way at its own end', () => {
  const [forth, back] = gatesOf(link({ heldForth: 'ACK', heldBack: 'PROPOSAL' }));
  expect(forth?.what).toBe('ACK');
  expect(forth?.at.x).toBeLessThan(50);
  expect(back?.what).toBe('PROPOSAL');
  expect(back?.at.x).toBeGreaterThan(50);
});

test('a cut link does not tell how slow it would be', () => {
  expect(notesOf([link({ slow: '300–500 ms' })], [], 40)).toHaveLength(1);
  expect(notesOf([link({ slow: '300–500 ms', cutBack: true })], [], 40)).toHaveLength(0);
});

test('a complete quorum is ticked, and late acknowledgements count no further', () => {
  const quorum = { voters: 5, acks: [1, 2, 3, 4].map(sid), need: 3, full: true, grouped: false };
  const ring = { ...quorum, next: null, what: '…07', resting: false };
  const [note] = notesOf([], [{ ring, x: 0, y: 0 } as unknown as ServerScene], 40);
  expect(note?.text).toBe('…07 3/3 ✓');
});

test('the title of the page says who leads', () => {
  const servers = (more: object) => new Map([[sid(5), { sid: sid(5), currentEpoch: 2, ...more } as ServerView]]);
  expect(pageTitle({ servers: new Map() })).toBe('Zabscope');
  expect(pageTitle({ servers: servers({ state: 'LEADING', zabState: 'BROADCAST' }) })).toBe(
    's5 leads epoch 2 · Zabscope',
  );
  expect(pageTitle({ servers: servers({ state: 'LOOKING', zabState: 'ELECTION' }) })).toBe('no leader · Zabscope');
});
