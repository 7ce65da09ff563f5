/** Runs of ZAB that never were, event by event, to see what its checkers say of them. */
import { Checks, type Violation } from '../../../src/check/index.ts';
import type { Checker } from '../../../src/check/types.ts';
import type { EventBody } from '../../../src/protocol/events.ts';
import { serverName, sid, type ConnId, type EventId } from '../../../src/protocol/ids.ts';
import { formatConfig, initialConfig } from '../../../src/protocol/quorum-config.ts';
import { epoch, makeZxid, ZXID_ZERO, type Zxid } from '../../../src/protocol/zxid.ts';
import type { TraceSetup } from '../../../src/trace/index.ts';
import { Recorder } from '../trace/recorder.ts';

const CONN = 'c' as ConnId;

/** (epoch, counter) */
export const z = (e: number, counter: number): Zxid => makeZxid(e, counter);

/** A log entry: what it holds is told by its digest alone. */
export type Txn = Zxid | { readonly zxid: Zxid; readonly digest: number };
const entry = (txn: Txn): { zxid: Zxid; txn: 'create'; digest: number } =>
  typeof txn === 'number' ? { zxid: txn, txn: 'create', digest: 1 } : { ...txn, txn: 'create' };

export class ZabRun extends Recorder {
  readonly setup: TraceSetup;
  readonly #leaders = new Map<number, number>();

  /** Servers 1 to `voters`, then as many observers, all started. */
  constructor(voters: number, observers = 0, settings: Partial<TraceSetup> = {}) {
    super();
    const members = Array.from({ length: voters + observers }, (_, index) => ({
      sid: sid(index + 1),
      role: index < voters ? ('participant' as const) : ('observer' as const),
    }));
    this.setup = { members, clients: [], fsync: [5, 5], ...settings };
    for (const member of members) this.boot(member.sid);
  }

  server(n: number, body: EventBody<EventId>): EventId {
    return this.add(serverName(sid(n)), body);
  }

  boot(n: number, log: readonly Txn[] = [], snapshot: Zxid | null = null, epochs = 0): EventId {
    this.server(n, { kind: 'process-started', incarnation: 0 });
    const { members } = this.setup;
    const text = formatConfig(initialConfig(members, { groups: {}, weights: {} }));
    this.server(n, { kind: 'config-activated', version: ZXID_ZERO, text, members });
    const lastZxid = log.length > 0 ? entry(log.at(-1) as Txn).zxid : (snapshot ?? ZXID_ZERO);
    return this.server(n, {
      ...{ kind: 'recovered', snapshot, replayed: log.length, lastZxid },
      ...{ acceptedEpoch: epoch(epochs), currentEpoch: epoch(epochs), nodes: [], sessions: [], log: log.map(entry) },
    });
  }

  kill(n: number): EventId {
    return this.server(n, { kind: 'process-killed' });
  }

  /** Up to the NEWLEADER quorum, without it. */
  lead(n: number, e: number): void {
    this.server(n, { kind: 'server-state', state: 'LEADING', why: '' });
    this.server(n, { kind: 'zab-state', zabState: 'DISCOVERY' });
    this.server(n, { kind: 'epoch-saved', file: 'acceptedEpoch', epoch: epoch(e) });
    this.server(n, { kind: 'epoch-saved', file: 'currentEpoch', epoch: epoch(e) });
    this.server(n, { kind: 'zab-state', zabState: 'SYNCHRONIZATION' });
  }

  /** Up to the first packet of its synchronization. */
  follow(n: number, leader: number, e: number, mode: 'DIFF' | 'TRUNC' | 'SNAP' = 'DIFF', zxid = ZXID_ZERO): void {
    this.#leaders.set(n, leader);
    const observes = this.setup.members[n - 1]?.role === 'observer';
    this.server(n, { kind: 'server-state', state: observes ? 'OBSERVING' : 'FOLLOWING', why: '' });
    this.server(n, { kind: 'epoch-saved', file: 'acceptedEpoch', epoch: epoch(e) });
    this.server(n, { kind: 'sync-received', mode, zxid, leader: sid(leader) });
    if (mode === 'TRUNC') this.server(n, { kind: 'log-truncated', to: zxid });
  }

  /** Its synchronization ends. */
  newLeader(n: number, e: number): EventId {
    this.server(n, { kind: 'epoch-saved', file: 'currentEpoch', epoch: epoch(e) });
    return this.sendAck(n, z(e, 0));
  }

  serve(n: number, leader: number, e: number): EventId {
    this.server(n, { kind: 'zab-state', zabState: 'BROADCAST' });
    return this.server(n, { kind: 'serving', epoch: epoch(e), leader: sid(leader) });
  }

  /** `leader` leads epoch `e`, and the others have nothing to be synchronized with. */
  establish(leader: number, e: number, ...learners: readonly number[]): void {
    this.lead(leader, e);
    for (const n of learners) this.follow(n, leader, e);
    for (const n of learners) this.newLeader(n, e);
    this.serve(leader, leader, e);
    for (const n of learners) this.serve(n, leader, e);
  }

  stepDown(n: number): void {
    this.server(n, { kind: 'stepped-down', why: '' });
    this.server(n, { kind: 'server-state', state: 'LOOKING', why: '' });
    this.server(n, { kind: 'zab-state', zabState: 'ELECTION' });
  }

  propose(n: number, zxid: Zxid): EventId {
    const sessionId = '0x1' as never; // any
    return this.server(n, { kind: 'proposed', zxid, txn: 'create', sessionId, cxid: 1, need: 2 });
  }

  append(n: number, txn: Txn): EventId {
    return this.server(n, { kind: 'log-appended', entry: entry(txn) });
  }

  durable(n: number, zxid: Zxid): EventId {
    for (const kind of ['fsync-started', 'fsync-done'] as const) this.server(n, { kind, file: 'version-2/log.1' });
    return this.server(n, { kind: 'log-durable', zxid, count: 1 });
  }

  /** To its leader. */
  sendAck(n: number, zxid: Zxid): EventId {
    const to = serverName(sid(this.#leaders.get(n) ?? 1));
    return this.server(n, {
      ...{ kind: 'send', to, conn: CONN, port: 'quorum' },
      ...{ packet: { type: 'ACK', zxid }, arrives: null },
    });
  }

  acked(leader: number, from: number, zxid: Zxid): EventId {
    return this.server(leader, { kind: 'acked', zxid, from: sid(from), acks: [sid(from)], need: 2 });
  }

  /** Appended and durable at `n`, acknowledged and counted. */
  log(n: number, leader: number, txn: Txn): EventId {
    const { zxid } = entry(txn);
    this.append(n, txn);
    this.durable(n, zxid);
    if (n !== leader) this.sendAck(n, zxid);
    return this.acked(leader, n, zxid);
  }

  commit(n: number, zxid: Zxid): EventId {
    return this.server(n, { kind: 'committed', zxid });
  }

  apply(n: number, zxid: Zxid): EventId {
    return this.server(n, { kind: 'applied', zxid, txn: 'create', changes: [] });
  }

  /** `leader` proposes it, `n` and itself log it, it is committed, and both apply it. */
  write(leader: number, txn: Txn, ...learners: readonly number[]): void {
    const { zxid } = entry(txn);
    this.propose(leader, zxid);
    for (const n of [leader, ...learners]) this.log(n, leader, txn);
    this.commit(leader, zxid);
    for (const n of [leader, ...learners]) this.apply(n, zxid);
  }

  look(checker: Checker): readonly Violation[] {
    const checks = new Checks(this.setup, [checker]);
    for (const event of this.events) checks.see(event);
    return checks.violations;
  }
}

/** The one violation of `property`, without the rest. */
export function only(violations: readonly Violation[], property: string): Omit<Violation, 'at' | 'property'> {
  const found = violations.filter((violation) => violation.property === property);
  if (found.length !== 1) throw new Error(`${property}: ${found.length} of ${JSON.stringify(violations)}`);
  const [{ event, proof, says }] = found as [Violation];
  return { event, proof, says };
}
