/** The transaction log and the znode tree of a server. */
import { unreachable } from '../../protocol/assert.ts';
import type { EventOf, LogEntry, ZnodeChange } from '../../protocol/events.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import type { LabState, ServerView } from '../state.ts';
import { writableTree } from './clone.ts';
import { serverOf } from './process.ts';
import { commitUpTo, countLateAck } from './zab.ts';

type LogEvent = EventOf<
  | 'recovered'
  | 'log-appended'
  | 'log-durable'
  | 'log-truncated'
  | 'applied'
  | 'tree-loaded'
  | 'snapshot-started'
  | 'snapshot-taken'
  | 'files-purged'
  | 'digest-mismatch'
>;

/** Entries of a log that are kept for showing, the newest. */
const LOG_SHOWN = 200;
/** Snapshots that are kept for showing, the newest. */
const SNAPSHOTS_SHOWN = 20;

export function applyLog(state: LabState, event: LogEvent): void {
  const server = serverOf(state, event.actor);
  switch (event.kind) {
    case 'recovered':
      load(server, event.nodes, event.sessions, event.log);
      server.lastLogged = server.lastDurable = server.lastProcessed = event.lastZxid;
      server.lastCommitted = Math.min(server.lastCommitted, event.lastZxid) as Zxid;
      if (event.snapshot !== null) {
        noteSnapshot(server, event.snapshot);
        // A snapshot holds nothing but what was committed.
        commitUpTo(server, event.snapshot);
      }
      server.acceptedEpoch = event.acceptedEpoch;
      server.currentEpoch = event.currentEpoch;
      return;
    case 'log-appended':
      server.log.push(event.entry);
      if (server.log.length > LOG_SHOWN) server.log.shift();
      server.lastLogged = event.entry.zxid;
      return;
    case 'log-durable':
      if (event.zxid > server.lastDurable) server.lastDurable = event.zxid;
      if (server.lastQuorum && server.lastQuorum.zxid <= event.zxid) {
        countLateAck(server, server.sid, server.lastQuorum.zxid);
      }
      return;
    case 'log-truncated':
      server.log = server.log.filter((entry) => entry.zxid <= event.to);
      cutBack(server, event.to);
      return;
    case 'applied':
      change(server, event.changes);
      server.lastProcessed = event.zxid;
      commitUpTo(server, event.zxid);
      return;
    case 'tree-loaded':
      load(server, event.nodes, event.sessions, event.log);
      server.lastProcessed = event.zxid;
      // A replay after a role may hold what is not committed; it adds nothing to the log.
      if (event.source === 'replay') return;
      cutBack(server, event.zxid);
      server.lastLogged = event.zxid;
      // The leader sends a tree of committed transactions only.
      if (event.source === 'SNAP') commitUpTo(server, event.zxid);
      return;
    case 'snapshot-taken':
      noteSnapshot(server, event.zxid);
      return;
    case 'files-purged':
      server.snapshots = server.snapshots.filter(
        (zxid) => !event.files.some((file) => file.endsWith(`snapshot.${zxid.toString(16)}`)),
      );
      return;
    case 'snapshot-started':
    case 'digest-mismatch':
      return;
    default:
      return unreachable(event);
  }
}

function load(
  server: ServerView,
  nodes: readonly ZnodeChange[],
  sessions: EventOf<'recovered'>['sessions'],
  log: readonly LogEntry[],
): void {
  server.tree = new Map();
  change(server, nodes);
  server.sessions = new Map(sessions);
  server.log = log.slice(-LOG_SHOWN);
}

export function change(server: ServerView, changes: readonly ZnodeChange[]): void {
  if (changes.length === 0) return;
  const tree = writableTree(server);
  for (const [path, node] of changes) {
    const known = tree.get(path);
    if (node === null) tree.delete(path);
    else if ('data' in node) tree.set(path, node);
    else if (known) tree.set(path, { ...known, stat: node.stat });
  }
}

/** Nothing behind `to` is in the log any more. */
function cutBack(server: ServerView, to: Zxid): void {
  server.lastLogged = Math.min(server.lastLogged, to) as Zxid;
  server.lastDurable = Math.min(server.lastDurable, to) as Zxid;
  server.lastCommitted = Math.min(server.lastCommitted, to) as Zxid;
}

function noteSnapshot(server: ServerView, zxid: Zxid): void {
  if (server.snapshots.includes(zxid)) return;
  server.snapshots = [...server.snapshots, zxid].sort((a, b) => a - b).slice(-SNAPSHOTS_SHOWN);
}
