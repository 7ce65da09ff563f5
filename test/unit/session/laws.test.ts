/** What holds for any session, whatever its clients do: order of what it is told, and the end of its ephemerals. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_SESSION } from '../../../src/protocol/ids.ts';
import type { Operation } from '../../../src/protocol/operations.ts';
import { Bench, create, TestLeader, type TestClient } from '../request/bench.ts';

type Step =
  | { readonly client: number; readonly operation: Operation }
  | { readonly client: number; readonly does: 'drop' | 'resume' | 'open' }
  | { readonly client: null; readonly pause: number };

const path = fc.constantFrom('/a', '/b', '/a/c');
const operation = fc.oneof<fc.Arbitrary<Operation>[]>(
  path.map((each) => create(each)),
  path.map((each) => create(each, 'EPHEMERAL')),
  path.map((each) => create(each, 'EPHEMERAL_SEQUENTIAL')),
  path.map((each) => ({ op: 'delete', path: each, version: -1 })),
  path.map((each) => ({ op: 'setData', path: each, data: null, version: -1 })),
  path.map((each) => ({ op: 'exists', path: each, watch: true })),
  path.map((each) => ({ op: 'getChildren', path: each, watch: true })),
  fc.constant({ op: 'ping' }),
  fc.constant({ op: 'closeSession' }),
);
const client = fc.nat({ max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ client, operation }) },
  { weight: 3, arbitrary: fc.record({ client, does: fc.constantFrom('drop', 'resume', 'open') }) },
  { weight: 4, arbitrary: fc.record({ client: fc.constant(null), pause: fc.constantFrom(0, 1, 10, 3000, 9000) }) },
);

/** Every connection that the steps have made, and what was asked on each in order. */
interface Story {
  readonly bench: Bench;
  readonly leader: TestLeader;
  readonly asked: Map<TestClient, number[]>;
}

function play(
  zoo: { readonly localSessionsEnabled: boolean },
  steps: readonly Step[],
  check: (bench: Bench) => void,
): Story {
  const bench = new Bench({ ...zoo, localSessionsUpgradingEnabled: true });
  const leader = new TestLeader(bench);
  const asked = new Map<TestClient, number[]>();
  const clients: (TestClient | undefined)[] = [];
  const established = (at: number): TestClient | undefined => {
    const client = clients[at];
    if (!client || !bench.packets(client).some((packet) => packet.type === 'ConnectResponse' && packet.timeout > 0))
      return;
    return bench.established(client);
  };
  for (const each of steps) {
    if (each.client === null) {
      bench.run(each.pause);
    } else if ('operation' in each) {
      const client = established(each.client);
      if (client) asked.get(client)?.push(bench.request(client, each.operation));
    } else {
      const before = established(each.client);
      if (before) bench.step(() => bench.factory.closed(before.conn));
      if (each.does !== 'drop' && (each.does === 'open' || before)) {
        const client = bench.dial({ timeout: 4000, ...(each.does === 'resume' && before ? { of: before } : {}) });
        clients[each.client] = client;
        asked.set(client, []);
      }
    }
    check(bench);
  }
  bench.run(100);
  check(bench);
  return { bench, leader, asked };
}

const steps = fc.array(step, { maxLength: 60 });
const zoo = fc.record({ localSessionsEnabled: fc.boolean() });

test('request.session-order: a connection’s replies come in the order of its requests', () => {
  fc.assert(
    fc.property(zoo, steps, (settings, each) => {
      const { bench, asked } = play(settings, each, () => undefined);
      for (const [client, xids] of asked) {
        const answered = bench
          .replies(client)
          .map(({ xid }) => xid)
          .filter((xid) => xid >= 0);
        expect(answered).toEqual(xids.filter((xid) => answered.includes(xid)));
      }
    }),
    { numRuns: 150 },
  );
});

test('request.watch-before-reply: nobody hears from a reply of a change whose event comes later', () => {
  fc.assert(
    fc.property(zoo, steps, (settings, each) => {
      const { bench, asked } = play(settings, each, () => undefined);
      for (const client of asked.keys()) {
        let seen = -1;
        for (const packet of bench.packets(client)) {
          if (packet.type === 'Reply') seen = Math.max(seen, packet.zxid);
          if (packet.type === 'WatchEvent') expect(packet.zxid).toBeGreaterThan(seen);
        }
      }
    }),
    { numRuns: 150 },
  );
});

test('session.ephemerals: no ephemeral outlives its session', () => {
  fc.assert(
    fc.property(zoo, steps, (settings, each) => {
      play(settings, each, ({ db }) => {
        const owners = [...db.dataTree.walk()].map(([, { stat }]) => stat.ephemeralOwner);
        for (const owner of owners) if (owner !== NO_SESSION) expect(db.sessionsWithTimeouts.has(owner)).toBe(true);
      });
    }),
    { numRuns: 150 },
  );
});

test('session.closing: behind the end of a session no request of it changes anything', () => {
  fc.assert(
    fc.property(zoo, steps, (settings, each) => {
      const { leader } = play(settings, each, () => undefined);
      const over = new Set<string>();
      for (const { header, txn } of leader.proposals) {
        if (over.has(header.clientId)) expect(['error', 'closeSession']).toContain(txn.type);
        if (txn.type === 'closeSession') over.add(header.clientId);
      }
    }),
    { numRuns: 150 },
  );
});
