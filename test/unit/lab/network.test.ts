/** The simulated network as processes see it, and as the trace tells it. */
import { describe, expect, test } from 'vitest';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { Lab } from '../../../src/lab/index.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import type { TraceEvent } from '../../../src/protocol/events.ts';
import { close, connect, scenario, scripted, send, servers, type Deed } from './fakes.ts';

interface Setup {
  readonly scripts: Readonly<Record<string, readonly Deed[]>>;
  readonly actions?: readonly Record<string, unknown>[];
  readonly latency?: readonly [number, number];
  readonly until?: number;
  /** Every COMMIT is answered with this packet. */
  readonly answers?: readonly ['PING' | 'ACK', number];
}

async function run({ scripts, actions = [], latency = [10, 10], until = 1000, answers }: Setup): Promise<TraceEvent[]> {
  const lab = await Lab.open(scenario({ ensemble: { servers: servers(2) }, network: { latency }, actions }), () => {
    return new InlineHost(scripted(scripts, answers));
  });
  await lab.advance(virtualTime(until));
  expect(lab.failure).toBeNull();
  return [...lab.trace.events()];
}

/** `s2 receive PING 1 @30`: what happened to packets and connections, in order. */
function story(events: readonly TraceEvent[], kinds: readonly string[]): string[] {
  return events
    .filter(({ kind }) => kinds.includes(kind))
    .map((event) => {
      const sent = 'message' in event ? events[event.message] : event;
      const what = sent?.kind === 'send' ? ` ${sent.packet.type} ${sent.packet.zxid}` : '';
      const why = 'why' in event ? ` ${event.why}` : 'reason' in event ? ` (${event.reason})` : '';
      return `${event.actor} ${event.kind}${what}${why} @${event.t}`;
    });
}
const PACKETS = ['receive', 'lost', 'resend', 'held'];
const CONNECTIONS = ['connected', 'connect-failed', 'disconnected'];

describe('connections', () => {
  test('a connection stands after a round trip, data arrives in order, close is told after the data', async () => {
    const events = await run({
      latency: [1, 50],
      scripts: {
        s1: [
          [0, connect('s2')],
          [150, (context, conns) => [1, 2, 3, 4, 5, 6, 7, 8].forEach((n) => send('s2', 'PING', n)(context, conns))],
          [150, close('s2')],
        ],
      },
    });
    const got = story(events, ['receive']);
    expect(got.map((line) => Number(/PING (\d)/.exec(line)?.[1]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const [opened, , , closed] = events.filter(({ kind }) => CONNECTIONS.includes(kind));
    expect(opened).toMatchObject({ actor: 's2', kind: 'connected', initiator: false });
    expect(closed).toMatchObject({ actor: 's2', kind: 'disconnected', reason: 'closed by peer' });
    expect(closed?.t).toBeGreaterThanOrEqual(events.findLast(({ kind }) => kind === 'receive')?.t ?? Infinity);
  });

  test('a port that nobody listens on refuses', async () => {
    const events = await run({ scripts: { s1: [[0, (context) => context.connect('s2' as never, 'quorum')]] } });
    expect(story(events, CONNECTIONS)).toEqual(['s1 connect-failed (refused) @20']);
  });

  test('a machine without a process refuses after a round trip', async () => {
    const events = await run({
      scripts: { s1: [[100, connect('s2')]] },
      actions: [{ at: 50, do: 'kill', server: 2 }],
    });
    expect(story(events, CONNECTIONS)).toEqual(['s1 connect-failed (refused) @120']);
  });

  test('lab.close-loses: data for a connection that its receiver has closed is lost', async () => {
    const events = await run({
      scripts: {
        s1: [
          [0, connect('s2')],
          [105, send('s2', 'PING', 1)],
        ],
        s2: [[100, close('s1')]],
      },
    });
    expect(story(events, [...PACKETS, ...CONNECTIONS]).slice(2)).toEqual([
      's2 disconnected (the script says so) @100',
      's1 disconnected (closed by peer) @110',
      's2 lost PING 1 closed @115',
    ]);
  });
});

describe('kill', () => {
  test('lab.kill-loses: what was on its way to the dead is lost, what it had sent arrives, then the reset', async () => {
    const events = await run({
      scripts: {
        s1: [
          [0, connect('s2')],
          [95, send('s2', 'PING', 1)],
          [105, send('s2', 'PING', 2)],
        ],
        s2: [[99, send('s1', 'ACK', 3)]],
      },
      actions: [{ at: 100, do: 'kill', server: 2 }],
    });
    expect(story(events, [...PACKETS, ...CONNECTIONS]).slice(2)).toEqual([
      's2 lost PING 1 killed @100',
      's1 receive ACK 3 @109',
      's1 disconnected (connection reset) @110',
      's1 lost PING 2 killed @115',
    ]);
  });

  test('lab.kill-loses: what a healed cut lets go at that very instant is lost', async () => {
    const events = await run({
      scripts: {
        s1: [
          [0, connect('s2')],
          [95, send('s2', 'PING', 1)],
        ],
      },
      actions: [
        { at: 90, do: 'cut', from: 's1', to: 's2' },
        { at: 200, do: 'heal-all' },
        { at: 200, do: 'kill', server: 2 },
        { at: 300, do: 'restart', server: 2 },
      ],
    });
    expect(story(events, PACKETS).slice(-2)).toEqual([
      's1 resend PING 1 retransmitted @200',
      's1 lost PING 1 killed @200',
    ]);
  });

  test('a connection attempt of a process that dies in between ends nowhere', async () => {
    const events = await run({
      scripts: { s1: [[95, connect('s2')]] },
      actions: [{ at: 100, do: 'kill', server: 1 }],
    });
    expect(story(events, CONNECTIONS)).toEqual(['s2 connected @105', 's2 disconnected (connection reset) @125']);
  });

  test('a connection attempt to a process that dies in between is refused', async () => {
    const events = await run({
      scripts: { s1: [[95, connect('s2')]] },
      actions: [{ at: 100, do: 'kill', server: 2 }],
    });
    expect(story(events, CONNECTIONS)).toEqual(['s1 connect-failed (refused) @115']);
  });

  test('an established connection is reset although its answer to the attempt was still on its way', async () => {
    const events = await run({
      scripts: { s1: [[85, connect('s2')]] },
      actions: [{ at: 100, do: 'kill', server: 2 }],
    });
    expect(story(events, CONNECTIONS)).toEqual([
      's2 connected @95',
      's1 connected @105',
      's1 disconnected (connection reset) @110',
    ]);
  });

  test('old connections are unknown to the next process', async () => {
    const events = await run({
      scripts: {
        s1: [
          [0, connect('s2')],
          [150, send('s2', 'PING', 1)],
        ],
      },
      actions: [
        { at: 90, do: 'cut', from: 's1', to: 's2' },
        { at: 100, do: 'kill', server: 2 },
        { at: 110, do: 'restart', server: 2 },
        { at: 200, do: 'heal', from: 's1', to: 's2' },
      ],
    });
    expect(story(events, [...PACKETS, ...CONNECTIONS]).slice(2)).toEqual([
      's1 resend PING 1 retransmitted @200',
      's1 disconnected (connection reset) @210',
      's2 lost PING 1 closed @210',
    ]);
  });
});

describe('cut', () => {
  const scripts = {
    s1: [
      [0, connect('s2')],
      [95, send('s2', 'PING', 1)],
      [105, send('s2', 'PING', 2)],
      [106, send('s2', 'ACK', 3)],
    ],
    s2: [[107, send('s1', 'COMMIT', 4)]],
  } satisfies Setup['scripts'];

  test('lab.cut-loses, lab.tcp-retransmit: lost and unsent packets arrive in order after the cut heals', async () => {
    const events = await run({
      scripts,
      actions: [
        { at: 100, do: 'cut', from: 's1', to: 's2' },
        { at: 300, do: 'heal', from: 's1', to: 's2' },
      ],
    });
    expect(story(events, [...PACKETS, ...CONNECTIONS]).slice(2)).toEqual([
      's2 lost PING 1 cut @100',
      's1 resend PING 1 retransmitted @300',
      's1 resend PING 2 retransmitted @300',
      's1 resend ACK 3 retransmitted @300',
      's2 resend COMMIT 4 retransmitted @300',
      's1 receive COMMIT 4 @310',
      's2 receive PING 1 @310',
      's2 receive PING 2 @310',
      's2 receive ACK 3 @310',
    ]);
    expect(events.filter((e) => e.kind === 'send' && e.t > 100).map((e) => e.kind === 'send' && e.arrives)).toEqual([
      null,
      null,
      null,
    ]);
  });

  test('what would land at the very instant of the cut is lost, and sent again once', async () => {
    const events = await run({
      scripts: {
        s1: [
          [0, connect('s2')],
          [90, send('s2', 'PING', 1)],
        ],
      },
      actions: [
        { at: 100, do: 'cut', from: 's1', to: 's2' },
        { at: 200, do: 'heal', from: 's1', to: 's2' },
      ],
    });
    expect(story(events, PACKETS)).toEqual([
      's2 lost PING 1 cut @100',
      's1 resend PING 1 retransmitted @200',
      's2 receive PING 1 @210',
    ]);
  });

  test('one way, the other direction passes', async () => {
    const events = await run({ scripts, actions: [{ at: 100, do: 'cut', from: 's1', to: 's2', oneWay: true }] });
    expect(story(events, PACKETS)).toEqual(['s2 lost PING 1 cut @100', 's1 receive COMMIT 4 @117']);
  });

  test('a cut alone is noticed by nobody, and neither is a death behind it', async () => {
    const events = await run({
      scripts: { s1: [[0, connect('s2')]] },
      actions: [
        { at: 100, do: 'cut', from: 's1', to: 's2' },
        { at: 200, do: 'kill', server: 2 },
        { at: 700, do: 'heal-all' },
      ],
    });
    expect(story(events, CONNECTIONS).slice(2)).toEqual(['s1 disconnected (connection reset) @710']);
  });

  test('a connection attempt waits for the link', async () => {
    const events = await run({
      scripts: { s1: [[150, connect('s2')]] },
      actions: [
        { at: 100, do: 'cut', from: 's1', to: 's2' },
        { at: 200, do: 'heal', from: 's1', to: 's2' },
      ],
    });
    expect(story(events, CONNECTIONS)).toEqual(['s2 connected @210', 's1 connected @220']);
  });

  test('a connection attempt that was given up never gets there', async () => {
    const events = await run({
      scripts: {
        s1: [
          [150, connect('s2')],
          [180, close('s2')],
        ],
      },
      actions: [
        { at: 100, do: 'cut', from: 's1', to: 's2' },
        { at: 200, do: 'heal', from: 's1', to: 's2' },
      ],
    });
    expect(story(events, CONNECTIONS)).toEqual(['s1 disconnected (the script says so) @180']);
  });

  test('what waits for the link is lost with its connection, whose end is told when the link heals', async () => {
    const events = await run({
      scripts: { s1: [...scripts.s1, [150, close('s2')]] },
      actions: [
        { at: 100, do: 'cut', from: 's1', to: 's2', oneWay: true },
        { at: 200, do: 'heal', from: 's1', to: 's2', oneWay: true },
      ],
    });
    expect(story(events, [...PACKETS, ...CONNECTIONS]).slice(2)).toEqual([
      's2 lost PING 1 cut @100',
      's1 disconnected (the script says so) @150',
      's1 lost PING 1 closed @150',
      's1 lost PING 2 closed @150',
      's1 lost ACK 3 closed @150',
      's2 disconnected (closed by peer) @210',
    ]);
  });
});

describe('hold, release, drop', () => {
  const scripts = {
    s1: [
      [0, connect('s2')],
      [100, send('s2', 'PING', 1)],
      [101, send('s2', 'ACK', 2)],
      [102, send('s2', 'PING', 3)],
      [103, send('s2', 'PING', 4)],
    ],
  } satisfies Setup['scripts'];

  test('lab.hold, lab.release: packets of one type wait and go in order; a held heartbeat keeps nothing back', async () => {
    const events = await run({
      scripts,
      actions: [
        { at: 50, do: 'hold', from: 's1', to: 's2', type: 'PING', count: 2 },
        { at: 200, do: 'release', from: 's1', to: 's2', type: 'PING', count: 1 },
        { at: 300, do: 'release', from: 's1', to: 's2' },
      ],
    });
    expect(story(events, PACKETS)).toEqual([
      's1 held PING 1 @100',
      's1 held PING 3 @102',
      's2 receive ACK 2 @111',
      's2 receive PING 4 @113',
      's1 resend PING 1 released @200',
      's2 receive PING 1 @210',
      's1 resend PING 3 released @300',
      's2 receive PING 3 @310',
    ]);
  });

  test('lab.hold: what is behind a held packet waits with it, as TCP keeps the order; heartbeats pass by', async () => {
    const behind = {
      s1: [
        [0, connect('s2')],
        [100, send('s2', 'ACK', 1)],
        [101, send('s2', 'COMMIT', 2)],
        [102, send('s2', 'PING', 3)],
        [103, send('s2', 'ACK', 4)],
      ],
    } satisfies Setup['scripts'];
    const events = await run({
      scripts: behind,
      actions: [
        { at: 50, do: 'hold', from: 's1', to: 's2', type: 'ACK' },
        { at: 200, do: 'release', from: 's1', to: 's2', type: 'ACK', count: 1 },
        { at: 300, do: 'release', from: 's1', to: 's2', type: 'ACK' },
      ],
    });
    expect(story(events, PACKETS)).toEqual([
      's1 held ACK 1 @100',
      's1 held COMMIT 2 @101',
      's1 held ACK 4 @103',
      's2 receive PING 3 @112',
      's1 resend ACK 1 released @200',
      's1 resend COMMIT 2 released @200',
      's2 receive ACK 1 @210',
      's2 receive COMMIT 2 @210',
      's1 resend ACK 4 released @300',
      's2 receive ACK 4 @310',
    ]);
  });

  test('without a type all packets wait; a release without a count ends the hold', async () => {
    const events = await run({
      scripts,
      actions: [
        { at: 50, do: 'hold', from: 's1', to: 's2' },
        { at: 102, do: 'release', from: 's1', to: 's2' },
      ],
    });
    expect(story(events, PACKETS)).toEqual([
      's1 held PING 1 @100',
      's1 held ACK 2 @101',
      's1 resend PING 1 released @102',
      's1 resend ACK 2 released @102',
      's2 receive PING 1 @112',
      's2 receive ACK 2 @112',
      's2 receive PING 3 @112',
      's2 receive PING 4 @113',
    ]);
  });

  test('what is let go during a cut waits for it to heal', async () => {
    const events = await run({
      scripts,
      actions: [
        { at: 50, do: 'hold', from: 's1', to: 's2', type: 'PING', count: 1 },
        { at: 150, do: 'cut', from: 's1', to: 's2' },
        { at: 200, do: 'release', from: 's1', to: 's2' },
        { at: 300, do: 'heal', from: 's1', to: 's2' },
      ],
    });
    expect(story(events, PACKETS)).toEqual([
      's1 held PING 1 @100',
      's2 receive ACK 2 @111',
      's2 receive PING 3 @112',
      's2 receive PING 4 @113',
      's1 resend PING 1 released @200',
      's1 resend PING 1 retransmitted @300',
      's2 receive PING 1 @310',
    ]);
    const [released, resent] = events.filter(({ kind }) => kind === 'resend');
    expect(released).toMatchObject({ arrives: null, rule: 'lab.release' });
    expect(resent).toMatchObject({ arrives: 310 });
  });

  test('what is held dies with its sender, and the hold stays for the next process', async () => {
    const events = await run({
      scripts: {
        ...scripts,
        s2: [
          [150, connect('s1')],
          [200, send('s1', 'COMMIT', 5)],
        ],
      },
      actions: [
        { at: 50, do: 'hold', from: 's1', to: 's2', type: 'PING', count: 3 },
        { at: 102.5, do: 'kill', server: 1 },
        { at: 110, do: 'restart', server: 1 },
      ],
      answers: ['PING', 6],
    });
    expect(story(events, PACKETS)).toEqual([
      's1 held PING 1 @100',
      's1 held PING 3 @102',
      's1 lost PING 1 killed @102.5',
      's1 lost PING 3 killed @102.5',
      's2 receive ACK 2 @111',
      's1 receive COMMIT 5 @210',
      's1 held PING 6 @210',
    ]);
  });

  test('lab.drop-breaks: the packet is lost and both ends lose the connection', async () => {
    const events = await run({
      scripts,
      actions: [{ at: 50, do: 'drop', from: 's1', to: 's2', type: 'ACK' }],
    });
    expect(story(events, [...PACKETS, ...CONNECTIONS]).slice(2)).toEqual([
      's2 receive PING 1 @110',
      's1 lost ACK 2 dropped @111',
      's2 disconnected (connection reset) @111',
      's2 lost PING 3 closed @112',
      's2 lost PING 4 closed @113',
      's1 disconnected (connection reset) @121',
    ]);
  });

  test('drop-connection: both ends notice at once, what flies is lost', async () => {
    const events = await run({
      scripts,
      actions: [{ at: 102.5, do: 'drop-connection', from: 's2', to: 's1' }],
    });
    expect(story(events, [...PACKETS, ...CONNECTIONS]).slice(2)).toEqual([
      's1 disconnected (connection reset) @102.5',
      's2 lost PING 1 dropped @102.5',
      's2 lost ACK 2 dropped @102.5',
      's2 lost PING 3 dropped @102.5',
      's2 disconnected (connection reset) @102.5',
      's1 lost PING 4 closed @103',
    ]);
  });
});

describe('pause', () => {
  test('inputs pile up and are handled at once, in order; the machine accepts connections meanwhile', async () => {
    const events = await run({
      scripts: {
        s1: [
          [0, connect('s2')],
          [95, send('s2', 'PING', 1)],
          [105, connect('s2')],
          [130, send('s2', 'ACK', 2)],
        ],
        s2: [[110, send('s1', 'COMMIT', 3)]],
      },
      actions: [
        { at: 100, do: 'pause', server: 2 },
        { at: 200, do: 'resume', server: 2 },
      ],
    });
    expect(story(events, ['send', 'receive', ...CONNECTIONS, 'process-paused', 'process-resumed']).slice(2)).toEqual([
      's1 send PING 1 @95',
      's2 process-paused @100',
      's2 connected @115',
      's1 connected @125',
      's1 send ACK 2 @130',
      's2 process-resumed @200',
      's2 receive PING 1 @200',
      's2 send COMMIT 3 @200',
      's2 receive ACK 2 @200',
      's1 receive COMMIT 3 @210',
    ]);
  });
});

describe('disk and clock', () => {
  const write = (file: string): Deed[1] => {
    return (context, _, disk) => {
      disk?.append(file, new Uint8Array(8));
      context.fsync(file, () => context.emit({ kind: 'zab-state', zabState: 'BROADCAST' }));
    };
  };

  test('fsyncs of a disk run one after the other, through a pause too', async () => {
    const events = await run({
      scripts: {
        s1: [
          [100, write('a')],
          [101, write('b')],
        ],
      },
      actions: [
        { at: 10, do: 'disk', server: 1, fsync: [30, 30] },
        { at: 110, do: 'pause', server: 1 },
        { at: 140, do: 'resume', server: 1 },
      ],
    });
    expect(story(events, ['fsync-started', 'fsync-done', 'zab-state'])).toEqual([
      's1 fsync-started @100',
      's1 fsync-done @130',
      's1 fsync-started @130',
      's1 zab-state @140',
      's1 fsync-done @160',
      's1 zab-state @160',
    ]);
    expect(events.find(({ kind }) => kind === 'zab-state')?.causes).toEqual([
      events.find(({ kind }) => kind === 'fsync-done')?.id,
    ]);
  });

  test('lab.unsynced-lost: a kill takes what was not fsynced', async () => {
    const events = await run({
      scripts: { s1: [[100, write('a')]] },
      actions: [
        { at: 10, do: 'disk', server: 1, fsync: [30, 30] },
        { at: 110, do: 'kill', server: 1 },
      ],
    });
    const killed = events.find(({ kind }) => kind === 'process-killed');
    expect(events.find(({ kind }) => kind === 'disk-lost')).toMatchObject({
      actor: 's1',
      t: 110,
      file: 'a',
      causes: [killed?.id],
      rule: 'lab.unsynced-lost',
    });
  });

  test('a fast clock shortens timers, those that run too', async () => {
    const tick: Deed[1] = (context) => {
      context.emit({ kind: 'zab-state', zabState: 'ELECTION' });
      context.setTimer(100, () => tick(context, new Map(), null));
    };
    const events = await run({
      scripts: { s1: [[100, tick]] },
      actions: [{ at: 150, do: 'clock', server: 1, rate: 2 }],
      until: 300,
    });
    expect(story(events, ['zab-state'])).toEqual([
      's1 zab-state @100',
      's1 zab-state @175',
      's1 zab-state @225',
      's1 zab-state @275',
    ]);
  });
});
