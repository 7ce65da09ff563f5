import { describe, expect, test } from 'vitest';
import type { ActionBody } from '../../../src/lab/index.ts';
import { clientName, sid, type ActorName } from '../../../src/protocol/ids.ts';
import type { ClientView, LinkView, ServerView } from '../../../src/trace/index.ts';
import { combine, inverse, type Before } from '../../../src/ui/state/undo.ts';

const alice = clientName('alice');

function before(
  links: Partial<LinkView>[] = [],
  more: { fsync?: [number, number]; client?: Partial<ClientView> } = {},
) {
  const views = links.map((link) => ({ cut: false, holds: [], latency: null, ...link }) as LinkView);
  return {
    state: {
      servers: new Map([[sid(2), { fsync: more.fsync ?? [2, 6], clockRate: 1 } as unknown as ServerView]]),
      clients: new Map([[alice, { name: alice, state: 'CONNECTED', server: sid(1), ...more.client } as ClientView]]),
      links: new Map(views.map((link) => [`${link.from}>${link.to}`, link])),
    },
    scenario: { network: { latency: [15, 25] }, disk: { fsync: [2, 6] } },
  } satisfies Before;
}
const name = (text: string) => text as ActorName;

describe('each fault has its way back', () => {
  const pairs: [ActionBody, ActionBody][] = [
    [
      { do: 'kill', server: 3 },
      { do: 'restart', server: 3 },
    ],
    [
      { do: 'restart', server: 3 },
      { do: 'kill', server: 3 },
    ],
    [
      { do: 'pause', server: 2 },
      { do: 'resume', server: 2 },
    ],
    [
      { do: 'resume', server: 2 },
      { do: 'pause', server: 2 },
    ],
    [
      { do: 'pause', client: 'alice' },
      { do: 'resume', client: 'alice' },
    ],
    [
      { do: 'cut', from: 's1', to: 's2' },
      { do: 'heal', from: 's1', to: 's2' },
    ],
    [
      { do: 'cut', from: 's1', to: 's2', oneWay: true },
      { do: 'heal', from: 's1', to: 's2', oneWay: true },
    ],
    [
      { do: 'hold', from: 's1', to: 's2', type: 'ACK', count: 2 },
      { do: 'release', from: 's1', to: 's2', type: 'ACK' },
    ],
    [
      { do: 'disk', server: 2, fsync: [200, 300] },
      { do: 'disk', server: 2, fsync: [2, 6] },
    ],
    [
      { do: 'latency', from: 's1', to: 's2', latency: [80, 120] },
      { do: 'latency', from: 's1', to: 's2', latency: [15, 25] },
    ],
    [
      { do: 'connect', client: 'alice', server: 3 },
      { do: 'connect', client: 'alice', server: 1 },
    ],
    [
      { do: 'disconnect', client: 'alice' },
      { do: 'connect', client: 'alice', server: 1 },
    ],
  ];
  test.each(pairs)('%j is undone by %j', (action, back) => {
    expect(inverse(action, before())?.actions).toEqual([back]);
  });
});

test('undoing a kill says honestly that it is a restart', () => {
  expect(inverse({ do: 'kill', server: 3 }, before())?.label).toBe('Restart s3');
});

test('a slow disk or link gets back what it had, not the default', () => {
  const was = before([{ from: name('s1'), to: name('s2'), latency: [80, 120] }], { fsync: [50, 80] });
  expect(inverse({ do: 'disk', server: 2, fsync: [200, 300] }, was)?.actions).toEqual([
    { do: 'disk', server: 2, fsync: [50, 80] },
  ]);
  expect(inverse({ do: 'latency', from: 's1', to: 's2', latency: [1, 1] }, was)?.actions).toEqual([
    { do: 'latency', from: 's1', to: 's2', latency: [80, 120] },
  ]);
});

test('a cut heals only the direction that was open before', () => {
  const was = before([{ from: name('s1'), to: name('s2'), cut: true }]);
  expect(inverse({ do: 'cut', from: 's1', to: 's2' }, was)?.actions).toEqual([
    { do: 'heal', from: 's2', to: 's1', oneWay: true },
  ]);
});

test('a partition heals only the links that it cut', () => {
  const was = before([
    { from: name('s1'), to: name('s3'), cut: true },
    { from: name('s3'), to: name('s1'), cut: true },
  ]);
  expect(inverse({ do: 'partition', groups: [[1, 2], [3]] }, was)).toEqual({
    label: 'Heal the partition',
    actions: [{ do: 'heal', from: 's2', to: 's3' }],
  });
});

test('heal-all is undone by cutting what was cut, each way as it was', () => {
  const was = before([
    { from: name('s1'), to: name('s2'), cut: true },
    { from: name('s2'), to: name('s1'), cut: true },
    { from: name('s3'), to: name('s1'), cut: true },
    { from: name('s4'), to: name('s1'), latency: [80, 120] },
  ]);
  expect(inverse({ do: 'heal-all' }, was)).toEqual({
    label: 'Cut 2 links again',
    actions: [
      { do: 'cut', from: 's1', to: 's2' },
      { do: 'cut', from: 's3', to: 's1', oneWay: true },
    ],
  });
});

test('what changes nothing, and what cannot be taken back, has no undo', () => {
  expect(inverse({ do: 'heal', from: 's1', to: 's2' }, before())).toBeNull();
  expect(inverse({ do: 'heal-all' }, before())).toBeNull();
  expect(inverse({ do: 'drop', from: 's1', to: 's2' }, before())).toBeNull();
  expect(inverse({ do: 'wipe', server: 3 }, before())).toBeNull();
  expect(inverse({ do: 'console', client: 'alice', line: 'ls /' }, before())).toBeNull();
});

test('a stopped client that was started is stopped again', () => {
  const was = before([], { client: { state: 'DOWN', server: null } });
  expect(inverse({ do: 'connect', client: 'alice' }, was)?.actions).toEqual([{ do: 'disconnect', client: 'alice' }]);
});

test('acts of one gesture are undone together, the last one first', () => {
  const cut = inverse({ do: 'cut', from: 's1', to: 's2' }, before());
  const kill = inverse({ do: 'kill', server: 3 }, before());
  expect(cut && kill && combine([cut, kill])).toEqual({
    label: 'Heal s1 – s2 and 1 more',
    actions: [
      { do: 'restart', server: 3 },
      { do: 'heal', from: 's1', to: 's2' },
    ],
  });
  expect(combine([])).toBeNull();
});
