/**
 * The one table of names that conditions know: what an event of the curriculum is in the trace, and what
 * its fields are. Sentences tell a learner what is still missing; `{c}` stands for a field, and the words
 * between `[` and `]` go when the field is not given.
 */
import { PROPERTY_NAMES } from '../../check/index.ts';
import type { TraceEvent } from '../../protocol/events.ts';
import { serverName, sidOf, type ActorName, type SessionId, type Sid } from '../../protocol/ids.ts';
import { changedPath, type LabState } from '../../trace/index.ts';
import { counterOf, epochOf, type Zxid } from '../../protocol/zxid.ts';

export type FieldType =
  | 'server'
  | 'client'
  | 'path'
  | 'zxid'
  | 'number'
  | 'text'
  | 'command'
  | 'result'
  | 'event type'
  | 'mode'
  | 'transaction'
  | 'reason';

/** What a field holds in an event of the trace. */
export type FieldValue = string | number | null | undefined;
export type EventFields = Readonly<Record<string, FieldValue>>;

/** What matchers remember of the run. */
export interface Memory {
  /** The state before the event. */
  readonly state: Readonly<LabState>;
  /** What was proposed since the step began. */
  readonly proposals: ReadonlyMap<Zxid, { readonly type: string; readonly path: string | undefined }>;
}

export interface EventName {
  /** In the order in which they may be given without their names. */
  readonly fields: Readonly<Record<string, FieldType>>;
  /** What an event of the trace is under this name: nothing, one thing or several. */
  readonly read: (event: TraceEvent, memory: Memory) => readonly EventFields[];
  readonly says: string;
}

const name = (sid: Sid): string => serverName(sid);

function clientOfSession(state: Readonly<LabState>, session: SessionId): string | undefined {
  for (const client of state.clients.values()) if (client.sessionId === session) return client.name;
  return undefined;
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isServer(actor: ActorName): boolean {
  return sidOf(actor) !== null;
}

/** The transaction behind a zxid, for events that carry the zxid only. */
function txnOf({ state, proposals }: Memory, actor: ActorName, zxid: Zxid): EventFields {
  const proposal = proposals.get(zxid);
  if (proposal) return { type: proposal.type, path: proposal.path };
  const sid = sidOf(actor);
  const entry = sid === null ? undefined : state.servers.get(sid)?.log.find((each) => each.zxid === zxid);
  return { type: entry?.txn, path: entry?.path };
}

const TXN_FIELDS = { z: 'zxid', type: 'transaction', path: 'path', epoch: 'number' } as const;

export const EVENTS: Readonly<Record<string, EventName>> = {
  // ---- election
  vote: {
    fields: { from: 'server', for: 'server' },
    read: (e) =>
      e.kind === 'election-started' || e.kind === 'vote-changed'
        ? [{ from: e.actor, for: e.vote.leader < 0 ? null : `s${e.vote.leader}` }]
        : [],
    says: '{from} votes[ for {for}]',
  },
  revote: {
    fields: { from: 'server', old: 'server', new: 'server' },
    read: (e) =>
      e.kind === 'vote-changed' ? [{ from: e.actor, old: `s${e.old.leader}`, new: `s${e.vote.leader}` }] : [],
    says: '{from} changes its vote[ from {old}][ to {new}]',
  },
  elected: {
    fields: { s: 'server' },
    read: (e) => (e.kind === 'elected' && e.state === 'LEADING' ? [{ s: e.actor }] : []),
    says: '{s} is elected',
  },
  ackepoch: {
    fields: { from: 'server' },
    read: (e) => (e.kind === 'epoch-acked' ? [{ from: name(e.from) }] : []),
    says: '{from} promises to follow the new epoch',
  },
  sync: {
    fields: { to: 'server', mode: 'mode', n: 'number' },
    read: (e) => (e.kind === 'sync-chosen' ? [{ to: name(e.learner), mode: e.mode, n: e.count }] : []),
    says: '{to} is synchronized[ by {mode}][ of {n}]',
  },
  newleaderAck: {
    fields: { from: 'server' },
    read: (e) => (e.kind === 'newleader-acked' ? [{ from: name(e.from) }] : []),
    says: '{from} acknowledges NEWLEADER',
  },
  serving: {
    fields: { s: 'server', epoch: 'number' },
    read: (e) => (e.kind === 'serving' ? [{ s: e.actor, epoch: e.epoch }] : []),
    says: '{s} serves[ in epoch {epoch}]',
  },
  stepdown: {
    fields: { s: 'server', why: 'reason' },
    read: (e) => (e.kind === 'stepped-down' ? [{ s: e.actor, why: e.why }] : []),
    says: '{s} gives up its role',
  },

  // ---- broadcast
  forward: {
    fields: { from: 'server', to: 'server', op: 'text', path: 'path' },
    read: (e) =>
      e.kind === 'send' && e.packet.type === 'REQUEST'
        ? [{ from: e.actor, to: e.to, op: e.packet.op, path: e.packet.path }]
        : [],
    says: '{from} forwards a request[ to {to}]',
  },
  propose: {
    fields: { ...TXN_FIELDS, s: 'server', error: 'result' },
    read: (e) =>
      e.kind === 'proposed'
        ? [{ z: e.zxid, type: e.txn, path: e.path, epoch: epochOf(e.zxid), s: e.actor, error: e.error }]
        : [],
    says: '{s} proposes a write[ to {path}]',
  },
  log: {
    fields: { s: 'server', z: 'zxid' },
    read: (e, { state }) => {
      if (e.kind !== 'log-durable') return [];
      const sid = sidOf(e.actor);
      const server = sid === null ? undefined : state.servers.get(sid);
      // One fsync may carry several transactions.
      const logged = server?.log.filter(({ zxid }) => zxid > server.lastDurable && zxid < e.zxid) ?? [];
      return [...logged.map(({ zxid }) => zxid), e.zxid].map((z) => ({ s: e.actor, z }));
    },
    says: '{s} has a proposal on disk',
  },
  ack: {
    fields: { s: 'server', z: 'zxid' },
    read: (e) => {
      // A follower's ACK is a packet; the leader's own is none. Counter 0 is that of NEWLEADER.
      if (e.kind === 'send' && e.packet.type === 'ACK' && e.packet.zxid !== undefined) {
        return counterOf(e.packet.zxid) === 0 ? [] : [{ s: e.actor, z: e.packet.zxid }];
      }
      return e.kind === 'acked' && name(e.from) === e.actor ? [{ s: e.actor, z: e.zxid }] : [];
    },
    says: '{s} acknowledges a proposal',
  },
  commit: {
    fields: { ...TXN_FIELDS, s: 'server' },
    read: (e, memory) =>
      e.kind === 'committed'
        ? [{ z: e.zxid, epoch: epochOf(e.zxid), s: e.actor, ...txnOf(memory, e.actor, e.zxid) }]
        : [],
    says: 'a write[ to {path}] is committed[ in epoch {epoch}]',
  },
  inform: {
    fields: { s: 'server', z: 'zxid' },
    read: (e, { state }) =>
      e.kind === 'receive' && e.type === 'INFORM'
        ? [{ s: e.actor, z: state.messages.get(e.message)?.packet.zxid }]
        : [],
    says: '{s} is informed of a committed write',
  },
  apply: {
    fields: { s: 'server', z: 'zxid', type: 'transaction', path: 'path' },
    read: (e) => (e.kind === 'applied' ? [{ s: e.actor, z: e.zxid, type: e.txn, path: changedPath(e) }] : []),
    says: '{s} applies a write[ to {path}]',
  },

  // ---- clients
  /** Typed on a console, or sent from a form. */
  command: {
    fields: { c: 'client', line: 'text' },
    read: (e) =>
      e.kind === 'action' && (e.action.do === 'console' || e.action.do === 'request')
        ? [{ c: asText(e.action['client']), line: asText(e.action['line']) }]
        : [],
    says: '{c} is given a command',
  },
  op: {
    fields: { c: 'client', cmd: 'command', path: 'path', res: 'result', by: 'server', val: 'text' },
    read: (e) => {
      if (e.kind !== 'returned') return [];
      const data = e.result?.data;
      return [
        {
          c: e.actor,
          cmd: e.request.op,
          path: e.request.path,
          res: e.error ?? 'OK',
          by: e.server === null ? null : name(e.server),
          val: typeof data === 'string' ? data : null,
        },
      ];
    },
    says: '{c} gets {res} for {cmd}[ {path}][ with the value {val}][ from {by}]',
  },
  fire: {
    fields: { c: 'client', type: 'event type', path: 'path' },
    read: (e) => (e.kind === 'watch-event' && e.path !== null ? [{ c: e.actor, type: e.type, path: e.path }] : []),
    says: '{c} is told[ {type}] by a watch[ on {path}]',
  },
  open: {
    fields: { c: 'client' },
    read: (e) => (e.kind === 'session-established' && !e.renewed ? [{ c: e.actor }] : []),
    says: '{c} opens a session',
  },
  move: {
    fields: { c: 'client', to: 'server' },
    read: (e) => (e.kind === 'session-established' && e.renewed ? [{ c: e.actor, to: name(e.server) }] : []),
    says: '{c} reconnects with the same session[ to {to}]',
  },
  expire: {
    fields: { c: 'client', s: 'server' },
    read: (e, { state }) =>
      e.kind === 'session-expired' ? [{ c: clientOfSession(state, e.sessionId), s: e.actor }] : [],
    says: 'the leader expires the session of {c}',
  },
  told: {
    fields: { c: 'client' },
    read: (e) => (e.kind === 'client-state' && e.state === 'EXPIRED' ? [{ c: e.actor }] : []),
    says: '{c} learns that its session has expired',
  },
  closed: {
    fields: { c: 'client' },
    read: (e) => (e.kind === 'client-state' && e.state === 'CLOSED' ? [{ c: e.actor }] : []),
    says: '{c} closes its session',
  },
  refused: {
    fields: { c: 'client', s: 'server', why: 'reason' },
    read: (e) => (e.kind === 'client-refused' ? [{ c: e.client, s: e.actor, why: e.why }] : []),
    says: '{s} refuses {c}',
  },

  // ---- processes and disks
  crash: {
    fields: { s: 'server' },
    read: (e) => (e.kind === 'process-killed' && isServer(e.actor) ? [{ s: e.actor }] : []),
    says: '{s} is killed',
  },
  start: {
    fields: { s: 'server' },
    read: (e) => (e.kind === 'process-started' && isServer(e.actor) ? [{ s: e.actor }] : []),
    says: '{s} is started',
  },
  pause: {
    fields: { s: 'server' },
    read: (e) => (e.kind === 'process-paused' && isServer(e.actor) ? [{ s: e.actor }] : []),
    says: '{s} is paused',
  },
  recover: {
    fields: { s: 'server', snap: 'zxid', replayed: 'number' },
    read: (e) => (e.kind === 'recovered' ? [{ s: e.actor, snap: e.snapshot, replayed: e.replayed }] : []),
    says: '{s} recovers from its disk',
  },
  snap: {
    fields: { s: 'server' },
    read: (e) => (e.kind === 'snapshot-taken' ? [{ s: e.actor }] : []),
    says: '{s} takes a snapshot',
  },
  trunc: {
    fields: { s: 'server', to: 'zxid' },
    read: (e) => (e.kind === 'log-truncated' ? [{ s: e.actor, to: e.to }] : []),
    says: '{s} cuts its log back',
  },
  wipe: {
    fields: { s: 'server' },
    read: (e) => (e.kind === 'disk-wiped' ? [{ s: e.actor }] : []),
    says: 'the disk of {s} is wiped',
  },
};

/** Stands for a field of a sentence that the condition leaves open. */
export const ANY: Readonly<Record<FieldType, string>> = {
  server: 'a server',
  client: 'a client',
  path: 'a znode',
  zxid: 'a zxid',
  number: 'some',
  text: 'some data',
  command: 'a command',
  result: 'an answer',
  'event type': 'an event',
  mode: 'some way',
  transaction: 'a transaction',
  reason: 'some reason',
};

/** Names of the curriculum that this release cannot tell yet, with the reason. */
export const NOT_YET: Readonly<Record<string, string>> = {
  metric: 'metrics come with a later release',
  reconfig: 'reconfig comes with a later release',
  alert: 'alert rules come with a later release',
  call: 'application models come with a later release',
  active: 'application models come with a later release',
  fence: 'application models come with a later release',
  reject: 'application models come with a later release',
  appLeader: 'application models come with a later release',
  overlap: 'application models come with a later release',
  holders: 'application models come with a later release',
  processed: 'application models come with a later release',
  duplicates: 'application models come with a later release',
  score: 'application models come with a later release',
  permalink: 'the page does not tell lessons of permalinks yet',
};

/** Words that stand for themselves, by what they are. */
export const WORDS = {
  result: [
    ...['OK', 'CONNECTIONLOSS', 'NONODE', 'NODEEXISTS', 'BADVERSION', 'NOTEMPTY', 'NOCHILDRENFOREPHEMERALS'],
    ...['SESSIONEXPIRED', 'SESSIONMOVED', 'NOAUTH', 'BADARGUMENTS', 'UNIMPLEMENTED', 'INVALIDACL', 'OPERATIONTIMEOUT'],
    ...['SYSTEMERROR', 'MARSHALLINGERROR', 'NEWCONFIGNOQUORUM', 'QUOTAEXCEEDED'],
  ],
  'event type': ['NodeCreated', 'NodeDeleted', 'NodeDataChanged', 'NodeChildrenChanged'],
  mode: ['DIFF', 'TRUNC', 'SNAP'],
  transaction: ['create', 'delete', 'setData', 'createSession', 'closeSession', 'error'],
  command: [
    ...['create', 'delete', 'get', 'set', 'ls', 'stat', 'sync', 'getAcl', 'setAcl', 'addauth', 'multi'],
    ...['addWatch', 'removewatches', 'removeWatches', 'reconfig', 'config', 'whoami'],
    ...['getEphemerals', 'getAllChildrenNumber', 'close'],
  ],
  reason: ['ZXID_AHEAD', 'NOT_SERVING', 'BAD_PASSWORD', 'UNKNOWN_SESSION'],
  property: PROPERTY_NAMES,
  state: [
    ...['LOOKING', 'FOLLOWING', 'LEADING', 'OBSERVING', 'STANDALONE', 'DOWN', 'PAUSED'],
    ...['ELECTION', 'DISCOVERY', 'SYNCHRONIZATION', 'BROADCAST'],
    ...['CONNECTING', 'CONNECTED', 'CONNECTEDREADONLY', 'DISCONNECTED', 'EXPIRED', 'CLOSED', 'AUTH_FAILED'],
  ],
} as const;
