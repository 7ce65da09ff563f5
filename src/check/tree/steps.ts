/**
 * What each of the last transactions did to the tree: as the server told that applied it first. The steps form chains
 * (a transaction that no later leader knows ends one), along which one can go back from a tree to an earlier one.
 */
import type { ZnodeChange } from '../../protocol/events.ts';
import type { ActorName, EventId } from '../../protocol/ids.ts';
import type { TxnType } from '../../protocol/txns.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import type { Node } from './nodes.ts';
import type { ServerTree } from './server-tree.ts';

/** So many transactions are remembered: about as many as leaders keep for DIFF. */
const STEPS_MAX = 1024;

export interface Step {
  readonly zxid: Zxid;
  readonly txn: TxnType;
  /** The transaction before it. */
  readonly parent: Zxid;
  readonly changes: readonly ZnodeChange[];
  /** What was there before, for each of `changes`. */
  readonly before: readonly Node[];
  readonly actor: ActorName;
  /** The `applied` of the first. */
  readonly event: EventId;
}

/** The tree at a zxid: that of a server, but for these paths. */
export interface Reference {
  readonly tree: ServerTree;
  readonly overlay: ReadonlyMap<string, Node>;
}

export class Steps {
  readonly #steps = new Map<Zxid, Step>();

  get(zxid: Zxid): Step | undefined {
    return this.#steps.get(zxid);
  }

  add(step: Step): void {
    this.#steps.set(step.zxid, step);
    if (this.#steps.size <= STEPS_MAX) return;
    let old = STEPS_MAX / 4;
    for (const zxid of this.#steps.keys()) {
      if (old-- === 0) break;
      this.#steps.delete(zxid);
    }
  }

  /** The tree at `zxid`, by going back from one of `trees`; null if that cannot be reached. */
  at(zxid: Zxid, trees: Iterable<ServerTree>): Reference | null {
    for (const tree of trees) {
      const overlay = tree.exact ? this.#back(tree.at, zxid) : null;
      if (overlay) return { tree, overlay };
    }
    return null;
  }

  #back(from: Zxid, to: Zxid): ReadonlyMap<string, Node> | null {
    const overlay = new Map<string, Node>();
    let at = from;
    while (at > to) {
      const step = this.#steps.get(at);
      if (!step) return null;
      for (const [i, [path]] of step.changes.entries()) overlay.set(path, step.before[i]);
      at = step.parent;
    }
    return at === to ? overlay : null;
  }
}
