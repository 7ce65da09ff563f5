/** Small processes in place of ZooKeeper's: what the lab does is seen better without it. */
import type { KernelInput, Process, ProcessFactory } from '../../../src/lab/kernel/kernel.ts';
import { MemoryDisk } from '../../../src/engine/index.ts';
import { parseScenario, type Scenario } from '../../../src/lab/index.ts';
import { ProcessContext } from '../../../src/process/context.ts';
import type { ProcessOutput } from '../../../src/process/io.ts';
import type { EventBody } from '../../../src/protocol/events.ts';
import { serverName, sid, type ActorName, type ConnId } from '../../../src/protocol/ids.ts';
import type { Packet } from '../../../src/protocol/network.ts';
import type { VirtualTime } from '../../../src/protocol/time.ts';
import type { Zxid } from '../../../src/protocol/zxid.ts';

export type Context = ProcessContext<EventBody>;

/** Packets that tests can tell apart by type and zxid. */
export function packet(type: 'PING' | 'ACK' | 'COMMIT', n: number): Packet {
  return { type, zxid: n as Zxid };
}

/** A validated scenario; `json` may be anything that a scenario has beside its format. */
export function scenario(json: Record<string, unknown>): Scenario {
  const parsed = parseScenario({ format: 'zabscope/scenario@1', ...json });
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.scenario;
}

export function servers(count: number): { readonly sid: number }[] {
  return Array.from({ length: count }, (_, i) => ({ sid: i + 1 }));
}

/** A process that does what `handle` does with each input. */
export function fake(handle: (context: Context, input: KernelInput, disk: MemoryDisk | null) => void): ProcessFactory {
  return ({ name, seed, incarnation, process }, refs) => {
    const context = new ProcessContext<EventBody>({ name, seed, incarnation, refs });
    const disk = process.type === 'server' ? MemoryDisk.fromImage(process.disk) : null;
    const step = (now: VirtualTime, input: KernelInput): readonly ProcessOutput[] =>
      context.step(now, input.cause, () => {
        if (input.type === 'timer') context.takeTimer(input.timer)?.();
        else if (input.type === 'fsynced') context.takeFsync(input.token)();
        else handle(context, input, disk);
      });
    return { process: { step } satisfies Process, disk };
  };
}

/** What an actor does and when; connections are known by names. */
export type Deed = readonly [
  at: number,
  deed: (context: Context, conns: Map<string, ConnId>, disk: MemoryDisk | null) => void,
];

/** Actors that follow a script from their first start on, listen on the election port, and answer each COMMIT with `answer`. */
export function scripted(
  scripts: Readonly<Record<string, readonly Deed[]>>,
  answer?: readonly ['PING' | 'ACK', number],
): ProcessFactory {
  return (init, refs) => {
    const conns = new Map<string, ConnId>();
    return fake((context, input, disk) => {
      if (input.type === 'accepted') conns.set(input.peer, input.conn);
      if (input.type === 'packet' && input.packet.type === 'COMMIT' && answer) {
        context.send(input.conn, packet(...answer));
      }
      if (input.type !== 'boot') return;
      context.listen('election', true);
      for (const [at, deed] of init.incarnation === 0 ? (scripts[init.name] ?? []) : []) {
        context.setTimer(at, () => deed(context, conns, disk));
      }
    })(init, refs);
  };
}

export const connect = (to: string): ((context: Context, conns: Map<string, ConnId>) => void) => {
  return (context, conns) => conns.set(to, context.connect(to as ActorName, 'election'));
};
export const send = (
  to: string,
  type: 'PING' | 'ACK' | 'COMMIT',
  n: number,
): ((context: Context, conns: Map<string, ConnId>) => void) => {
  return (context, conns) => context.send(conns.get(to) as ConnId, packet(type, n));
};
export const close = (to: string): ((context: Context, conns: Map<string, ConnId>) => void) => {
  return (context, conns) => context.close(conns.get(to) as ConnId, 'the script says so');
};

/**
 * Talks a lot, and by chance: connects to other servers, sends, answers, writes and fsyncs, closes. Its
 * tests want much traffic and many ties, so it sets its timers to whole milliseconds.
 */
export const chatter: ProcessFactory = (init, refs) => {
  const open = new Map<ConnId, boolean>();
  const peers = init.links.map(({ peer }) => peer).filter((peer) => /^s\d/.test(peer));
  return fake((context, input, disk) => {
    const chance = (bound: number): number => Math.floor(context.random('chatter') * bound);
    const later = (): void => {
      context.setTimer(1 + chance(30), () => {
        act();
        later();
      });
    };
    const act = (): void => {
      const conns = [...open.keys()].filter((conn) => open.get(conn));
      const conn = conns[chance(Math.max(1, conns.length))];
      const peer = peers[chance(peers.length)];
      const what = chance(10);
      if ((what < 3 || !conn) && peer) open.set(context.connect(peer, 'election'), false);
      else if (what === 3 && conn) {
        open.delete(conn);
        context.close(conn, 'by chance');
      } else if (what === 4 && disk) {
        disk.append(`file${chance(2)}`, new Uint8Array(1 + chance(40)).fill(chance(256)));
        context.fsync('file0', () => context.emit({ kind: 'server-state', state: 'LOOKING', why: 'fsynced' }));
      } else if (conn)
        context.send(conn, packet((['PING', 'ACK', 'COMMIT'] as const)[chance(3)] ?? 'PING', chance(100)));
    };
    switch (input.type) {
      case 'boot':
        context.listen('election', true);
        later();
        return;
      case 'connected':
      case 'accepted':
        open.set(input.conn, true);
        return;
      case 'connect-failed':
      case 'closed':
        open.delete(input.conn);
        return;
      case 'packet':
        if (chance(3) === 0 && open.get(input.conn)) context.send(input.conn, packet('ACK', chance(100)));
        return;
      case 'command':
        act();
        if (input.command.do === 'console' && input.command.line === 'exit') context.exit('told to');
        return;
      case 'timer':
      case 'fsynced':
      case 'written':
      case 'ask':
        return;
    }
  })(init, refs);
};

/** Throws at 100 ms in the process of server 2. */
export const thrower: ProcessFactory = (init, refs) =>
  fake((context, input) => {
    if (input.type !== 'boot' || init.name !== serverName(sid(2))) return;
    context.setTimer(100, () => {
      throw new Error('on purpose');
    });
  })(init, refs);
