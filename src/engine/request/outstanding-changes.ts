/**
 * What the writes in flight will have changed (`ZooKeeperServer.outstandingChanges`, `ChangeRecord`):
 * the leader checks the next write against this and its tree, without waiting for commits.
 *
 * As in the real server the root has two records, `/` for itself and the empty path for itself as a
 * parent, which do not know of each other until they are applied.
 */
import type { SessionId } from '../../protocol/ids.ts';
import type { Acl, ZnodeData } from '../../protocol/znode.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import type { ServerMetrics } from '../monitor/index.ts';
import type { StatPersisted } from '../tree/data-node.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { foreseenDigest, nodeDigest } from '../tree/digest.ts';
import { copiedTableLength, inBuckets, stringHash, tableLength } from '../tree/java-hash.ts';

/** A znode as it will be after the write `zxid`. */
export interface ChangeRecord {
  readonly zxid: Zxid;
  readonly path: string;
  /** Null: deleted. */
  readonly stat: StatPersisted | null;
  readonly childCount: number;
  readonly data: ZnodeData;
  readonly acl: readonly Acl[];
}
export type LiveRecord = ChangeRecord & { readonly stat: StatPersisted };

/** A record with the digests that were foreseen when it was made (`PrecalculatedDigest`). */
interface KeptRecord extends ChangeRecord {
  readonly nodeDigest: number;
  readonly treeDigest: bigint;
}

export class OutstandingChanges {
  readonly #tree: () => DataTree;
  readonly #metrics: ServerMetrics;
  /** In zxid order. */
  #records: KeptRecord[] = [];
  /** The latest record of each path. */
  readonly #forPath = new Map<string, KeptRecord>();

  /** @param tree the tree of the server, which may be replaced */
  constructor(tree: () => DataTree, metrics: ServerMetrics) {
    this.#tree = tree;
    this.#metrics = metrics;
  }

  /** `getRecordForPath`: the znode as the next write finds it, or null (NONODE). The record is a copy of the moment. */
  get(path: string): LiveRecord | null {
    const outstanding = this.#forPath.get(path);
    if (outstanding) return outstanding.stat ? { ...outstanding, stat: outstanding.stat } : null;
    const node = this.#tree().node(path);
    if (!node) return null;
    return {
      zxid: this.#tree().lastProcessedZxid,
      path,
      stat: { ...node.stat },
      childCount: node.children.size,
      data: node.data,
      acl: node.acl,
    };
  }

  add(record: ChangeRecord): void {
    const { path, data, stat } = record;
    const after = stat ? nodeDigest(path, data, stat) : 0;
    const kept = {
      ...record,
      nodeDigest: after,
      treeDigest: foreseenDigest(this.treeDigest, this.#digestOf(path), after),
    };
    this.#records.push(kept);
    this.#metrics.count('outstanding_changes_queued');
    this.#forPath.set(path, kept);
  }

  /** The digest that the tree will have when all of this is applied (`getCurrentTreeDigest`). */
  get treeDigest(): bigint {
    return this.#records.at(-1)?.treeDigest ?? this.#tree().treeDigest;
  }

  #digestOf(path: string): number {
    const outstanding = this.#forPath.get(path);
    if (outstanding) return outstanding.nodeDigest;
    const node = this.#tree().node(path);
    return node ? nodeDigest(path, node.data, node.stat) : 0;
  }

  /** `getPendingChanges`: the records of these paths, for {@link rollback}. */
  pending(paths: Iterable<string>): readonly KeptRecord[] {
    const records: KeptRecord[] = [];
    for (const path of new Set(paths)) {
      const record = this.#forPath.get(path);
      if (record) records.push(record);
    }
    return records;
  }

  /** `rollbackPendingChanges`: forgets what the write `zxid`, the newest, has added over `pending`. */
  rollback(zxid: Zxid, pending: ReturnType<OutstandingChanges['pending']>): void {
    for (let last = this.#records.at(-1); last?.zxid === zxid; last = this.#records.at(-1)) {
      this.#records.pop();
      this.#forPath.delete(last.path);
    }
    for (const record of pending) this.#forPath.set(record.path, record);
  }

  /**
   * The session's ephemerals as the next write finds them: the tree's, and what writes in flight add and take. In
   * the order of Java's copy of the set, for they are deleted, and watches told, in that order.
   */
  getEphemerals(session: SessionId): readonly string[] {
    const paths = new Set(this.#tree().getEphemerals(session));
    let length = paths.size === 0 ? 16 : copiedTableLength(paths.size);
    for (const record of this.#records) {
      if (record.stat === null) paths.delete(record.path);
      else if (record.stat.ephemeralOwner === session) paths.add(record.path);
      length = tableLength(paths.size, length);
    }
    return inBuckets([...paths], length, stringHash);
  }

  /** The write `zxid` is applied: its records are in the tree now. */
  applied(zxid: Zxid): void {
    const firstLeft = this.#records.findIndex((record) => record.zxid > zxid);
    const done = this.#records.splice(0, firstLeft === -1 ? this.#records.length : firstLeft);
    this.#metrics.count('outstanding_changes_removed', done.length);
    for (const record of done) if (this.#forPath.get(record.path) === record) this.#forPath.delete(record.path);
  }
}
