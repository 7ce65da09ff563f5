/** Writes traces by hand, for tests that need no engine. */
import type { EventBody, TraceEvent, TraceZnode } from '../../../src/protocol/events.ts';
import { LAB, serverName, sid, type ActorName, type ConnId, type EventId } from '../../../src/protocol/ids.ts';
import type { RuleId } from '../../../src/protocol/rules/index.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { makeZxid, type Zxid } from '../../../src/protocol/zxid.ts';
import type { TraceSetup } from '../../../src/trace/index.ts';

export const s1 = serverName(sid(1));
export const s2 = serverName(sid(2));
export const s3 = serverName(sid(3));
export const alice = 'alice' as ActorName;

export const setup: TraceSetup = {
  members: [1, 2, 3].map((n) => ({ sid: sid(n), role: 'participant' as const })),
  clients: [alice],
  fsync: [5, 5],
};

export const z = (counter: number, epoch = 1): Zxid => makeZxid(epoch, counter);
export const conn = (name: string): ConnId => name as ConnId;

export function znode(data: string | null, version = 0, czxid = z(1)): TraceZnode {
  const stat = {
    czxid,
    mzxid: czxid,
    ctime: 0,
    mtime: 0,
    version,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: '0x0' as TraceZnode['stat']['ephemeralOwner'],
    dataLength: data?.length ?? 0,
    numChildren: 0,
    pzxid: czxid,
  };
  return { data, acl: [], stat };
}

export class Recorder {
  readonly events: TraceEvent[] = [];
  #t = virtualTime(0);

  at(ms: number): this {
    this.#t = virtualTime(ms);
    return this;
  }

  after(ms: number): this {
    return this.at(this.#t + ms);
  }

  add(actor: ActorName, body: EventBody<EventId>, causes: readonly EventId[] = [], rule?: RuleId): EventId {
    const id = this.events.length as EventId;
    this.events.push({ ...body, id, t: this.#t, actor, causes, ...(rule === undefined ? {} : { rule }) });
    return id;
  }

  start(): EventId {
    return this.add(LAB, { kind: 'lab-started', seed: 1, title: '' });
  }
}
