/**
 * Guarantees of reads and of the answers' order. Sources: zookeeperInternals (Consistency Guarantees), zookeeperProgrammers,
 * the ZooKeeper paper of 2010 (sync); `ZooKeeperServer.processConnectRequest`, `FinalRequestProcessor`, `Leader.processSync`.
 */
import type { ClientOp, EventOf, TraceData, TraceMultiResult } from '../../protocol/events.ts';
import { formatZxid, ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts';
import { childPath, type Acl, type Stat } from '../../protocol/znode.ts';
import type { Report } from '../types.ts';
import { ownerOf, type Version } from './history.ts';
import { serverPath, type Attachment, type Call, type Client, type ClientRun, type Part } from './run.ts';

/** SingleSystemImage, MonotonicReads, SyncPromise, and of SequentialConsistency the order of the answers. */
export function answers(run: ClientRun, report: Report): Part {
  function established({ actor }: EventOf<'session-established'>): void {
    const { seen, attachment } = run.client(actor);
    if (!seen || !attachment || seen.zxid <= attachment.processed) return;
    report({
      property: 'SingleSystemImage',
      says: `${attachment.server} serves ${actor} though it has applied only up to ${formatZxid(attachment.processed)} and the client has seen ${formatZxid(seen.zxid)}: it should turn the client away.`,
      proof: [seen.event, attachment.event],
      about: actor,
    });
  }

  /** A server answers the requests of a connection in their order. */
  function sent({ actor, to, port, conn, packet }: EventOf<'send'>): void {
    if (port !== 'client' || packet.type !== 'Reply' || packet.xid === undefined || packet.xid <= 0) return;
    const attachment = run.servers.get(actor)?.attached.get(to);
    // What eager ACL checks refuse is answered at once, with zxid 0, and overtakes (`ZooKeeperServer.authWriteRequest`).
    if (attachment?.conn !== conn || packet.zxid === ZXID_ZERO) return;
    const { lastXid } = attachment;
    attachment.lastXid = packet.xid;
    if (packet.xid > lastXid) return;
    report({
      property: 'SequentialConsistency',
      says: `${actor} answers request ${packet.xid} of ${to} behind its later request ${lastXid}: answers come in the order of the requests.`,
      proof: [attachment.event],
      about: `replies ${to}`,
    });
  }

  function answered(call: Call, event: EventOf<'returned'>, client: Client, attachment: Attachment): void {
    const { zxid } = event;
    if (zxid === null) return;
    const [oldest] = client.calls.values();
    if (oldest && oldest.number < call.number) {
      report({
        property: 'SequentialConsistency',
        says: `${client.name} gets the answer to call ${call.number} while its earlier call ${oldest.number} has none.`,
        proof: [oldest.event, call.event],
        about: `replies ${client.name}`,
      });
    }
    const { seen } = client;
    if (seen && zxid < seen.zxid) {
      report({
        property: 'MonotonicReads',
        says: `${client.name} had seen ${formatZxid(seen.zxid)}, and now ${attachment.server} answers with the older state of ${formatZxid(zxid)}.`,
        proof: [seen.event, attachment.event],
        about: client.name,
      });
    }
    if (call.request.op === 'sync' && event.error === null && call.history === attachment.history)
      synced(call, zxid, attachment);
  }

  /**
   * What was committed before the call was committed before the leader handled the sync. A leader that is deposed and does
   * not know answers without what later epochs have committed (ZOOKEEPER-1675), so only commits of epochs up to that under
   * which the answering server serves count.
   */
  function synced(call: Call, zxid: Zxid, { epoch, standalone, client, server }: Attachment): void {
    let frontier = call.frontier;
    while (frontier && !standalone && epoch !== null && frontier.epoch > epoch) frontier = frontier.before;
    if (!frontier || zxid >= frontier.zxid) return;
    report({
      property: 'SyncPromise',
      says: `The sync of ${client} at ${server} ends at ${formatZxid(zxid)}, but ${formatZxid(frontier.zxid)} had been committed before it was called: reads behind a sync should see that.`,
      proof: [frontier.event, call.event],
      about: client,
    });
  }

  return { on: { 'session-established': established, send: sent }, answered };
}

/** ReadsSeeTheirZxid, and EphemeralsEnd as far as reads show it. */
export function contents(report: Report): Part {
  function answered(call: Call, event: EventOf<'returned'>, client: Client, { history, server }: Attachment): void {
    const { request, result, error } = event;
    const zxid = event.zxid ?? ZXID_ZERO;
    if (zxid > history.last) {
      report({
        property: 'ReadsSeeTheirZxid',
        says: `${server} answers ${client.name} with zxid ${formatZxid(zxid)}, but nothing behind ${formatZxid(history.last)} is committed.`,
        proof: [call.event],
        about: client.name,
      });
      return;
    }
    const wrong = (path: string, what: string, version: Version | null): void => {
      report({
        property: 'ReadsSeeTheirZxid',
        says: `The ${request.op} of ${client.name} at ${server} does not show ${path} as of ${formatZxid(zxid)}: ${what}.`,
        proof: version ? [call.event, version.event] : [call.event],
        about: `${server} ${path}`,
      });
    };
    const path = call.path === null || call.path === '' ? '/' : call.path;
    const at = (of: string): Version | null | undefined => (isOwn(of) ? undefined : history.at(of, zxid));
    const stat = (of: string, told: Stat | undefined, version: Version): void => {
      if (told === undefined || !version.node) return;
      const field = differing(told, version.node.stat);
      if (field) wrong(of, `its ${field} is ${told[field]} there, and should be ${version.node.stat[field]}`, version);
      const owner = ownerOf(told);
      const closed = owner === null ? undefined : history.closed.get(owner);
      if (closed && closed.zxid <= zxid) {
        report({
          property: 'EphemeralsEnd',
          says: `${client.name} reads ${of} at ${server} as of ${formatZxid(zxid)}, an ephemeral of session ${owner}, which ended with ${formatZxid(closed.zxid)}.`,
          proof: [call.event, closed.event],
          about: of,
        });
      }
    };
    switch (request.op) {
      case 'get':
      case 'stat':
      case 'ls':
      case 'getAcl': {
        const version = at(path);
        if (version === undefined) return;
        if (error === 'NONODE') {
          if (version) wrong(path, 'it says that there is none, and there should be one', version);
          return;
        }
        if (error !== null || !result) return;
        if (!version?.node) return wrong(path, 'there should be none', null);
        stat(path, result.stat, version);
        if (request.op === 'get' && !sameData(result.data ?? null, version.node.data))
          wrong(path, 'its data are others', version);
        if (request.op === 'ls') children(path, result.children ?? [], version);
        if (request.op === 'getAcl' && result.acl && !sameAcl(result.acl, version.node.acl))
          wrong(path, 'its list is another', version);
        return;
      }
      case 'getAllChildrenNumber': {
        const version = at(path);
        const count = version ? history.countBelow(path, zxid) : undefined;
        if (error !== null || !version || count === undefined || result?.number === count) return;
        return wrong(path, `${result?.number} znodes are below it there, and should be ${count}`, version);
      }
      case 'multi': {
        const ops = Array.isArray(request['ops']) ? (request['ops'] as readonly ClientOp[]) : [];
        for (const [i, part] of (result?.results ?? []).entries()) {
          const { op, path: asked } = ops[i] ?? {};
          if (client.chroot === null || asked === undefined || (op !== 'get' && op !== 'ls')) continue;
          readPart(serverPath(client, asked), part);
        }
        return;
      }
      case 'create':
      case 'set':
      case 'setAcl': {
        if (error !== null || !result) return;
        const made = request.op === 'create' ? serverPath(client, result.path ?? '') : path;
        const version = client.chroot === null ? undefined : at(made);
        if (version === undefined) return;
        if (!version?.node) return wrong(made, 'it is not there', null);
        stat(made, result.stat, version);
        const { data } = request;
        if (
          request.op !== 'setAcl' &&
          typeof data === 'string' &&
          version.node.data !== data &&
          !isBytes(version.node.data)
        )
          wrong(made, 'its data are not those that were sent', version);
        return;
      }
      case 'getEphemerals': {
        const { sessionId } = client.attachment ?? {};
        if (error !== null || !result?.paths || sessionId === undefined) return;
        for (const own of result.paths) {
          const version = at(own);
          if (version === null || (version?.node && ownerOf(version.node.stat) !== sessionId))
            wrong(own, 'it is no ephemeral of this session', version);
        }
        if (request.path !== undefined && request.path !== '/') return;
        for (const own of history.ephemerals.get(sessionId) ?? []) {
          const version = history.newest(own);
          if (version?.node && version.node.stat.czxid <= zxid && !result.paths.includes(own))
            wrong(own, 'it is missing among the ephemerals of its session', version);
        }
        return;
      }
      default:
        return;
    }

    function readPart(of: string, part: TraceMultiResult): void {
      const version = at(of);
      if (version === undefined) return;
      if (part.op === 'error') {
        if (part.error === 'NONODE' && version)
          wrong(of, 'it says that there is none, and there should be one', version);
      } else if (part.op === 'getData' || part.op === 'getChildren') {
        if (!version?.node) return wrong(of, 'there should be none', null);
        if (part.op === 'getChildren') return children(of, part.children, version);
        stat(of, part.stat, version);
        if (!sameData(part.data, version.node.data)) wrong(of, 'its data are others', version);
      }
    }

    function children(of: string, names: readonly string[], version: Version): void {
      const count = version.node?.stat.numChildren ?? 0;
      if (names.length !== count)
        return wrong(of, `it has ${names.length} children there, and should have ${count}`, version);
      for (const name of names) {
        const child = childPath(of, name);
        if (history.at(child, zxid) === null && !isOwn(child))
          return wrong(of, `there should be no child ${name}`, version);
      }
    }
  }

  return { answered };
}

/** What servers write there by themselves, outside of transactions. */
function isOwn(path: string): boolean {
  return path === '/zookeeper' || path.startsWith('/zookeeper/');
}

const STAT_FIELDS = [
  'czxid',
  'mzxid',
  'ctime',
  'mtime',
  'version',
  'cversion',
  'aversion',
  'ephemeralOwner',
  'dataLength',
  'numChildren',
  'pzxid',
] as const satisfies readonly (keyof Stat)[];

function differing(told: Stat, known: Stat): keyof Stat | null {
  for (const field of STAT_FIELDS) if (told[field] !== known[field]) return field;
  return null;
}

function isBytes(data: TraceData): boolean {
  return data !== null && typeof data === 'object';
}

function sameData(a: TraceData, b: TraceData): boolean {
  if (a === null || b === null || typeof a === 'string' || typeof b === 'string') return a === b;
  return a.base64 === b.base64;
}

/** Whoever may not change a list is not shown the hash of a password (`FinalRequestProcessor`, case getACL). */
function sameAcl(told: readonly Acl[], known: readonly Acl[]): boolean {
  if (told.length !== known.length) return false;
  return told.every(({ perms, scheme, id }, i) => {
    const own = known[i];
    if (own?.perms !== perms || own.scheme !== scheme) return false;
    return own.id === id || (scheme === 'digest' && id === own.id.replace(/:.*/, ':x'));
  });
}
