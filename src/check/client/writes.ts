/**
 * Guarantees of writes. Sources: zookeeperInternals (Guarantees and Consistency Properties), the ZooKeeper paper of 2010
 * (linearizable writes, FIFO client order), zookeeperProgrammers (Sequence Nodes; CONNECTIONLOSS).
 */
import type { EventOf, TraceResult } from '../../protocol/events.ts';
import { NO_SESSION, type EventId, type SessionId } from '../../protocol/ids.ts';
import { parentPath } from '../../protocol/znode.ts';
import { formatZxid, type Zxid } from '../../protocol/zxid.ts';
import type { Report } from '../types.ts';
import type { Committed, History } from './history.ts';
import { serverPath, type Attachment, type Call, type Client, type ClientRun, type Part } from './run.ts';

/** Operations whose OK is the OK of a transaction. */
const WRITES: ReadonlySet<string> = new Set(['create', 'delete', 'set', 'setAcl', 'multi', 'reconfig']);

/** So many refused writes of a session are remembered. */
const REFUSED_MAX = 64;

/** A write that its client was told to have failed. */
interface Refusal {
  readonly error: string;
  readonly event: EventId;
}

/** The last request of a session that changed something. */
interface Effect {
  readonly cxid: number;
  readonly zxid: Zxid;
  readonly event: EventId;
}

/** The client was told that its write is done. */
export function isAcknowledged(
  { request }: Call,
  event: EventOf<'returned'>,
): event is EventOf<'returned'> & { readonly zxid: Zxid } {
  return WRITES.has(request.op) && event.error === null && event.zxid !== null && !isRead(event.result);
}

/** LinearizableWrites, ExactlyOnce, and of SequentialConsistency the order in which a session's writes are committed. */
export function writes(run: ClientRun, report: Report): Part {
  const effects = new WeakMap<History, Map<SessionId, Effect>>();
  /** By session and cxid. */
  const refusals = new Map<SessionId, Map<number, Refusal>>();
  /** Calls that have changed something and are not answered, in the order of their transactions. */
  const ahead = new WeakMap<Client, Call[]>();

  const effectsOf = (history: History): Map<SessionId, Effect> => {
    const known = effects.get(history) ?? new Map<SessionId, Effect>();
    effects.set(history, known);
    return known;
  };

  function committed({ history, zxid, txn, changes, event, proposal }: Committed): void {
    if (!proposal || proposal.sessionId === NO_SESSION) return;
    const { sessionId, cxid } = proposal;
    const last = effectsOf(history);
    const refusal = refusals.get(sessionId)?.get(cxid);
    if (txn === 'closeSession') {
      last.delete(sessionId);
      refusals.delete(sessionId);
    }
    if (changes.length === 0 || cxid <= 0) return;
    const before = last.get(sessionId);
    const client = run.sessions.get(sessionId);
    const call = client?.byXid.get(cxid);
    const who = `request ${cxid} of session ${sessionId}`;
    if (refusal) {
      report({
        property: 'ExactlyOnce',
        says: `The ${who} became ${formatZxid(zxid)}, but its client was told ${refusal.error} before: it should change nothing.`,
        proof: [refusal.event, proposal.event, event],
        about: sessionId,
      });
    } else if (call?.effect) {
      report({
        property: 'ExactlyOnce',
        says: `One ${call.request.op} of ${nameOf(run, sessionId)} was applied twice: as ${formatZxid(call.effect.zxid)} and as ${formatZxid(zxid)}.`,
        proof: [call.event, call.effect.event, proposal.event, event],
        about: sessionId,
      });
    } else if (before && before.cxid === cxid) {
      report({
        property: 'ExactlyOnce',
        says: `The ${who} was applied twice: as ${formatZxid(before.zxid)} and as ${formatZxid(zxid)}.`,
        proof: [before.event, proposal.event, event],
        about: sessionId,
      });
    } else if (before && before.cxid > cxid) {
      report({
        property: 'SequentialConsistency',
        says: `The ${who} became ${formatZxid(zxid)}, behind its later request ${before.cxid}, which is ${formatZxid(before.zxid)}: writes of one client take effect in the order of their sending.`,
        proof: [before.event, proposal.event, event],
        about: sessionId,
      });
    }
    if (client && call) {
      call.effect = { zxid, event };
      const calls = ahead.get(client);
      if (calls) calls.push(call);
      else ahead.set(client, [call]);
    }
    last.set(sessionId, { cxid, zxid, event });
  }

  /** Reads take effect in their turn, too: before the writes that were called behind them. */
  function overtaken(call: Call, event: EventOf<'returned'>, client: Client): void {
    const calls = ahead.get(client);
    while (calls?.[0] && calls[0].number <= call.number) calls.shift();
    const [later] = calls ?? [];
    if (!later?.effect || event.zxid === null || later.effect.zxid > event.zxid) return;
    report({
      property: 'SequentialConsistency',
      says: `The ${call.request.op} of ${client.name} is answered as of ${formatZxid(event.zxid)}, which holds its later ${later.request.op} already, ${formatZxid(later.effect.zxid)}: requests of one client take effect in the order of their sending.`,
      proof: [call.event, later.event, later.effect.event],
      about: `overtaken ${client.name}`,
    });
  }

  function refused({ xid, request }: Call, { error, id }: EventOf<'returned'>, { sessionId }: Attachment): void {
    if (error === null || !WRITES.has(request.op)) return;
    const known = refusals.get(sessionId) ?? new Map<number, Refusal>();
    refusals.set(sessionId, known);
    known.set(xid, { error, event: id });
    const [oldest] = known.keys();
    if (known.size > REFUSED_MAX && oldest !== undefined) known.delete(oldest);
  }

  function answered(call: Call, event: EventOf<'returned'>, client: Client, { history }: Attachment): void {
    overtaken(call, event, client);
    if (!isAcknowledged(call, event)) {
      if (event.error !== null && call.effect) {
        report({
          property: 'ExactlyOnce',
          says: `${client.name} was told ${event.error}, but its ${call.request.op} was applied as ${formatZxid(call.effect.zxid)}.`,
          proof: [call.event, call.effect.event],
          about: `error ${client.name}`,
        });
      }
      return;
    }
    const { zxid } = event;
    const proposal = history.proposal(zxid);
    const own = client.attachment?.standalone
      ? zxid <= history.last
      : proposal === undefined ||
        (proposal !== null && proposal.sessionId === client.attachment?.sessionId && proposal.cxid === call.xid);
    if (!own || zxid > history.last) {
      report({
        property: 'ExactlyOnce',
        says: `${client.name} was told that its ${call.request.op} is done, with zxid ${formatZxid(zxid)}, but no such transaction of it is committed.`,
        proof: proposal ? [call.event, proposal.event] : [call.event],
        about: `ok ${client.name}`,
      });
      return;
    }
    const before = call.history === history ? call.acknowledged : null;
    if (before && zxid <= before.zxid) {
      report({
        property: 'LinearizableWrites',
        says: `The ${call.request.op} of ${client.name} is ${formatZxid(zxid)}, but ${formatZxid(before.zxid)} had been acknowledged before it was called: its zxid should be higher.`,
        proof: [before.event, call.event],
      });
    }
    if (!history.acknowledged || zxid > history.acknowledged.zxid) history.acknowledged = { zxid, event: event.id };
  }

  return { committed, answered, refused, ended: (client) => void ahead.delete(client) };
}

interface Sequence {
  /** Of the parent: another one of that name counts anew. */
  readonly czxid: Zxid;
  highest: { readonly number: number; readonly zxid: Zxid; readonly event: EventId };
}

/** UniqueSequence */
export function uniqueSequence(report: Report): Part {
  const sequences = new WeakMap<History, Map<string, Sequence>>();

  function check(asked: string, made: string, zxid: Zxid, event: EventOf<'returned'>, history: History): void {
    const number = Number(made.slice(asked.length));
    const parent = parentPath(asked);
    const czxid = history.at(parent, zxid)?.node?.stat.czxid;
    // Behind the last 32-bit number negative ones follow.
    if (!(number >= 0) || czxid === undefined) return;
    let known = sequences.get(history);
    if (!known) sequences.set(history, (known = new Map<string, Sequence>()));
    const sequence = known.get(parent);
    const mark = { number, zxid, event: event.id };
    if (!sequence || sequence.czxid < czxid) {
      known.set(parent, { czxid, highest: mark });
      return;
    }
    if (sequence.czxid > czxid) return;
    const { highest } = sequence;
    const ordered = zxid === highest.zxid || zxid > highest.zxid === number > highest.number;
    if (number === highest.number || !ordered) {
      const should = number === highest.number ? 'no number comes twice' : 'the later one has the higher number';
      report({
        property: 'UniqueSequence',
        says: `Of the sequential znodes under ${parent}, ${formatZxid(highest.zxid)} got number ${highest.number} and ${formatZxid(zxid)} number ${number}: ${should}.`,
        proof: [highest.event],
        about: parent,
      });
    }
    if (zxid > highest.zxid) sequence.highest = mark;
  }

  function answered(_call: Call, event: EventOf<'returned'>, client: Client, { history }: Attachment): void {
    const { request, result, error, zxid } = event;
    if (error !== null || zxid === null || !result || client.chroot === null) return;
    if (request.op === 'create' && isSequential(request['mode']) && request.path !== undefined) {
      const made = serverPath(client, result.path ?? '');
      check(serverPath(client, request.path), made, zxid, event, history);
    } else if (request.op === 'multi' && result.results) {
      const ops = request['ops'] as readonly { readonly path?: string; readonly mode?: unknown }[];
      for (const [i, part] of result.results.entries()) {
        const { path, mode } = ops[i] ?? {};
        // These paths are the server's.
        if (part.op !== 'create' || path === undefined || !isSequential(mode)) continue;
        check(serverPath(client, path), part.path, zxid, event, history);
      }
    }
  }

  return { answered };
}

function isSequential(mode: unknown): boolean {
  return typeof mode === 'string' && mode.includes('SEQUENTIAL');
}

/** A multi of reads. */
function isRead(result: TraceResult | null): boolean {
  return result?.results?.some(({ op }) => op === 'getData' || op === 'getChildren') ?? false;
}

function nameOf(run: ClientRun, sessionId: SessionId): string {
  return run.sessions.get(sessionId)?.name ?? `session ${sessionId}`;
}
