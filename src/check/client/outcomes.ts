/**
 * What a write was told against the states before and behind it: of ExactlyOnce that what was acknowledged is done, of
 * LinearizableWrites that each write found what those before it had left, be it for its version or for its refusal. Parts of a
 * multi work on each other, so of each path only the first part (what it found) and the last (what it left) are looked at.
 * Sources: zookeeperProgrammers (Data Access, version numbers), `PrepRequestProcessor.pRequest2Txn`.
 */
import type { ClientOp, EventOf } from '../../protocol/events.ts';
import { NO_SESSION } from '../../protocol/ids.ts';
import { parentPath } from '../../protocol/znode.ts';
import { formatZxid, type Zxid } from '../../protocol/zxid.ts';
import type { Report } from '../types.ts';
import type { History, Version } from './history.ts';
import { serverPath, type Attachment, type Call, type Client, type Part } from './run.ts';

/** A write as its client has asked for it; its path as the servers have it. */
interface Write {
  readonly op: string;
  readonly path: string;
  readonly asked: ClientOp;
}

export function outcomes(report: Report): Part {
  function answered(call: Call, event: EventOf<'returned'>, client: Client, { history, sessionId }: Attachment): void {
    const { request, result, error, zxid } = event;
    if (zxid === null || zxid > history.last || client.chroot === null) return;
    const tell = (property: 'ExactlyOnce' | 'LinearizableWrites', wrong: Wrong): void =>
      report({
        property,
        says: `The ${request.op} of ${client.name} was told ${error ?? 'OK'} as of ${formatZxid(zxid)}, but ${wrong.says}.`,
        proof: [call.event, ...(wrong.version ? [wrong.version.event] : [])],
        about: `${client.name} ${request.op}`,
      });
    const look = (first: Write, last: Write): void => {
      const missing = notDone(history, last, zxid, sessionId);
      if (missing) return tell('ExactlyOnce', missing);
      const other = notFound(history, first, zxid);
      if (other) tell('LinearizableWrites', other);
    };
    if (request.op === 'multi') {
      const results = result?.results ?? [];
      const ops = Array.isArray(request['ops']) ? (request['ops'] as readonly ClientOp[]) : [];
      const isDone = results.every(({ op }) => op !== 'error' && op !== 'getData' && op !== 'getChildren');
      if (error !== null || !isDone || results.length !== ops.length) return;
      const first = new Map<string, Write>();
      const last = new Map<string, Write>();
      for (const [i, asked] of ops.entries()) {
        const part = results[i];
        // These paths are the server's.
        const path = part?.op === 'create' ? part.path : serverPath(client, asked.path ?? '');
        const write = { op: asked.op, path, asked };
        if (!first.has(path)) first.set(path, write);
        if (write.op !== 'check') last.set(path, write);
      }
      for (const [path, write] of first) look(write, last.get(path) ?? write);
      return;
    }
    if (call.path === null || !isWrite(request.op)) return;
    if (error !== null) {
      const wrong = notRefused(history, request, call.path, error, zxid);
      if (wrong) tell('LinearizableWrites', wrong);
      return;
    }
    const path = request.op === 'create' ? serverPath(client, result?.path ?? request.path ?? '') : call.path;
    const write = { op: request.op, path, asked: request };
    look(write, write);
  }

  return { answered };
}

interface Wrong {
  /** In words that follow `but`. */
  readonly says: string;
  readonly version: Version | null;
}

function isWrite(op: string): boolean {
  return op === 'create' || op === 'delete' || op === 'set' || op === 'setAcl';
}

/** What is not as the write should have left it; null: nothing. */
function notDone(history: History, { op, path, asked }: Write, zxid: Zxid, sessionId: string): Wrong | null {
  const version = at(history, path, zxid);
  if (version === undefined || !isWrite(op)) return null;
  const node = version?.node;
  const wrong = (says: string): Wrong => ({ says, version });
  if (op === 'delete') return node ? wrong(`${path} is there behind it`) : null;
  if (!node) return wrong(`${path} is not there behind it`);
  const { czxid, mzxid, ephemeralOwner } = node.stat;
  if (op === 'setAcl') return version.zxid === zxid ? null : wrong(`it has not changed ${path}`);
  if (op === 'set' && mzxid !== zxid) return wrong(`${path} was written last with ${formatZxid(mzxid)}`);
  const { data } = asked;
  if (typeof data === 'string' && typeof node.data === 'string' && node.data !== data)
    return wrong(`the data of ${path} are others`);
  if (op === 'set') return null;
  if (czxid !== zxid) return wrong(`${path} was created with ${formatZxid(czxid)}`);
  const { mode } = asked;
  const owner = typeof mode === 'string' && mode.startsWith('EPHEMERAL') ? sessionId : NO_SESSION;
  return ephemeralOwner === owner ? null : wrong(`${path} belongs to session ${ephemeralOwner}, not to ${owner}`);
}

/** What was not there as the write asked for; null: all was. */
function notFound(history: History, { op, path, asked }: Write, zxid: Zxid): Wrong | null {
  const version = at(history, path, (zxid - 1) as Zxid);
  if (version === undefined) return null;
  if (op === 'create') return version ? { says: `${path} was there before it`, version } : null;
  if (!version?.node) return { says: `${path} was not there before it`, version };
  const { version: expected } = asked;
  const found = version.node.stat[op === 'setAcl' ? 'aversion' : 'version'];
  if (typeof expected !== 'number' || expected === -1 || expected === found) return null;
  return { says: `${path} had version ${found} before it, not ${expected}`, version };
}

/** Why it should not have been refused so; null: it should. */
function notRefused(history: History, asked: ClientOp, path: string, error: string, zxid: Zxid): Wrong | null {
  const creates = asked.op === 'create';
  const { mode } = asked;
  if (typeof mode === 'string' && mode.includes('SEQUENTIAL') && error === 'NODEEXISTS') return null;
  const place = creates && error === 'NONODE' ? parentPath(path) : path;
  const version = at(history, place, zxid);
  if (version === undefined) return null;
  switch (error) {
    case 'NONODE':
      return version ? { says: `${place} was there`, version } : null;
    case 'NODEEXISTS':
      return version ? null : { says: `${place} was not there`, version };
    case 'BADVERSION': {
      const found = version?.node?.stat[asked.op === 'setAcl' ? 'aversion' : 'version'];
      if (found !== undefined && found !== asked['version']) return null;
      return { says: found === undefined ? `${place} was not there` : `${place} had version ${found}`, version };
    }
    default:
      return null;
  }
}

/** As {@link History.at}; what servers write by themselves is not looked at. */
function at(history: History, path: string, zxid: Zxid): Version | null | undefined {
  if (path === '/zookeeper' || path.startsWith('/zookeeper/')) return undefined;
  return history.at(path === '' ? '/' : path, zxid);
}
