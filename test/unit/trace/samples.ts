/** One event of every kind; complete by type. */
import type { EventBody, EventKind, OfKind } from '../../../src/protocol/events.ts';
import type { EventId, SessionId } from '../../../src/protocol/ids.ts';
import { LAB, sid } from '../../../src/protocol/ids.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { epoch } from '../../../src/protocol/zxid.ts';
import { alice, conn, s1, s2, s3, z, znode } from './recorder.ts';

const session = '0x100' as SessionId;
const vote = (leader: number) => ({ leader, zxid: z(0), electionEpoch: 1, peerEpoch: epoch(0) });
const quorum = { from: sid(1), acks: [sid(3), sid(1)], need: 2 };

type Sample<K extends EventKind> = Omit<OfKind<EventBody<EventId>, K>, 'kind'>;

export const SAMPLES: { readonly [K in EventKind]: Sample<K> } = {
  'lab-started': { seed: 1, title: 'test' },
  action: { action: { at: 0, do: 'kill', server: 3 } },
  'action-refused': { action: { at: 0, do: 'kill', server: 3 }, reason: 's3 is down' },
  'server-added': { sid: sid(4), role: 'observer', fsync: [2, 6] },
  'server-removed': { sid: sid(4) },
  'link-cut': { from: s1, to: s2 },
  'link-healed': { from: s1, to: s2 },
  'link-latency': { from: s1, to: s2, latency: [5, 9] },
  'link-hold': { from: s1, to: s2, type: 'ACK', count: 1 },
  'link-release': { from: s1, to: s2, type: null, count: null },
  'process-started': { incarnation: 0 },
  'process-killed': {},
  'process-exited': { reason: 'no snapshot can be read' },
  'process-paused': {},
  'process-resumed': {},
  'clock-rate': { rate: 2 },
  connect: { conn: conn('s1#0.0'), to: s2, port: 'election' },
  connected: { conn: conn('s1#0.0'), peer: s2, port: 'election', initiator: true },
  'connect-failed': { conn: conn('s1#0.0'), to: s2, port: 'election', reason: 'refused' },
  disconnected: { conn: conn('s1#0.0'), peer: s2, port: 'election', reason: 'closed by peer' },
  send: {
    to: s2,
    conn: conn('s1#0.0'),
    port: 'quorum',
    packet: { type: 'PROPOSAL', zxid: z(2), txn: 'setData', path: '/config' },
    arrives: virtualTime(20),
  },
  resend: { message: 0 as EventId, to: s2, arrives: virtualTime(20), why: 'retransmitted' },
  held: { message: 0 as EventId, to: s2, type: 'ACK' },
  receive: { message: 0 as EventId, from: s2, type: 'ACK' },
  lost: { message: 0 as EventId, from: s1, to: s2, why: 'cut' },
  'disk-latency': { fsync: [3000, 3000] },
  'fsync-started': { file: 'log.1' },
  'fsync-done': { file: 'log.1' },
  'disk-lost': { file: 'log.1', bytes: 40, torn: true },
  'disk-wiped': {},
  'disk-corrupted': { file: 'log.1', offset: 7 },
  'disk-torn': { file: 'log.1', offset: 7 },
  'disk-file-removed': { file: 'log.1' },
  'disk-full': { full: true },
  'written-back': { files: ['snapshot.0'] },
  recovered: {
    snapshot: z(0),
    replayed: 2,
    lastZxid: z(2),
    acceptedEpoch: epoch(1),
    currentEpoch: epoch(1),
    nodes: [['/', znode('')]],
    sessions: [[session, 6000]],
    log: [{ zxid: z(1), txn: 'createSession', digest: 1 }],
  },
  'server-state': { state: 'LOOKING', why: 'the process has started' },
  'zab-state': { zabState: 'DISCOVERY' },
  'election-started': { round: 1, vote: vote(1) },
  'vote-changed': { round: 1, from: sid(3), old: vote(1), vote: vote(3) },
  'vote-counted': { from: sid(3), vote: vote(3), tally: [sid(1), sid(3)], need: 2 },
  'vote-ignored': { from: sid(2), vote: vote(2), why: 'lower round' },
  'election-waiting': { until: virtualTime(300) },
  elected: { vote: vote(3), by: 'quorum', state: 'FOLLOWING' },
  'epoch-heard': { from: sid(1), acceptedEpoch: epoch(0), heard: [sid(3), sid(1)], need: 2 },
  'epoch-proposed': { epoch: epoch(1) },
  'epoch-acked': quorum,
  'epoch-saved': { file: 'acceptedEpoch', epoch: epoch(1) },
  'sync-chosen': {
    learner: sid(1),
    peerLastZxid: z(0),
    minCommittedLog: z(1),
    maxCommittedLog: z(2),
    lastProcessedZxid: z(2),
    mode: 'DIFF',
    zxid: z(2),
    count: 2,
    notes: [],
  },
  'sync-received': { mode: 'DIFF', zxid: z(2), leader: sid(1) },
  'newleader-acked': quorum,
  serving: { epoch: epoch(1), leader: sid(3) },
  'stepped-down': { why: 'only 1 of 2 synced' },
  'learner-joined': { learner: sid(1), why: 'UPTODATE sent' },
  'learner-lost': { learner: sid(1), why: 'its connection ended' },
  proposed: { zxid: z(2), txn: 'setData', path: '/config', sessionId: session, cxid: 3, need: 2 },
  'log-appended': { entry: { zxid: z(2), txn: 'setData', path: '/config', digest: 1 } },
  'log-durable': { zxid: z(2), count: 1 },
  'log-truncated': { to: z(1) },
  acked: { zxid: z(2), ...quorum },
  committed: { zxid: z(2) },
  'commit-received': { zxid: z(2) },
  applied: { zxid: z(2), txn: 'setData', changes: [['/config', znode('v2', 1)]] },
  'tree-loaded': { source: 'SNAP', zxid: z(2), nodes: [['/', znode('')]], sessions: [], log: [] },
  'snapshot-started': { zxid: z(2) },
  'files-purged': { files: ['snapshot.0'] },
  'digest-mismatch': { zxid: z(2), expected: '51c6f620', actual: '0' },
  'snapshot-taken': { zxid: z(2), bytes: 400 },
  'config-seen': { version: z(3), text: 'version=3', members: [{ sid: sid(1), role: 'participant' }] },
  'config-activated': { version: z(3), text: 'version=3', members: [{ sid: sid(4), role: 'observer' }] },
  'config-written': { version: z(3), changes: [['/zookeeper/config', znode('version=3')]] },
  'request-rejected': { sessionId: session, why: 'closing' },
  'session-attached': { sessionId: session, conn: conn('alice#0.0'), client: alice, timeout: 6000 },
  'session-detached': { sessionId: session, conn: conn('alice#0.0'), client: alice, why: 'closed by peer' },
  'client-refused': { client: alice, conn: conn('alice#0.0'), why: 'ZXID_AHEAD' },
  'session-opened': { sessionId: session, timeout: 6000 },
  'session-closed': { sessionId: session },
  'session-expired': { sessionId: session, bucket: virtualTime(6000) },
  'container-expired': { path: '/box' },
  'auth-added': { sessionId: session, scheme: 'digest', authId: 'bob:fyVmFCwVbTJYrznoSu1koqYEYF0=' },
  'read-only': { on: true },
  'quota-exceeded': { path: '/q/a', quota: '/q', what: 'count', used: 3, limit: 2, hard: true },
  'session-owner': { sessionId: session, owner: sid(1) },
  'watch-set': { table: 'data', path: '/config', sessionId: session, mode: 'STANDARD' },
  'watch-fired': {
    event: 'NodeDataChanged',
    path: '/config',
    table: 'data',
    sessionId: session,
    zxid: z(2),
    stays: false,
  },
  'watch-withheld': {
    event: 'NodeDataChanged',
    path: '/config',
    table: 'data',
    sessionId: session,
    why: 'NOAUTH',
    stays: false,
  },
  'watch-removed': { table: 'data', path: '/config', sessionId: session },
  'watches-dropped': { sessionId: session },
  answered: { command: 'ruok', lines: ['imok'] },
  'client-state': { state: 'CONNECTED', server: sid(1), why: 'session established' },
  'session-established': { sessionId: session, timeout: 6000, server: sid(1), renewed: false },
  call: { call: 0, request: { op: 'set', path: '/config', data: 'v2' } },
  returned: {
    call: 0,
    request: { op: 'set', path: '/config' },
    server: sid(1),
    zxid: z(2),
    error: null,
    result: { stat: znode('v2', 1).stat },
  },
  'watch-event': { type: 'NodeDataChanged', state: 'SyncConnected', path: '/config', zxid: z(2) },
  'console-line': { line: 'set /config v2' },
  'console-output': { lines: ['done'] },
};

/** Who reports an event of this kind. */
export function actorOf(kind: EventKind): typeof s1 {
  if (['lab-started', 'action', 'action-refused'].includes(kind) || kind.startsWith('link-')) return LAB;
  if (['client-state', 'session-established', 'call', 'returned', 'watch-event'].includes(kind)) return alice;
  if (kind.startsWith('console-')) return alice;
  return kind === 'proposed' || kind === 'acked' || kind === 'committed' ? s3 : s1;
}

export const KINDS = Object.keys(SAMPLES) as EventKind[];

export function sample(kind: EventKind): EventBody<EventId> {
  // Each row of the table has the payload of its kind.
  return { kind, ...SAMPLES[kind] } as EventBody<EventId>;
}
