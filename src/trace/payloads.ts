/** The fields that an event of each kind must have, for reading traces; optional ones are not listed. */
import type { EventKind, EventOf } from '../protocol/events.ts';

/** `?`: or null. */
export type FieldType = 'number' | 'number?' | 'string' | 'string?' | 'boolean' | 'list' | 'object' | 'object?';

type Envelope = 'id' | 't' | 'actor' | 'kind' | 'causes' | 'rule';
type Payload<K extends EventKind> = Omit<EventOf<K>, Envelope>;
type RequiredKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T];

type TypeOf<V> = V extends null
  ? never
  : V extends number
    ? 'number'
    : V extends string
      ? 'string'
      : V extends boolean
        ? 'boolean'
        : V extends readonly unknown[]
          ? 'list'
          : 'object';
type FieldOf<V> = null extends V ? `${Exclude<TypeOf<V>, 'boolean' | 'list'>}?` : TypeOf<V>;

/** Complete by type: a new kind, or a new field, breaks the build until it is listed. */
export const PAYLOADS: {
  readonly [K in EventKind]: { readonly [F in RequiredKeys<Payload<K>>]: FieldOf<Payload<K>[F & keyof Payload<K>]> };
} = {
  'lab-started': { seed: 'number', title: 'string' },
  action: { action: 'object' },
  'action-refused': { action: 'object', reason: 'string' },
  'server-added': { sid: 'number', role: 'string', fsync: 'list' },
  'server-removed': { sid: 'number' },
  'link-cut': { from: 'string', to: 'string' },
  'link-healed': { from: 'string', to: 'string' },
  'link-latency': { from: 'string', to: 'string', latency: 'list' },
  'link-hold': { from: 'string', to: 'string', type: 'string?', count: 'number?' },
  'link-release': { from: 'string', to: 'string', type: 'string?', count: 'number?' },
  'process-started': { incarnation: 'number' },
  'process-killed': {},
  'process-exited': { reason: 'string' },
  'process-paused': {},
  'process-resumed': {},
  'clock-rate': { rate: 'number' },
  connect: { conn: 'string', to: 'string', port: 'string' },
  connected: { conn: 'string', peer: 'string', port: 'string', initiator: 'boolean' },
  'connect-failed': { conn: 'string', to: 'string', port: 'string', reason: 'string' },
  disconnected: { conn: 'string', peer: 'string', port: 'string', reason: 'string' },
  send: { to: 'string', conn: 'string', port: 'string', packet: 'object', arrives: 'number?' },
  resend: { message: 'number', to: 'string', arrives: 'number?', why: 'string' },
  held: { message: 'number', to: 'string', type: 'string' },
  receive: { message: 'number', from: 'string', type: 'string' },
  lost: { message: 'number', from: 'string', to: 'string', why: 'string' },
  'disk-latency': { fsync: 'list' },
  'fsync-started': { file: 'string' },
  'fsync-done': { file: 'string' },
  'disk-lost': { file: 'string', bytes: 'number', torn: 'boolean' },
  'disk-wiped': {},
  'disk-corrupted': { file: 'string', offset: 'number' },
  'disk-torn': { file: 'string', offset: 'number' },
  'disk-file-removed': { file: 'string' },
  'disk-full': { full: 'boolean' },
  'written-back': { files: 'list' },
  recovered: {
    snapshot: 'number?',
    replayed: 'number',
    lastZxid: 'number',
    acceptedEpoch: 'number',
    currentEpoch: 'number',
    nodes: 'list',
    sessions: 'list',
    log: 'list',
  },
  'server-state': { state: 'string', why: 'string' },
  'zab-state': { zabState: 'string' },
  'election-started': { round: 'number', vote: 'object' },
  'vote-changed': { round: 'number', from: 'number', old: 'object', vote: 'object' },
  'vote-counted': { from: 'number', vote: 'object', tally: 'list', need: 'number' },
  'vote-ignored': { from: 'number', vote: 'object', why: 'string' },
  'election-waiting': { until: 'number' },
  elected: { vote: 'object', by: 'string', state: 'string' },
  'epoch-heard': { from: 'number', acceptedEpoch: 'number', heard: 'list', need: 'number' },
  'epoch-proposed': { epoch: 'number' },
  'epoch-acked': { from: 'number', acks: 'list', need: 'number' },
  'epoch-saved': { file: 'string', epoch: 'number' },
  'sync-chosen': {
    learner: 'number',
    peerLastZxid: 'number',
    minCommittedLog: 'number',
    maxCommittedLog: 'number',
    lastProcessedZxid: 'number',
    mode: 'string',
    zxid: 'number',
    count: 'number',
    notes: 'list',
  },
  'sync-received': { mode: 'string', zxid: 'number', leader: 'number' },
  'newleader-acked': { from: 'number', acks: 'list', need: 'number' },
  serving: { epoch: 'number', leader: 'number' },
  'stepped-down': { why: 'string' },
  'learner-joined': { learner: 'number', why: 'string' },
  'learner-lost': { learner: 'number', why: 'string' },
  proposed: { zxid: 'number', txn: 'string', sessionId: 'string', cxid: 'number', need: 'number' },
  'log-appended': { entry: 'object' },
  'log-durable': { zxid: 'number', count: 'number' },
  'log-truncated': { to: 'number' },
  acked: { zxid: 'number', from: 'number', acks: 'list', need: 'number' },
  committed: { zxid: 'number' },
  'commit-received': { zxid: 'number' },
  applied: { zxid: 'number', txn: 'string', changes: 'list' },
  'tree-loaded': { source: 'string', zxid: 'number', nodes: 'list', sessions: 'list', log: 'list' },
  'snapshot-started': { zxid: 'number' },
  'files-purged': { files: 'list' },
  'digest-mismatch': { zxid: 'number', expected: 'string', actual: 'string' },
  'snapshot-taken': { zxid: 'number', bytes: 'number' },
  'config-seen': { version: 'number', text: 'string', members: 'list' },
  'config-activated': { version: 'number', text: 'string', members: 'list' },
  'config-written': { version: 'number', changes: 'list' },
  'request-rejected': { sessionId: 'string', why: 'string' },
  'session-attached': { sessionId: 'string', conn: 'string', client: 'string', timeout: 'number' },
  'session-detached': { sessionId: 'string', conn: 'string', client: 'string', why: 'string' },
  'client-refused': { client: 'string', conn: 'string', why: 'string' },
  'auth-added': { sessionId: 'string', scheme: 'string', authId: 'string' },
  'read-only': { on: 'boolean' },
  'quota-exceeded': {
    path: 'string',
    quota: 'string',
    what: 'string',
    used: 'number',
    limit: 'number',
    hard: 'boolean',
  },
  'session-opened': { sessionId: 'string', timeout: 'number' },
  'session-closed': { sessionId: 'string' },
  'session-expired': { sessionId: 'string', bucket: 'number' },
  'container-expired': { path: 'string' },
  'session-owner': { sessionId: 'string', owner: 'number' },
  'watch-set': { table: 'string', path: 'string', sessionId: 'string', mode: 'string' },
  'watch-fired': {
    event: 'string',
    path: 'string',
    table: 'string',
    sessionId: 'string',
    zxid: 'number',
    stays: 'boolean',
  },
  'watch-withheld': {
    event: 'string',
    path: 'string',
    table: 'string',
    sessionId: 'string',
    why: 'string',
    stays: 'boolean',
  },
  'watch-removed': { table: 'string', path: 'string', sessionId: 'string' },
  'watches-dropped': { sessionId: 'string' },
  answered: { command: 'string', lines: 'list' },
  'client-state': { state: 'string', server: 'number?', why: 'string' },
  'session-established': { sessionId: 'string', timeout: 'number', server: 'number', renewed: 'boolean' },
  call: { call: 'number', request: 'object' },
  returned: {
    call: 'number',
    request: 'object',
    server: 'number?',
    zxid: 'number?',
    error: 'string?',
    result: 'object?',
  },
  'watch-event': { type: 'string', state: 'string', path: 'string?', zxid: 'number' },
  'console-line': { line: 'string' },
  'console-output': { lines: 'list' },
};
