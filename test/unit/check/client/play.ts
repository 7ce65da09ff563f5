/** Hand-made events of servers and clients, as a lab would tell them, for the checkers of client guarantees. */
import { Checks, type Violation } from '../../../../src/check/index.ts';
import { clientGuarantees } from '../../../../src/check/client/index.ts';
import { ZOO_DEFAULTS } from '../../../../src/protocol/config.ts';
import type { ClientOp, EventBody, TraceEvent, TraceZnode, ZnodeChange } from '../../../../src/protocol/events.ts';
import {
  clientName,
  serverName,
  sid,
  type ActorName,
  type EventId,
  type SessionId,
} from '../../../../src/protocol/ids.ts';
import { virtualTime } from '../../../../src/protocol/time.ts';
import type { TxnType } from '../../../../src/protocol/txns.ts';
import { OPEN_ACL_UNSAFE, type Stat } from '../../../../src/protocol/znode.ts';
import { epoch, epochOf, type Zxid } from '../../../../src/protocol/zxid.ts';

export const EPOCH_1 = 0x1_0000_0000;
export const EPOCH_2 = 0x2_0000_0000;

export function stat(zxid: number, more: Partial<Stat> = {}): Stat {
  return {
    ...{ czxid: zxid as Zxid, mzxid: zxid as Zxid, pzxid: zxid as Zxid, ctime: 0, mtime: 0 },
    ...{ version: 0, cversion: 0, aversion: 0, ephemeralOwner: '0x0' as SessionId, dataLength: 0, numChildren: 0 },
    ...more,
  };
}

export function znode(zxid: number, more: Partial<Stat> = {}, data: TraceZnode['data'] = null): TraceZnode {
  return { data, acl: OPEN_ACL_UNSAFE, stat: stat(zxid, more) };
}

interface Handle {
  readonly session: SessionId;
  readonly server: number;
  readonly conn: string;
}

/**
 * Server 1 leads epoch 1, servers 2 and 3 follow it; every tree holds `/` only. Times go on by a millisecond with each
 * event. A method gives the id of the event that it is about.
 */
export class Play {
  readonly #checks: Checks;
  readonly #handles = new Map<string, Handle>();
  readonly #calls = new Map<string, number>();
  #next = 0;
  #t = 0;
  #conns = 0;

  constructor() {
    const members = [1, 2, 3].map((n) => ({ sid: sid(n), role: 'participant' as const }));
    const settings = { ...ZOO_DEFAULTS, tickTime: 1000 };
    this.#checks = new Checks({ members, clients: [], fsync: [1, 1], settings }, [clientGuarantees]);
    for (const n of [1, 2, 3]) {
      const nodes: ZnodeChange[] = [['/', znode(0)]];
      const epochs = { acceptedEpoch: epoch(0), currentEpoch: epoch(0) };
      const empty = { snapshot: null, replayed: 0, lastZxid: 0 as Zxid, sessions: [], log: [] };
      this.on(n, { kind: 'recovered', nodes, ...epochs, ...empty });
      this.activate(n);
      this.on(n, { kind: 'server-state', state: n === 1 ? 'LEADING' : 'FOLLOWING', why: '' });
      for (const from of n === 1 ? [2, 3] : [1]) this.hear(n, from);
      this.serve(n, 1, 1);
    }
  }

  get violations(): readonly Violation[] {
    return this.#checks.violations;
  }

  get first(): Violation | undefined {
    return this.#checks.violations[0];
  }

  wait(ms: number): void {
    this.#t += ms;
  }

  see(actor: ActorName, body: EventBody<EventId>, causes: readonly number[] = []): EventId {
    const id = this.#next++ as EventId;
    this.#t += 1;
    const event = { id, t: virtualTime(this.#t), actor, causes, ...body } as TraceEvent;
    this.#checks.see(event);
    return id;
  }

  on(server: number, body: EventBody<EventId>): EventId {
    return this.see(serverName(sid(server)), body);
  }

  activate(server: number): void {
    const members = [1, 2, 3].map((n) => ({ sid: sid(n), role: 'participant' as const }));
    const text = [
      ...[1, 2, 3].map((n) => `server.${n}=127.0.0.1:${28880 + n}:${38880 + n}:participant;127.0.0.1:${21810 + n}`),
      'version=0',
    ].join('\n');
    this.on(server, { kind: 'config-activated', version: 0 as Zxid, text, members });
  }

  /** A quorum packet. */
  hear(server: number, from: number): EventId {
    return this.on(server, { kind: 'receive', message: 0 as EventId, from: serverName(sid(from)), type: 'ACK' });
  }

  serve(server: number, leader: number, ofEpoch: number): EventId {
    return this.on(server, { kind: 'serving', epoch: epoch(ofEpoch), leader: sid(leader) });
  }

  connect(name: string, server: number, session = `0x${name.length}00`, timeout = 4000): EventId {
    const conn = `${name}#0.${this.#conns++}`;
    const sessionId = session as SessionId;
    this.#handles.set(name, { session: sessionId, server, conn });
    const client = clientName(name);
    this.on(server, { kind: 'session-attached', sessionId, conn: conn as never, client, timeout });
    return this.see(client, { kind: 'session-established', sessionId, timeout, server: sid(server), renewed: false });
  }

  /** Another process in place of a client's; its handle is gone. */
  restart(name: string): void {
    this.see(clientName(name), { kind: 'process-killed' });
    this.see(clientName(name), { kind: 'process-started', incarnation: 1 });
    this.#handles.delete(name);
    this.#calls.delete(name);
  }

  sessionOf(name: string): SessionId {
    return this.#handle(name).session;
  }

  /** A call, and its request with the same number as xid. */
  call(name: string, request: ClientOp): { readonly event: EventId; readonly number: number } {
    const number = (this.#calls.get(name) ?? 0) + 1;
    this.#calls.set(name, number);
    const event = this.see(clientName(name), { kind: 'call', call: number, request });
    const { server, conn } = this.#handle(name);
    const path = request.path === undefined ? {} : { path: request.path };
    const packet = { type: 'Request', xid: number, op: request.op, ...path } as const;
    const to = serverName(sid(server));
    this.see(clientName(name), { kind: 'send', to, conn: conn as never, port: 'client', packet, arrives: null }, [
      event,
    ]);
    return { event, number };
  }

  returned(
    name: string,
    { number }: { readonly number: number },
    request: ClientOp,
    zxid: number,
    more: Partial<Extract<EventBody<EventId>, { kind: 'returned' }>> = {},
  ): EventId {
    const server = sid(this.#handle(name).server);
    const body = {
      kind: 'returned',
      call: number,
      request,
      server,
      zxid: zxid as Zxid,
      error: null,
      result: null,
    } as const;
    return this.see(clientName(name), { ...body, ...more });
  }

  reply(name: string, xid: number, zxid: number): EventId {
    const { server, conn } = this.#handle(name);
    const packet = { type: 'Reply', xid, zxid: zxid as Zxid } as const;
    return this.on(server, {
      ...{ kind: 'send', to: clientName(name), conn: conn as never, port: 'client', packet, arrives: null },
    });
  }

  /** Proposed and committed by the leader, and applied by `servers`. A session ends because its client asks for that. */
  commit(
    zxid: number,
    txn: TxnType,
    changes: readonly ZnodeChange[],
    { session = '0x0', cxid = txn === 'closeSession' ? 99 : 0, leader = 1, servers = [1, 2, 3] } = {},
  ): { readonly proposed: EventId; readonly committed: EventId; readonly applied: EventId } {
    const sessionId = session as SessionId;
    const proposed = this.on(leader, { kind: 'proposed', zxid: zxid as Zxid, txn, sessionId, cxid, need: 2 });
    const committed = this.on(leader, { kind: 'committed', zxid: zxid as Zxid });
    const [applied] = servers.map((server) => this.apply(server, zxid, txn, changes));
    return { proposed, committed, applied: applied ?? committed };
  }

  apply(server: number, zxid: number, txn: TxnType, changes: readonly ZnodeChange[]): EventId {
    return this.on(server, { kind: 'applied', zxid: zxid as Zxid, txn, changes });
  }

  /** A write of a client, from its call to its answer. */
  write(name: string, request: ClientOp, zxid: number, txn: TxnType, changes: readonly ZnodeChange[]): EventId {
    const call = this.call(name, request);
    this.commit(zxid, txn, changes, { session: this.sessionOf(name), cxid: call.number });
    return this.returned(name, call, request, zxid);
  }

  /** A server begins to serve under a new leader, which is itself or another; its tree is the one that it had. */
  newTerm(server: number, leader: number, zxid: number): void {
    this.on(server, { kind: 'stepped-down', why: '' });
    this.on(server, { kind: 'server-state', state: server === leader ? 'LEADING' : 'FOLLOWING', why: '' });
    for (const from of server === leader ? [1, 2, 3] : [leader]) if (from !== server) this.hear(server, from);
    this.serve(server, leader, epochOf(zxid as Zxid));
  }

  #handle(name: string): Handle {
    const handle = this.#handles.get(name);
    if (!handle) throw new Error(`${name} is not connected`);
    return handle;
  }
}
