/**
 * Bugs that Apache ZooKeeper has to this day, and the engine with it ("Real bugs stay real" in ARCHITECTURE.md). When one
 * strikes, what goes wrong from then on is its doing: violations say so.
 */
import type { ActorName, EventId } from '../protocol/ids.ts';
import { counterOf, type Zxid } from '../protocol/zxid.ts';
import type { Handlers } from './types.ts';
import { entryAt, indexAbove, type GhostServer, type World } from './world.ts';

export const KNOWN_BUGS = {
  'ZOOKEEPER-2846':
    'A leader that once took a SNAP sends a learner transactions from its old log files, which do not join what the SNAP held.',
  'dirty snapshot':
    'A server that was elected, but never led, has written a snapshot of its whole log; a later TRUNC cuts the log and not the snapshot, so that its tree keeps what was cut.',
  'TRUNC below the log':
    'A server is told to cut its log back to a transaction that its log files do not hold: a SNAP has brought it, or the epoch only begins there. What is cut is behind the next transaction, so that this one stays.',
  'ZOOKEEPER-4882':
    'A server whose log cannot be written goes on with its tree, which is ahead of its log, and is synchronized from there: the log misses what lies between.',
  'stale configuration file':
    'A server dies before it has written the configuration file of a reconfiguration. Its old one may not have it, so its process ends at every start, or has voters that have left, for which it waits for ever.',
  'epoch without a write':
    'A leader counts itself at the first zxid of its epoch as soon as it serves. The others refuse whoever has read that from it, as ahead of them, until somebody writes.',
} as const;

export type KnownBug = keyof typeof KNOWN_BUGS;

/** Sees a bug strike. */
export class KnownBugWatch {
  readonly handlers: Handlers;
  /** The first that has struck, and the event by which it did. */
  struck: { readonly bug: KnownBug; readonly event: EventId } | null = null;

  constructor(world: World) {
    /** By learner: who sends it what from log files, behind what, and up to where that can be. */
    const fromDisk = new Map<ActorName, { readonly leader: ActorName; sent: Zxid; readonly last: Zxid }>();
    /** Servers whose disk has refused writes since their process started. */
    const refused = new Set<ActorName>();
    const isAhead = (server: GhostServer | null | undefined, zxid: Zxid): boolean =>
      !!server && refused.has(server.name) && counterOf(zxid) !== 0 && zxid > server.lastLogged;
    /** By server: to where its log was cut. */
    const cutTo = new Map<ActorName, Zxid>();
    /** Learners whose leader’s last transaction is older than their own: they are told to go back to it, whatever they have. */
    const ahead = new Set<ActorName>();
    this.handlers = {
      'process-started': ({ actor }) => {
        refused.delete(actor);
      },
      'disk-full': ({ actor, full }) => {
        if (full) refused.add(actor);
      },
      'server-state': ({ id, actor, state }) => {
        const server = world.servers.get(actor);
        if (state === 'LEADING' && server && isAhead(server, server.processed)) {
          this.struck ??= { bug: 'ZOOKEEPER-4882', event: id };
        }
      },
      'log-truncated': ({ actor, to }) => {
        cutTo.set(actor, to);
      },
      'tree-loaded': ({ id, actor, source, zxid, log }) => {
        const to = cutTo.get(actor);
        if (source !== 'TRUNC' || to === undefined || zxid <= to) return;
        if (log.length === 0) this.struck ??= { bug: 'dirty snapshot', event: id };
        else if (ahead.has(actor)) this.struck ??= { bug: 'TRUNC below the log', event: id };
      },
      'sync-chosen': ({ id, actor, learner, notes, mode, zxid, peerLastZxid, maxCommittedLog, lastProcessedZxid }) => {
        const name = world.server(learner)?.name;
        if (name === undefined) return;
        if (mode === 'TRUNC' && zxid === (maxCommittedLog || lastProcessedZxid)) ahead.add(name);
        else ahead.delete(name);
        if (isAhead(world.server(learner), peerLastZxid)) this.struck ??= { bug: 'ZOOKEEPER-4882', event: id };
        if (mode !== 'SNAP' && notes.some((note) => note.startsWith('Use txnlog'))) {
          const sent = mode === 'TRUNC' ? zxid : peerLastZxid;
          const leader = world.servers.get(actor);
          const isForeign = mode === 'TRUNC' && leader && zxid > leader.floor && entryAt(leader.log, zxid) === null;
          if (isForeign) this.struck ??= { bug: 'ZOOKEEPER-2846', event: id };
          fromDisk.set(name, { leader: actor, sent, last: lastProcessedZxid });
        } else fromDisk.delete(name);
      },
      send: ({ id, actor, to, packet }) => {
        if (fromDisk.size === 0 || packet.type !== 'PROPOSAL' || packet.zxid === undefined) return;
        const source = fromDisk.get(to);
        const leader = world.servers.get(actor);
        if (source?.leader !== actor || !leader) return;
        if (packet.zxid > source.last) {
          fromDisk.delete(to);
          return;
        }
        const { sent } = source;
        source.sent = packet.zxid;
        if (sent < leader.floor || this.struck !== null) return;
        const next = leader.log[indexAbove(leader.log, sent)];
        if (next?.zxid !== packet.zxid) this.struck = { bug: 'ZOOKEEPER-2846', event: id };
      },
    };
  }
}
