/** Steps of the area `wire`, which goes past the client, frame by frame (README of the recordings, 1.5). */
import * as v from 'valibot';
import { unreachable } from '../../protocol/assert.ts';
import { ERROR_CODES } from '../../protocol/errors.ts';
import { NO_SESSION, serverName, sessionId, sid, type SessionId } from '../../protocol/ids.ts';
import { check, flag, integer, looseObject } from '../../protocol/json.ts';
import { XID, type ClientPacket, type MultiResult, type OperationResult } from '../../protocol/operations.ts';
import { decodeClientFrame, decodeServerFrame, fromHex, toHex } from '../../protocol/wire/index.ts';
import type { Stat } from '../../protocol/znode.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import { equal, sortedBag } from './compare.ts';
import { RawClient, type Received } from './raw-client.ts';
import { rawRequest } from './raw-request.ts';
import type { RawStep } from './recording.ts';
import { StageError, type Stage } from './stage.ts';
import { sorted, type Names } from './values.ts';

/** Virtual ms that an answer may take, unless the step says how long it waited. */
const WAIT_MS = 10_000;
const PASSWD_LENGTH = 16;
/** Virtual ms until servers have noticed that connections were dropped. */
const HANG_UP_MS = 20;

const openFields = looseObject({
  timeout: v.optional(integer(-(2 ** 31), 2 ** 31 - 1), 30_000),
  server: v.optional(integer(0, 255), 1),
  lastZxidSeen: v.optional(integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER), 0),
  readOnly: v.optional(flag, false),
  noPassword: v.optional(flag, false),
  resume: v.optional(v.string()),
  badPassword: v.optional(flag, false),
  id: v.optional(integer(0, Number.MAX_SAFE_INTEGER)),
  oldClient: v.optional(flag, false),
  silent: v.optional(flag, false),
});
const rawFields = looseObject({
  frame: v.optional(v.string()),
  xid: v.optional(integer(-(2 ** 31), 2 ** 31 - 1)),
  wait: v.optional(integer(0, 1e8), WAIT_MS),
});

/** What a raw step came to. */
export interface RawOutcome {
  readonly res?: unknown;
  /** The request's frame as it is written here. */
  readonly reqHex?: string;
}

export class RawClients {
  readonly #stage: Stage;
  readonly #names: Names;
  /** By label. */
  readonly #clients = new Map<string, RawClient>();

  constructor(stage: Stage, names: Names) {
    this.#stage = stage;
    this.#names = names;
  }

  async step(step: RawStep): Promise<RawOutcome> {
    const { s: label } = step;
    if (label === undefined) throw new StageError(`${step.op} has no session`);
    switch (step.op) {
      case 'rawOpen':
        return { res: await this.#open(label, step) };
      case 'raw':
        return this.#raw(label, step);
      case 'rawClose':
        this.#client(label).close();
        await this.#flush(label);
        return {};
      default:
        return unreachable(step);
    }
  }

  /** Drops the connections, as was done before the final line was read. Their sessions live on. */
  async closeAll(): Promise<void> {
    for (const [label, client] of this.#clients) {
      client.close();
      await this.#flush(label);
    }
    if (this.#clients.size > 0) await this.#stage.run(HANG_UP_MS);
  }

  async #open(label: string, step: RawStep): Promise<unknown> {
    const read = check(openFields, step);
    if (!read.ok) throw new StageError(read.message);
    const { timeout, server, lastZxidSeen, readOnly, oldClient, silent } = read.value;
    const target = serverName(sid(Math.max(1, server)));
    const opened: { client?: RawClient } = {};
    await this.#stage.order(label, {
      do: 'open',
      server: Math.max(1, server),
      create: (refs, incarnation) =>
        (opened.client = new RawClient(this.#stage.actor(label), target, refs, incarnation)),
    });
    const { client } = opened;
    if (!client) throw new StageError(`${label} did not open`);
    this.#clients.set(label, client);
    if (silent) return {};
    client.oldClient = oldClient;
    client.send({
      type: 'ConnectRequest',
      lastZxidSeen: lastZxidSeen as Zxid,
      timeout,
      ...this.#credentials(read.value),
      readOnly,
      ...(oldClient ? { oldClient } : {}),
    });
    await this.#flush(label);
    await this.#stage.until(() => client.received.length > 0, WAIT_MS);
    const [answer] = client.received.splice(0);
    if (!answer || 'closed' in answer || answer.packet.type !== 'ConnectResponse') return { closed: true };
    const { packet } = answer;
    const known = packet.sessionId !== NO_SESSION;
    // A server that refuses a session hangs up.
    if (!known) await this.#stage.until(() => client.ended, WAIT_MS);
    client.received.length = 0;
    return {
      protocol: 0,
      timeout: packet.timeout,
      session: known ? this.#names.enter(packet.sessionId, label) : '0',
      passwordLength: packet.passwd.length / 2,
      passwordZero: /^0*$/.test(packet.passwd),
      frameLength: client.bytes(packet, null).length,
      ...(client.ended ? { closed: true } : {}),
    };
  }

  #credentials(step: v.InferOutput<typeof openFields>): { readonly sessionId: SessionId; readonly passwd: string } {
    const { resume, badPassword, id, noPassword } = step;
    const zero = '0'.repeat(2 * PASSWD_LENGTH);
    if (resume === undefined) {
      return { sessionId: sessionId(BigInt(id ?? 0)), passwd: noPassword ? '' : zero };
    }
    const session = this.#stage.station(resume).session;
    if (!session) throw new StageError(`session ${resume} was never open`);
    const last = (Number.parseInt(session.passwd.slice(-1), 16) ^ 1).toString(16);
    return {
      sessionId: id === undefined ? session.id : sessionId(BigInt(id)),
      passwd: badPassword ? session.passwd.slice(0, -1) + last : session.passwd,
    };
  }

  async #raw(label: string, step: RawStep): Promise<RawOutcome> {
    const read = check(rawFields, step);
    if (!read.ok) throw new StageError(read.message);
    const { frame, xid, wait } = read.value;
    const client = this.#client(label);
    // That it ended was told before: nothing can be sent.
    if (client.received.length === 0 && client.ended) return { res: { frames: [{ closed: true }] } };
    let reqHex: string | undefined;
    if (frame === undefined) {
      const bytes = rawRequest(step);
      reqHex = toHex(bytes);
      client.send(decodeClientFrame(bytes, true));
    } else {
      client.sendBytes(fromHex(frame));
    }
    await this.#flush(label);
    const came = (number: number): boolean =>
      client.received.some((each) => 'packet' in each && isReply(each.packet, number));
    await this.#stage.until(() => client.ended || (xid !== undefined && came(xid)), wait);
    const frames = client.received.splice(0);
    // What else was on its way comes before the answer of a ping.
    if (!client.ended) {
      client.send({ type: 'Request', xid: XID.ping, operation: { op: 'ping' } });
      await this.#flush(label);
      await this.#stage.until(() => client.ended || came(XID.ping), wait);
      const last = client.received.splice(0);
      frames.push(...last.filter((each) => 'closed' in each || !isReply(each.packet, XID.ping)));
    }
    if (frames.length === 0) return { res: { frames: [{ silence: true }] }, ...(reqHex && { reqHex }) };
    const recorded = recordedHexes(step.res);
    return {
      res: { frames: frames.map((each, at) => this.#frame(client, each, recorded[at])) },
      ...(reqHex && { reqHex }),
    };
  }

  #frame(client: RawClient, received: Received, recorded: string | undefined): unknown {
    if ('closed' in received) return { closed: true };
    const { packet, operation } = received;
    const own = this.#plain(packet);
    let hex = toHex(client.bytes(own, operation));
    if (operation?.op === 'multiRead' && recorded?.length === hex.length) {
      // Lists inside a multi-read were left in the order of the server's hash tables, which means nothing.
      const expected = decodeServerFrame(fromHex(recorded), true, () => operation);
      if (equal(withSortedParts(expected), withSortedParts(own))) hex = recorded;
    }
    if (packet.type === 'WatchEvent') {
      return { xid: XID.notification, zxid: -1, err: 0, event: [packet.event, 'SyncConnected', packet.path], hex };
    }
    if (packet.type !== 'Reply') return { hex };
    return { xid: packet.xid, zxid: packet.zxid, err: ERROR_CODES[packet.error ?? 'OK'], hex };
  }

  /** Times are 0, lists sorted, owners the places of their labels, as in the recordings. */
  #plain(packet: ClientPacket): ClientPacket {
    if (packet.type !== 'Reply' || !packet.result) return packet;
    const { children, paths, ids, stat, results } = packet.result;
    const result: OperationResult = {
      ...packet.result,
      ...(children && { children: sorted(children) }),
      ...(paths && { paths: sorted(paths) }),
      ...(ids && { ids: sortedBag(ids) }),
      ...(stat && { stat: this.#plainStat(stat) }),
      ...(results && { results: results.map((each) => this.#plainPart(each)) }),
    };
    return { ...packet, result };
  }

  #plainPart(part: MultiResult): MultiResult {
    return 'stat' in part && part.stat ? { ...part, stat: this.#plainStat(part.stat) } : part;
  }

  #plainStat(stat: Stat): Stat {
    const { ephemeralOwner } = stat;
    const place = [...this.#stage.stations.keys()].indexOf(this.#names.session(ephemeralOwner)) + 1;
    return {
      ...stat,
      ctime: 0,
      mtime: 0,
      ephemeralOwner: ephemeralOwner === NO_SESSION ? ephemeralOwner : sessionId(BigInt(place)),
    };
  }

  #client(label: string): RawClient {
    const client = this.#clients.get(label);
    if (!client) throw new StageError(`there is no raw connection ${label}`);
    return client;
  }

  /** Lets the client take a step: it sends what it was given. */
  async #flush(label: string): Promise<void> {
    await this.#stage.act(this.#stage.request(label, { op: 'raw' }));
  }
}

/** What the frames of a recorded result hold but for `body`, which says in words what `hex` says. */
export function withoutBodies(res: object): unknown {
  if (!('frames' in res) || !Array.isArray(res.frames)) return res;
  const frames = res.frames.map((frame: unknown) => {
    if (typeof frame !== 'object' || frame === null || !('hex' in frame)) return frame;
    return Object.fromEntries(Object.entries(frame).filter(([key]) => key !== 'body'));
  });
  return { ...res, frames };
}

function isReply(packet: ClientPacket, xid: number): boolean {
  return packet.type === 'Reply' && packet.xid === xid;
}

function recordedHexes(res: unknown): readonly (string | undefined)[] {
  if (typeof res !== 'object' || res === null || !('frames' in res) || !Array.isArray(res.frames)) return [];
  return res.frames.map((frame: unknown) => {
    const hex: unknown = typeof frame === 'object' && frame !== null && 'hex' in frame ? frame.hex : undefined;
    return typeof hex === 'string' ? hex : undefined;
  });
}

/** With the children that a multi-read tells sorted. */
function withSortedParts(packet: ClientPacket): ClientPacket {
  if (packet.type !== 'Reply' || !packet.result?.results) return packet;
  const results = packet.result.results.map((part) =>
    part.op === 'getChildren' ? { ...part, children: sorted(part.children) } : part,
  );
  return { ...packet, result: { ...packet.result, results } };
}
