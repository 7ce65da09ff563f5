/** One short sentence for each event, in ZooKeeper's words: lists, tooltips, the live region, and *Why?* */
import { unreachable } from '../protocol/assert.ts';
import type {
  ClientOp,
  ConfigFacts,
  EventOf,
  LogEntry,
  PacketSummary,
  RecordedAction,
  TraceEvent,
} from '../protocol/events.ts';
import { sidOf } from '../protocol/ids.ts';
import type { Vote } from '../protocol/packets.ts';
import type { TxnType } from '../protocol/txns.ts';
import { formatZxid } from '../protocol/zxid.ts';

/** The sentence ends without a full stop. */
export function describe(event: TraceEvent): string {
  const me = event.actor;
  switch (event.kind) {
    case 'lab-started':
      return `the lab starts with seed ${event.seed}`;
    case 'action':
      return describeAction(event.action);
    case 'action-refused':
      return `refused: ${describeAction(event.action)} (${event.reason})`;
    case 'server-added':
      return `s${event.sid} appears as ${event.role}, with an empty disk`;
    case 'server-removed':
      return `s${event.sid} is taken away with its disk`;
    case 'link-cut':
      return `the link from ${event.from} to ${event.to} is cut`;
    case 'link-healed':
      return `the link from ${event.from} to ${event.to} heals`;
    case 'link-latency':
      return `packets from ${event.from} to ${event.to} now take ${range(event.latency)} ms`;
    case 'link-hold':
      return `${trap(event)} from ${event.from} to ${event.to} will be held`;
    case 'link-release':
      return `${trap(event)} held from ${event.from} to ${event.to} may go`;

    case 'process-started':
      return event.incarnation === 0 ? `${me} starts` : `${me} starts again`;
    case 'process-killed':
      return `${me} is killed`;
    case 'process-exited':
      return `${me} ends itself: ${event.reason}`;
    case 'process-paused':
      return `${me} freezes`;
    case 'process-resumed':
      return `${me} goes on`;
    case 'clock-rate':
      return `the clock of ${me} runs at ${event.rate} times the usual speed`;

    case 'connect':
      return `${me} connects to the ${event.port} port of ${event.to}`;
    case 'connected':
      return event.initiator
        ? `${me} is connected to the ${event.port} port of ${event.peer}`
        : `${me} takes a connection of ${event.peer} on its ${event.port} port`;
    case 'connect-failed':
      return `${me} cannot connect to the ${event.port} port of ${event.to}: ${event.reason}`;
    case 'disconnected':
      return `${me} loses its ${event.port} connection with ${event.peer}: ${event.reason}`;
    case 'send':
      return `${me} sends ${describePacket(event.packet)} to ${event.to}`;
    case 'resend':
      if (event.arrives === null)
        return `the held packet from ${me} to ${event.to} is let go, and waits for the cut to heal`;
      return event.why === 'released'
        ? `the held packet from ${me} to ${event.to} goes on its way`
        : `TCP of ${me} sends the packet to ${event.to} again`;
    case 'held':
      return `${event.type} from ${me} to ${event.to} is held back`;
    case 'receive':
      return `${me} receives ${event.type} from ${event.from}`;
    case 'lost':
      return `a packet from ${event.from} to ${event.to} is lost (${LOST[event.why]})`;

    case 'disk-latency':
      return `an fsync on the disk of ${me} now takes ${range(event.fsync)} ms`;
    case 'fsync-started':
      return `${me} begins an fsync of ${event.file}`;
    case 'fsync-done':
      return `${me} has ${event.file} on disk`;
    case 'disk-lost':
      return `the last ${event.bytes} bytes of ${event.file} on ${me} were not synced and are ${event.torn ? 'torn' : 'gone'}`;
    case 'disk-wiped':
      return `the disk of ${me} is wiped`;
    case 'disk-corrupted':
      return `${event.file} on the disk of ${me} is corrupted at byte ${event.offset}`;
    case 'disk-torn':
      return `${event.file} on the disk of ${me} is torn at byte ${event.offset}`;
    case 'disk-file-removed':
      return `${event.file} on the disk of ${me} is removed`;
    case 'disk-full':
      return event.full ? `the disk of ${me} is full` : `the disk of ${me} has room again`;
    case 'written-back':
      return `the operating system of ${me} has written ${event.files.join(', ')} to disk by itself`;

    case 'recovered':
      return event.snapshot === null
        ? `${me} recovers from an empty disk`
        : `${me} recovers: snapshot ${formatZxid(event.snapshot)}, then ${transactions(event.replayed)} from its log, up to ${formatZxid(event.lastZxid)}`;
    case 'server-state':
      return `${me} is ${event.state}: ${event.why}`;
    case 'zab-state':
      return `${me} enters ${event.zabState}`;

    case 'election-started':
      return `${me} begins round ${event.round} of the election and votes for ${candidate(event.vote)}`;
    case 'vote-changed':
      return describeRevote(event);
    case 'vote-counted':
      return `${me} counts the vote of s${event.from} for ${candidate(event.vote)}: ${event.tally.length} of ${event.need} needed`;
    case 'vote-ignored':
      return `${me} does not count the vote of s${event.from} for ${candidate(event.vote)}: ${event.why}`;
    case 'election-waiting':
      return `${me} has a quorum and waits until ${event.until} ms for a better vote`;
    case 'elected':
      return event.state === 'LEADING'
        ? `${me} is elected leader`
        : `${me} accepts ${candidate(event.vote)} as leader${event.by === 'settled' ? ', who leads already' : ''}`;

    case 'epoch-heard':
      return `${me} hears from s${event.from} that it has accepted epoch ${event.acceptedEpoch}: ${event.heard.length} of ${event.need} needed`;
    case 'epoch-proposed':
      return `${me} proposes epoch ${event.epoch}`;
    case 'epoch-acked':
      return `s${event.from} promises ${me} to follow it in the new epoch: ${event.acks.length} of ${event.need} needed`;
    case 'epoch-saved':
      return `${me} saves ${event.file} ${event.epoch}`;
    case 'sync-chosen':
      return describeSync(event);
    case 'sync-received':
      return `${me} is to be synchronized by ${event.mode}, up to ${formatZxid(event.zxid)}`;
    case 'newleader-acked':
      return `s${event.from} acknowledges NEWLEADER of ${me}: ${event.acks.length} of ${event.need} needed${second(event)}`;
    case 'serving':
      return sidOf(me) === event.leader
        ? `${me} serves as leader of epoch ${event.epoch}`
        : `${me} is up to date and serves under s${event.leader} in epoch ${event.epoch}`;
    case 'stepped-down':
      return `${me} gives up its role: ${event.why}`;
    case 'learner-joined':
      return `s${event.learner} has joined ${me}: ${event.why}`;
    case 'learner-lost':
      return `${me} lets s${event.learner} go: ${event.why}`;

    case 'proposed':
      return `${me} proposes ${formatZxid(event.zxid)} (${transaction(event)})`;
    case 'log-appended':
      return `${me} appends ${formatZxid(event.entry.zxid)} (${transaction(event.entry)}) to its log`;
    case 'log-durable':
      return event.count === 1
        ? `${me} has ${formatZxid(event.zxid)} on disk`
        : `${me} has ${event.count} transactions up to ${formatZxid(event.zxid)} on disk`;
    case 'log-truncated':
      return `${me} cuts its log back to ${formatZxid(event.to)}`;
    case 'acked':
      return `s${event.from} acknowledges ${formatZxid(event.zxid)}: ${event.acks.length} of ${event.need} needed${second(event)}`;
    case 'committed':
      return `${me} commits ${formatZxid(event.zxid)}`;
    case 'commit-received':
      return `${me} learns that ${formatZxid(event.zxid)} is committed`;
    case 'applied':
      return `${me} applies ${formatZxid(event.zxid)} (${transaction(event)}${changed(event)})`;
    case 'tree-loaded':
      return event.source === 'SNAP'
        ? `${me} takes over the tree of its leader, ${formatZxid(event.zxid)}`
        : event.source === 'TRUNC'
          ? `${me} loads its tree again, ${formatZxid(event.zxid)}`
          : `${me} brings its tree up to its log, ${formatZxid(event.zxid)}`;
    case 'snapshot-started':
      return `${me} begins to write a snapshot at ${formatZxid(event.zxid)}`;
    case 'files-purged':
      return `${me} purges ${event.files.join(', ')}`;
    case 'digest-mismatch':
      return `the tree of ${me} at ${formatZxid(event.zxid)} is not the one that the leader foresaw`;
    case 'snapshot-taken':
      return `${me} takes a snapshot at ${formatZxid(event.zxid)}`;

    case 'config-seen':
      return `${me} has seen the configuration ${configuration(event)}`;
    case 'config-activated':
      return `${me} follows the configuration ${configuration(event)}`;
    case 'config-written':
      return `${me} shows configuration ${formatZxid(event.version)} in /zookeeper/config`;

    case 'request-rejected':
      return `${me} rejects a request of session ${event.sessionId}: ${event.why}`;
    case 'session-attached':
      return `${event.client} has session ${event.sessionId} at ${me}`;
    case 'session-detached':
      return `session ${event.sessionId} of ${event.client} leaves ${me}: ${event.why}`;
    case 'client-refused':
      return `${me} refuses ${event.client}: ${REFUSED[event.why]}`;
    case 'auth-added':
      return `${me} knows the client of session ${event.sessionId} as ${event.scheme}${event.authId === '' ? '' : `:${event.authId}`}`;
    case 'read-only':
      return event.on ? `${me} serves reads without a quorum` : `${me} is no longer read-only`;
    case 'quota-exceeded':
      return `${me} ${event.hard ? 'refuses a write' : 'warns of a write'} to ${event.path}: ${event.used} ${event.what === 'count' ? 'znodes' : 'bytes'}, and the quota of ${event.quota} is ${event.limit}`;
    case 'session-opened':
      return `${me} knows ${event.local ? 'the local ' : ''}session ${event.sessionId}, timeout ${event.timeout} ms`;
    case 'session-closed':
      return `${me} forgets session ${event.sessionId}`;
    case 'session-expired':
      return `${me} declares session ${event.sessionId} expired`;
    case 'container-expired':
      return `${me} finds that ${event.path} may go`;
    case 'session-owner':
      return `session ${event.sessionId} belongs to s${event.owner}`;
    case 'watch-set':
      return `session ${event.sessionId} leaves a ${WATCHER_MODES[event.mode]}${event.table} watch on ${event.path} at ${me}`;
    case 'watch-fired':
      return `${me} tells session ${event.sessionId}: ${event.event} ${event.path}`;
    case 'watch-withheld':
      return `${me} does not tell session ${event.sessionId} of ${event.event} ${event.path}: ${WITHHELD[event.why]}`;
    case 'watch-removed':
      return `${me} removes the ${event.table} watch of session ${event.sessionId} on ${event.path}`;
    case 'watches-dropped':
      return `${me} forgets the watches of session ${event.sessionId}`;
    case 'answered': {
      const [first = 'the connection ends without an answer', ...more] = event.lines;
      return `${me} answers ${event.command}: ${more.length === 0 ? first : `${event.lines.length} lines`}`;
    }

    case 'client-state':
      return `${me} is ${event.state}: ${event.why}`;
    case 'session-established':
      return `${me} ${event.renewed ? 'keeps' : 'has'} session ${event.sessionId} at s${event.server}, timeout ${event.timeout} ms`;
    case 'call':
      return `${me} asks for ${describeOp(event.request)}`;
    case 'returned':
      return `${me} gets ${event.error ?? 'OK'} for ${describeOp(event.request)}${event.server === null ? '' : ` from s${event.server}`}`;
    case 'watch-event':
      return event.path === null ? `${me} is told ${event.state}` : `${me} is told ${event.type} ${event.path}`;
    case 'console-line':
      return `${me} types: ${event.line}`;
    case 'console-output':
      return `the console of ${me} prints: ${event.lines[0] ?? ''}${event.lines.length > 1 ? ' …' : ''}`;
    default:
      return unreachable(event);
  }
}

function configuration({ version, members }: ConfigFacts): string {
  const all = members.map(({ sid, role }) => (role === 'observer' ? `s${sid} (observer)` : `s${sid}`));
  return `${formatZxid(version)}: ${all.join(', ')}`;
}

/** The second quorum of an open reconfiguration. */
function second({ next }: EventOf<'acked' | 'newleader-acked'>): string {
  return next ? `, and ${next.acks.length} of ${next.need} of the new configuration` : '';
}

const LOST = {
  cut: 'the link is cut',
  killed: 'its process is gone',
  dropped: 'dropped on the way',
  closed: 'its connection is closed',
} as const satisfies Record<EventOf<'lost'>['why'], string>;

const WATCHER_MODES = {
  STANDARD: '',
  PERSISTENT: 'persistent ',
  PERSISTENT_RECURSIVE: 'persistent recursive ',
} as const satisfies Record<EventOf<'watch-set'>['mode'], string>;

const WITHHELD = {
  NOAUTH: 'it may not read the znode',
  TOLD: 'its data watch has told it already',
} as const satisfies Record<EventOf<'watch-withheld'>['why'], string>;

const REFUSED = {
  ZXID_AHEAD: 'it has seen more than this server has',
  NOT_SERVING: 'this server follows no leader',
  BAD_PASSWORD: 'wrong session password',
  UNKNOWN_SESSION: 'its session is unknown',
  AUTH_FAILED: 'it could not prove who it is',
  TOO_MANY_CONNECTIONS: 'its address has too many connections',
  NOT_READ_ONLY_CLIENT: 'the server is read-only, and the client does not want that',
  GLOBAL_SESSION: 'the server is read-only and cannot renew its session',
  NO_LOCAL_SESSIONS: 'the server is read-only, and sessions need the ensemble',
} as const satisfies Record<EventOf<'client-refused'>['why'], string>;

/** A packet with what matters of it: `PROPOSAL 0x100000002 (setData /config)`. */
export function describePacket(packet: PacketSummary): string {
  const zxid = packet.zxid === undefined || packet.zxid < 0 ? '' : ` ${formatZxid(packet.zxid)}`;
  switch (packet.type) {
    case 'NOTIFICATION':
      return packet.vote ? `its vote for ${candidate(packet.vote)}` : 'NOTIFICATION';
    case 'PROPOSAL':
    case 'INFORM':
      return `${packet.type}${zxid}${packet.txn ? ` (${transaction({ txn: packet.txn, ...packet })})` : ''}`;
    case 'ACK':
    case 'COMMIT':
    case 'DIFF':
    case 'TRUNC':
    case 'SNAP':
    case 'UPTODATE':
      return `${packet.type}${zxid}`;
    case 'NEWLEADER':
      return `${packet.type}${zxid}${packet.config === undefined || packet.config <= 0 ? '' : ` (configuration ${formatZxid(packet.config)})`}`;
    case 'FOLLOWERINFO':
    case 'OBSERVERINFO':
    case 'LEADERINFO':
    case 'ACKEPOCH':
      return `${packet.type}${packet.epoch === undefined ? '' : ` (epoch ${packet.epoch})`}`;
    case 'REQUEST':
    case 'Request':
    case 'Reply':
      return `${packet.type}${inBrackets(packet.op, packet.path, packet.error)}`;
    case 'WatchEvent':
      return `${packet.type}${inBrackets(packet.event, packet.path)}`;
    case 'COMMITANDACTIVATE':
    case 'INFORMANDACTIVATE':
      return `${packet.type}${zxid}${packet.leader === undefined ? '' : ` (s${packet.leader} leads)`}`;
    case 'FourLetterWord':
      return `${packet.type}${inBrackets(packet.op)}`;
    case 'FourLetterAnswer':
    case 'BadFrame':
    case 'HELLO':
    case 'PING':
    case 'REVALIDATE':
    case 'SYNC':
    case 'ConnectRequest':
    case 'ConnectResponse':
      return packet.type;
    default:
      return unreachable(packet.type);
  }
}

/** An operation as zkCli would have it: `set /config`. */
export function describeOp(request: ClientOp): string {
  return request.path === undefined ? request.op : `${request.op} ${request.path}`;
}

/** An action in a person's words: `kill s3`. */
export function describeAction(action: RecordedAction): string {
  const { at: _at, do: name, server, client, from, to, ...rest } = action;
  const actor = typeof server === 'number' ? `s${server}` : undefined;
  switch (name) {
    case 'request':
      return `${text(client)} is to ${describeOp({ ...rest, op: text(rest['op']) })}`;
    case 'console':
      return `${text(client)} is to type: ${text(rest['line'])}`;
    case 'connect':
      return `${text(client)} is to connect${actor === undefined ? '' : ` to ${actor}`}`;
    case 'add-server':
    case 'remove-server':
      return `${name.slice(0, name.indexOf('-'))} s${text(rest['sid'])}`;
    case 'partition':
      return `partition into ${JSON.stringify(rest['groups'])}`;
    default: {
      const link = from === undefined ? undefined : `${text(from)} to ${text(to)}`;
      const what = [rest['type'], link, actor, client].filter((part) => part !== undefined).map(text);
      return [name, ...what].join(' ');
    }
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

function describeRevote(event: EventOf<'vote-changed'>): string {
  const { actor, from, old, vote } = event;
  if (vote.leader === old.leader && sidOf(actor) === vote.leader) {
    return `${actor} moves to round ${event.round} after hearing s${from}, and votes for itself again`;
  }
  return `${actor} votes for ${candidate(vote)} after hearing s${from}: ${credentials(vote)} beats ${credentials(old)}`;
}

function describeSync(event: EventOf<'sync-chosen'>): string {
  const how = {
    DIFF: event.count === 0 ? 'an empty DIFF' : `a DIFF of ${transactions(event.count)}`,
    TRUNC: `TRUNC to ${formatZxid(event.zxid)}`,
    SNAP: 'SNAP, the whole tree',
  }[event.mode];
  return `${event.actor} synchronizes s${event.learner}, which has ${formatZxid(event.peerLastZxid)}, by ${how}`;
}

/** What FLE compares, in its order. */
function credentials(vote: Vote): string {
  if (vote.leader < 0) return 'nobody';
  return `(epoch ${vote.peerEpoch}, zxid ${formatZxid(vote.zxid)}, s${vote.leader})`;
}

function candidate(vote: Vote): string {
  return vote.leader < 0 ? 'nobody' : `s${vote.leader}`;
}

function transaction(txn: Pick<LogEntry, 'path' | 'error'> & { readonly txn: TxnType }): string {
  const detail = txn.txn === 'error' ? txn.error : txn.path;
  return detail === undefined ? txn.txn : `${txn.txn} ${detail}`;
}

function changed(event: EventOf<'applied'>): string {
  const path = changedPath(event);
  return path === null ? '' : ` ${path}`;
}

/** The path that the transaction is about, not its parent; null if it changed no znode. */
export function changedPath({ zxid, changes }: EventOf<'applied'>): string | null {
  return changes.find(([, node]) => node === null || node.stat.mzxid === zxid)?.[0] ?? null;
}

function inBrackets(...parts: readonly (string | undefined)[]): string {
  const given = parts.filter((part) => part !== undefined);
  return given.length === 0 ? '' : ` (${given.join(' ')})`;
}

function trap({ type, count }: EventOf<'link-hold' | 'link-release'>): string {
  const what = type === null ? 'packets' : `${type} packets`;
  return count === null ? what : `${count} ${what}`;
}

function range([low, high]: readonly [number, number]): string {
  return low === high ? String(low) : `${low} to ${high}`;
}

function transactions(count: number): string {
  return count === 1 ? '1 transaction' : `${count} transactions`;
}
