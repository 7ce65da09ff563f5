/** One server's storage on a disk of which the test decides when fsyncs end, and generators of transactions. */
import fc from 'fast-check';
import { ServerContext } from '../../../src/engine/context.ts';
import { MemoryDisk, ZKDatabase } from '../../../src/engine/storage/index.ts';
import { DataTree } from '../../../src/engine/tree/data-tree.ts';
import { ZOO_DEFAULTS, type ZooConfig } from '../../../src/protocol/config.ts';
import type { EventBody } from '../../../src/protocol/events.ts';
import { NO_SESSION, RefSource, sessionId, sid, type EventRef, type SessionId } from '../../../src/protocol/ids.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import type { LoggedTxn, Txn } from '../../../src/protocol/txns.ts';
import { OPEN_ACL_UNSAFE, type Acl } from '../../../src/protocol/znode.ts';
import { makeZxid, type Zxid } from '../../../src/protocol/zxid.ts';
import type { FsyncTicket } from '../../../src/engine/storage/index.ts';
import type { ProcessEvent } from '../../../src/process/io.ts';

export class Bench {
  readonly disk: MemoryDisk;
  readonly ctx: ServerContext;
  readonly db: ZKDatabase;
  /** All events so far. */
  readonly events: ProcessEvent[] = [];
  readonly exits: string[] = [];
  /** When timers that were set are due, ms. */
  readonly timers: number[] = [];
  readonly #fsyncs: { ticket: FsyncTicket; token: number }[] = [];
  /** Blocks that the disk has not taken yet. */
  readonly #writes: number[] = [];

  constructor(disk = new MemoryDisk(), zoo: Partial<ZooConfig> = {}, incarnation = 0) {
    this.disk = disk;
    this.ctx = new ServerContext({
      sid: sid(1),
      zoo: { ...ZOO_DEFAULTS, ...zoo },
      seed: 7,
      incarnation,
      disk,
      refs: new RefSource(1),
    });
    this.db = new ZKDatabase(this.ctx);
  }

  /** A step of the server: what it emits is kept, what it wants fsynced waits for {@link fsync}. */
  run<T>(work: (db: ZKDatabase) => T): T {
    let result: { value: T } | undefined;
    const outputs = this.ctx.step(virtualTime(0), 0 as EventRef, () => {
      result = { value: work(this.db) };
    });
    for (const output of outputs) {
      if (output.type === 'event') this.events.push(output.event);
      else if (output.type === 'exit') this.exits.push(output.reason);
      else if (output.type === 'timer') this.timers.push(output.at);
      else if (output.type === 'fsync')
        this.#fsyncs.push({ ticket: this.disk.beginFsync(output.file), token: output.token });
      else if (output.type === 'write') this.#writes.push(output.token);
    }
    if (!result) throw new Error('the step did not run');
    return result.value;
  }

  get fsyncsWaiting(): number {
    return this.#fsyncs.length;
  }

  /** Ends the oldest fsync, or `count` of them. */
  fsync(count = 1): void {
    for (let i = 0; i < count; i++) {
      const next = this.#fsyncs.shift();
      if (!next) return;
      this.disk.completeFsync(next.ticket);
      this.run(() => {
        this.ctx.takeFsync(next.token)();
      });
    }
  }

  get writesWaiting(): number {
    return this.#writes.length;
  }

  /** The disk takes the oldest block of a snapshot that is being written. */
  write(): void {
    const token = this.#writes.shift();
    if (token !== undefined) {
      this.run(() => {
        this.ctx.takeFsync(token)();
      });
    }
  }

  /** Ends all fsyncs, those too that begin meanwhile. Snapshots that are being written stand still. */
  settle(): void {
    while (this.#fsyncs.length > 0) this.fsync();
  }

  /** Loaded from its disk; throws the reason of a refusal. */
  boot(): this {
    const result = this.run((db) => db.load());
    if (!result.ok) throw new Error(result.reason);
    return this;
  }

  /** Logs, makes durable, and applies. */
  commit(...txns: readonly LoggedTxn[]): this {
    this.run((db) => {
      for (const txn of txns) db.append(txn);
      db.commitLog(() => undefined);
    });
    this.settle();
    this.run((db) => {
      for (const txn of txns) {
        db.processTxn(txn);
        db.addCommittedProposal(txn);
      }
    });
    return this;
  }

  bodies<K extends EventBody['kind']>(kind: K): readonly Extract<EventBody, { kind: K }>[] {
    return this.events
      .map(({ body }) => body)
      .filter((body): body is Extract<EventBody, { kind: K }> => body.kind === kind);
  }
}

/** The same machine after the process died without a crash of the disk. */
export function reboot(bench: Bench, zoo: Partial<ZooConfig> = {}): Bench {
  return new Bench(bench.disk, zoo, 1);
}

export const S1 = sessionId(0x100_0000_0001n);
export const S2 = sessionId(0xff00_0000_0000_0002n);

export function txn(zxid: Zxid, body: Txn, clientId: SessionId = NO_SESSION): LoggedTxn {
  return { header: { clientId, cxid: 1, zxid, time: 1_767_225_600_000 + (zxid % 1000) }, txn: body };
}

export function create(
  zxid: Zxid,
  path: string,
  options: { data?: string; ephemeral?: SessionId; parentCVersion?: number } = {},
): LoggedTxn {
  return txn(
    zxid,
    {
      type: 'create',
      path,
      data: options.data === undefined ? null : new TextEncoder().encode(options.data),
      acl: OPEN_ACL_UNSAFE,
      ephemeral: options.ephemeral !== undefined,
      parentCVersion: options.parentCVersion ?? -1,
    },
    options.ephemeral,
  );
}

const LOCKED: readonly Acl[] = [{ perms: 1, scheme: 'digest', id: 'u:h' }];
const READ_ONLY: readonly Acl[] = [{ perms: 1, scheme: 'world', id: 'anyone' }];

/** What a person might ask for; {@link valid} makes transactions of it. */
export const wish = fc.record({
  op: fc.constantFrom(
    ...(['create', 'ephemeral', 'container', 'ttl', 'delete', 'setData', 'setACL', 'multi'] as const),
    ...(['createSession', 'closeSession', 'error', 'newEpoch'] as const),
  ),
  path: fc.constantFrom('/a', '/b', '/a/x', '/a/y', '/a/x/1', '/b/ü'),
  session: fc.constantFrom(S1, S2),
  data: fc.option(fc.uint8Array({ maxLength: 40 })),
});
export const wishes = fc.array(wish, { maxLength: 30 });
export type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

/** The transactions that a leader would make of the wishes: each one fits the tree that the earlier ones left. */
export function valid(list: readonly Wish[], tree = new DataTree(), from = makeZxid(1, 1)): readonly LoggedTxn[] {
  const txns: LoggedTxn[] = [];
  let epoch = Math.floor(from / 2 ** 32);
  let counter = from % 2 ** 32;
  for (const { op, path, session, data } of list) {
    if (op === 'newEpoch') {
      epoch++;
      counter = 1;
      continue;
    }
    const made = txn(makeZxid(epoch, counter++), body(tree, op, path, session, data), session);
    tree.processTxn(made);
    txns.push(made);
  }
  return txns;
}

function body(
  tree: DataTree,
  op: Exclude<Wish['op'], 'newEpoch'>,
  path: string,
  session: SessionId,
  data: Uint8Array | null,
): Txn {
  const node = tree.node(path);
  const parentOf = path.slice(0, path.lastIndexOf('/')) || '/';
  const parent = tree.node(parentOf);
  const acl = path === '/b' ? LOCKED : OPEN_ACL_UNSAFE;
  switch (op) {
    case 'create':
    case 'ephemeral':
    case 'container':
    case 'ttl': {
      if (node) return { type: 'error', error: 'NODEEXISTS' };
      if (!parent) return { type: 'error', error: 'NONODE' };
      if (parent.stat.ephemeralOwner !== NO_SESSION) return { type: 'error', error: 'NOCHILDRENFOREPHEMERALS' };
      const made = { path, data, acl, parentCVersion: parent.stat.cversion + 1 };
      if (op === 'container') return { type: 'createContainer', ...made };
      if (op === 'ttl') return { type: 'createTTL', ...made, ttl: 1000 };
      return { type: 'create', ...made, ephemeral: op === 'ephemeral' };
    }
    case 'delete':
      if (!node) return { type: 'error', error: 'NONODE' };
      return node.children.size > 0 ? { type: 'error', error: 'NOTEMPTY' } : { type: 'delete', path };
    case 'setData':
      return node
        ? { type: 'setData', path, data, version: node.stat.version + 1 }
        : { type: 'error', error: 'NONODE' };
    case 'setACL':
      return node
        ? { type: 'setACL', path, acl: data ? LOCKED : READ_ONLY, version: node.stat.aversion + 1 }
        : { type: 'error', error: 'NONODE' };
    case 'multi': {
      // All that is there gets new data, and a child with another list.
      const version = (of: string): number => (tree.node(of)?.stat.version ?? 0) + 1;
      const there = ['/a', '/b', '/a/x'].filter((each) => tree.node(each));
      const child = `${path}/m`;
      const fits = node && node.stat.ephemeralOwner === NO_SESSION && !tree.node(child);
      return {
        type: 'multi',
        txns: [
          ...there.map((each) => ({ type: 'setData' as const, path: each, data, version: version(each) })),
          ...(fits
            ? [
                {
                  type: 'create' as const,
                  path: child,
                  data,
                  acl: READ_ONLY,
                  ephemeral: false,
                  parentCVersion: node.stat.cversion + 1,
                },
              ]
            : []),
        ],
      };
    }
    case 'createSession':
      return { type: 'createSession', timeout: 4000 };
    case 'closeSession':
      return { type: 'closeSession', paths2Delete: tree.getEphemerals(session) };
    case 'error':
      return { type: 'error', error: 'BADVERSION' };
  }
}
