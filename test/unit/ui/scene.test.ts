import { expect, test } from 'vitest';
import { sid } from '../../../src/protocol/ids.ts';
import { makeZxid } from '../../../src/protocol/zxid.ts';
import type { ServerView } from '../../../src/trace/index.ts';
import { gatesOf, notesOf, type LinkScene } from '../../../src/ui/stage/links.ts';
import { ackRing, type ServerScene } from '../../../src/ui/stage/scene.ts';
import { pageTitle } from '../../../src/ui/shell/status.ts';

const leader = (more: object) =>
  ({ serverState: 'LEADING', handshake: null, outstanding: new Map(), lastQuorum: null, ...more }) as ServerView;
const z = (counter: number) => makeZxid(1, counter);

test('the ring of a leader shows the proposal that waits for its quorum', () => {
  const outstanding = new Map([
    [z(7), { acks: [sid(3), sid(1)], need: 3, event: 1 }],
    [z(8), { acks: [sid(3)], need: 3, event: 2 }],
  ]);
  expect(ackRing(leader({ outstanding }), 5, 0)).toEqual({
    voters: 5,
    acks: [3, 1],
    need: 3,
    what: '…07',
    resting: false,
  });
});

test('the ring shows the quorum of the last commit until the next proposal, and rests after a while', () => {
  const lastQuorum = { zxid: z(7), acks: [sid(3), sid(1), sid(2)], need: 3, at: 1000 };
  expect(ackRing(leader({ lastQuorum }), 5, 1010)).toMatchObject({ acks: [3, 1, 2], resting: false });
  expect(ackRing(leader({ lastQuorum }), 5, 2000)).toMatchObject({ acks: [3, 1, 2], resting: true });
  expect(ackRing({ ...leader({ lastQuorum }), serverState: 'FOLLOWING' }, 5, 1010)).toBeNull();
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
  const ring = { voters: 5, acks: [1, 2, 3, 4].map(sid), need: 3, what: '…07', resting: false };
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
