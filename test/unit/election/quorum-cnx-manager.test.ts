import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sid } from '../../../src/protocol/ids.ts';
import type { Notification } from '../../../src/protocol/packets.ts';
import { Ensemble, members, vote } from './harness.ts';

function notification(zxid: number): Notification {
  return { type: 'NOTIFICATION', state: 'LOOKING', vote: vote(1, zxid), config: '' };
}

/** `n` servers that do not elect. */
function servers(n: number, up: readonly number[] = members(n).map((m) => m.sid)): Ensemble {
  const lab = new Ensemble(members(n));
  for (const id of up) lab.start(id, { look: false });
  return lab;
}

function send(lab: Ensemble, from: number, to: number, zxid: number): void {
  lab.step(from, ({ cnx }) => cnx.toSend(sid(to), notification(zxid), { rule: 'fle.broadcast' }));
}

const zxids = (lab: Ensemble, from: number, to: number): number[] =>
  lab.transmitted.flatMap((x) =>
    x.from === from && x.to === to && x.packet.type === 'NOTIFICATION' ? [x.packet.vote.zxid] : [],
  );

describe('fle.larger-sid', () => {
  test('the larger sid keeps the connection that it opens, and speaks at once', () => {
    const lab = servers(2);
    send(lab, 2, 1, 7);
    lab.runUntil(2);
    expect(lab.transmitted).toMatchObject([
      { t: 2, from: 2, packet: { type: 'HELLO', sid: 2 }, rule: 'fle.hello' },
      { t: 2, from: 2, packet: { type: 'NOTIFICATION' }, rule: 'fle.broadcast' },
    ]);
    lab.runUntil(50);
    expect(lab.connections()).toEqual(['s2-s1']);
  });

  test('an opening by the smaller sid is closed, and the larger one connects back', () => {
    const lab = servers(2);
    send(lab, 1, 2, 7);
    lab.runUntil(50);
    expect(lab.connections()).toEqual(['s2-s1']);
    expect(lab.transmitted).toMatchObject([
      { from: 1, packet: { type: 'HELLO' }, rule: 'fle.larger-sid' },
      { from: 2, packet: { type: 'HELLO' }, rule: 'fle.hello' },
      { from: 1, packet: { type: 'NOTIFICATION' } },
    ]);
  });

  test('the larger sid gives up a connection whose peer asks for a new one, before the new one stands', () => {
    const lab = servers(2);
    send(lab, 2, 1, 7);
    lab.runUntil(50);
    // A new process of s1, while s2 has not heard of the end of the old one.
    lab.start(1, { look: false });
    send(lab, 1, 2, 1);
    lab.runUntil(53);
    send(lab, 2, 1, 8);
    expect(zxids(lab, 2, 1)).toEqual([7]);
    lab.runUntil(100);
    expect(zxids(lab, 2, 1)).toEqual([7, 8]);
  });

  test('the smaller sid gives up an old connection for a newer one', () => {
    const lab = servers(2);
    send(lab, 2, 1, 7);
    lab.runUntil(50);
    lab.start(2, { look: false });
    send(lab, 2, 1, 8);
    lab.runUntil(100);
    expect(lab.connections()).toEqual(['s2-s1']);
  });

  test('one connection per pair survives, opened by the larger sid, and the last messages arrive', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            at: fc.integer({ min: 0, max: 40 }),
            from: fc.integer({ min: 1, max: 4 }),
            to: fc.integer({ min: 1, max: 4 }),
          }),
          { minLength: 1, maxLength: 20 },
        ),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 16, maxLength: 16 }),
        (sends, latencies) => {
          const lab = servers(4);
          lab.latency = (from, to) => latencies[(from - 1) * 4 + to - 1]!;
          const received = new Map<string, number>();
          for (const n of [1, 2, 3, 4]) {
            const { fle } = lab.server(n);
            fle.receive = (from, packet) => received.set(`${from}>${n}`, packet.vote.zxid);
          }
          const last = new Map<string, number>();
          sends
            .sort((a, b) => a.at - b.at)
            .forEach(({ at, from, to }, i) => {
              lab.runUntil(at);
              send(lab, from, to, i);
              last.set(`${from}>${to}`, i);
            });
          lab.runUntil(1_000);
          expect(received).toEqual(last);
          const pairs = new Set(
            sends
              .filter(({ from, to }) => from !== to)
              .map(({ from, to }) => `s${Math.max(from, to)}-s${Math.min(from, to)}`),
          );
          expect(lab.connections().sort()).toEqual([...pairs].sort());
        },
      ),
    );
  });
});

describe('fle.send-queue', () => {
  test('holds only the newest message', () => {
    const lab = servers(2);
    for (const zxid of [1, 2, 3]) send(lab, 2, 1, zxid);
    lab.runUntil(50);
    expect(zxids(lab, 2, 1)).toEqual([3]);
    send(lab, 2, 1, 4);
    send(lab, 2, 1, 5);
    expect(zxids(lab, 2, 1)).toEqual([3, 4, 5]);
  });

  test('a message that waited is still due to the step that sent it', () => {
    const lab = servers(2);
    const { cnx, ctx } = lab.server(2);
    const why = ctx.emit({ kind: 'stepped-down', why: 'test' }, { only: true });
    lab.step(2, () => cnx.toSend(sid(1), notification(1)), why);
    const outputs: (readonly number[])[] = [];
    const sendOf = ctx.send.bind(ctx);
    ctx.send = (conn, packet, options) => {
      if (packet.type === 'NOTIFICATION') outputs.push(options?.causes ?? []);
      return sendOf(conn, packet, options);
    };
    lab.runUntil(50);
    expect(outputs).toEqual([[why]]);
  });

  test('what a server sends to itself arrives at once', () => {
    const lab = servers(1);
    const { cnx, fle } = lab.server(1);
    const got: number[] = [];
    fle.receive = (from, packet) => got.push(from, packet.vote.zxid);
    lab.step(1, () => cnx.toSend(sid(1), notification(5)));
    expect(got).toEqual([1, 5]);
    expect(lab.connections()).toEqual([]);
  });

  test('haveDelivered: some queue is empty', () => {
    const lab = servers(3, [2, 3]);
    const { cnx } = lab.server(3);
    expect(cnx.haveDelivered()).toBe(false);
    send(lab, 3, 1, 1);
    lab.runUntil(50);
    expect(cnx.haveDelivered()).toBe(false);
    send(lab, 3, 2, 1);
    expect(cnx.haveDelivered()).toBe(false);
    lab.runUntil(100);
    expect(cnx.haveDelivered()).toBe(true);
  });

  test('a hello of a smaller sid alone makes no queue', () => {
    const lab = servers(2);
    send(lab, 1, 2, 1);
    lab.runUntil(3);
    lab.kill(1);
    lab.runUntil(100);
    expect(lab.connections()).toEqual([]);
    expect(lab.server(2).cnx.haveDelivered()).toBe(false);
  });
});

describe('fle.resend-last', () => {
  test('a new connection with an empty queue starts with the last message', () => {
    const lab = servers(2);
    send(lab, 2, 1, 7);
    lab.runUntil(50);
    lab.kill(1);
    lab.runUntil(100);
    lab.start(1, { look: false });
    lab.step(2, ({ cnx }) => cnx.connectAll());
    lab.runUntil(150);
    expect(zxids(lab, 2, 1)).toEqual([7, 7]);
    expect(lab.transmitted.at(-1)).toMatchObject({ from: 2, rule: 'fle.resend-last' });
  });

  test('a waiting message goes instead of the last one', () => {
    const lab = servers(2);
    send(lab, 2, 1, 7);
    lab.runUntil(50);
    lab.kill(1);
    lab.runUntil(100);
    lab.start(1, { look: false });
    send(lab, 2, 1, 8);
    lab.runUntil(150);
    expect(zxids(lab, 2, 1)).toEqual([7, 8]);
  });
});

describe('fle.hello: connecting', () => {
  const attempts = (lab: Ensemble, n: number): number[] => {
    const times: number[] = [];
    const { ctx } = lab.server(n);
    const connect = ctx.connect.bind(ctx);
    ctx.connect = (to, port) => {
      times.push(lab.now);
      return connect(to, port);
    };
    return times;
  };

  test('one attempt at a time; a refused one makes room for the next', () => {
    const lab = servers(2, [2]);
    const times = attempts(lab, 2);
    send(lab, 2, 1, 1);
    send(lab, 2, 1, 2);
    lab.runUntil(50);
    send(lab, 2, 1, 3);
    expect(times).toEqual([0, 50]);
  });

  test('an attempt that gets no answer is given up after 5 s', () => {
    const lab = servers(2);
    const times = attempts(lab, 2);
    lab.cut(1, 2);
    send(lab, 2, 1, 1);
    lab.runUntil(4_999);
    send(lab, 2, 1, 2);
    expect(times).toEqual([0]);
    lab.runUntil(5_000);
    lab.heal(1, 2);
    lab.runUntil(5_100);
    expect(lab.connections()).toEqual([]);
    lab.step(2, ({ cnx }) => cnx.connectAll());
    lab.runUntil(5_200);
    expect(times).toEqual([0, 5_100]);
    expect(zxids(lab, 2, 1)).toEqual([2]);
  });

  test.each([true, false])('each attempt has 5 s of its own (an earlier one stood: %s)', (up) => {
    const lab = servers(2, up ? [1, 2] : [2]);
    send(lab, 2, 1, 1);
    lab.runUntil(50);
    if (up) lab.kill(1);
    lab.runUntil(3_000);
    lab.start(1, { look: false });
    lab.cut(1, 2);
    send(lab, 2, 1, 2);
    lab.runUntil(5_500);
    lab.heal(1, 2);
    lab.runUntil(5_600);
    expect(lab.connections()).toEqual(['s2-s1']);
  });

  test('an idle connection stays', () => {
    const lab = servers(2);
    send(lab, 2, 1, 1);
    lab.runUntil(60_000);
    expect(lab.connections()).toEqual(['s2-s1']);
  });

  test('a connection without hello is closed after syncLimit ticks', () => {
    const lab = servers(2);
    const open = (): void => lab.step(2, ({ ctx }) => void ctx.connect('s1' as never, 'election'));
    open();
    lab.runUntil(10_000);
    expect(lab.connections()).toEqual(['s2-s1']);
    lab.runUntil(10_010);
    expect(lab.connections()).toEqual([]);
  });

  test('a server that is no member is not called', () => {
    const lab = servers(2);
    const times = attempts(lab, 2);
    lab.step(2, ({ cnx }) => cnx.toSend(sid(9), notification(1)));
    expect(times).toEqual([]);
  });
});
