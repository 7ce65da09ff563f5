/** Hand-made events, one a millisecond, for one checker. Sids, zxids and ids are plain numbers here. */
import { Checks, type Checker, type Violation } from '../../../src/check/index.ts';
import { ZOO_DEFAULTS, type ZooConfig } from '../../../src/protocol/config.ts';
import type { EventKind, TraceEvent, TraceZnode, ZnodeChange } from '../../../src/protocol/events.ts';
import { sid, type SessionId } from '../../../src/protocol/ids.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { OPEN_ACL_UNSAFE, type Stat } from '../../../src/protocol/znode.ts';
import type { Zxid } from '../../../src/protocol/zxid.ts';

/** (1,0) and (2,0). */
export const E1 = 0x1_0000_0000;
export const E2 = 0x2_0000_0000;

export class Script {
  readonly checks: Checks;
  #next = 0;

  /** Of servers 1, 2, 3. */
  constructor(checker: Checker, zoo: Partial<ZooConfig> = {}) {
    const members = [1, 2, 3].map((n) => ({ sid: sid(n), role: 'participant' as const }));
    this.checks = new Checks({ members, clients: [], fsync: [1, 1], settings: { ...ZOO_DEFAULTS, ...zoo } }, [checker]);
  }

  get violations(): readonly Violation[] {
    return this.checks.violations;
  }

  /** An event of `actor`; returns its id. */
  see(actor: string, kind: EventKind, body: object = {}): number {
    const id = this.#next++;
    // A script writes what a trace holds, without its brands.
    this.checks.see({ id, t: virtualTime(id), actor, causes: [], kind, ...body } as unknown as TraceEvent);
    return id;
  }

  /** A packet between a learner and its leader. */
  send(from: string, to: string, type: string, zxid: number, conn = 'c'): number {
    return this.see(from, 'send', { to, conn, port: 'quorum', packet: { type, zxid }, arrives: 0 });
  }
}

/** A configuration of these voters. */
export function config(version: number, ...sids: number[]): object {
  const lines = sids.map((n) => `server.${n}=127.0.0.1:${2000 + n}:${3000 + n}:participant;127.0.0.1:${4000 + n}`);
  const members = sids.map((n) => ({ sid: n, role: 'participant' }));
  return { version, text: [...lines, `version=${version.toString(16)}`].join('\n'), members };
}

export function stat(zxid: number, more: Partial<Record<keyof Stat, number | string>> = {}): Stat {
  return {
    ...{ czxid: zxid as Zxid, mzxid: zxid as Zxid, pzxid: zxid as Zxid, ctime: 1, mtime: 1 },
    ...{ version: 0, cversion: 0, aversion: 0, ephemeralOwner: '0x0' as SessionId, dataLength: 0, numChildren: 0 },
    ...(more as Partial<Stat>),
  };
}

export function znode(zxid: number, more: Partial<Record<keyof Stat, number | string>> = {}, data = ''): TraceZnode {
  return { data, acl: OPEN_ACL_UNSAFE, stat: stat(zxid, more) };
}

/** The root after `children` creates, the last one at `zxid`. */
export function root(zxid: number, children: number): ZnodeChange {
  const zxids = { czxid: 0, mzxid: 0, pzxid: zxid };
  return ['/', { stat: stat(0, { ...zxids, ctime: 0, mtime: 0, cversion: children, numChildren: children }) }];
}
