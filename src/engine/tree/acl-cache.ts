/**
 * Every list of ACLs that the tree uses, once, under a number (`ReferenceCountedACLCache`): snapshots keep
 * this table and write the numbers with the nodes. A number is never given twice by one cache; a list that
 * nobody uses any more goes, and gets another number when it comes again.
 */
import { OPEN_ACL_UNSAFE, type Acl } from '../../protocol/znode.ts';

/** The number of world:anyone with all permissions where no list was given; it is not in the table. */
export const OPEN_ACL_INDEX = -1;

interface Entry {
  readonly index: number;
  readonly acl: readonly Acl[];
  readonly key: string;
  /** Nodes that use it, and creates of nodes that were there already: those never give it back. */
  uses: number;
}

export class AclCache {
  readonly #byIndex = new Map<number, Entry>();
  readonly #byKey = new Map<string, Entry>();
  #lastIndex = 0;
  #sizeMax = 0;

  /** All lists with their numbers, in the order of their coming. */
  get entries(): readonly { readonly index: number; readonly acl: readonly Acl[] }[] {
    return [...this.#byIndex.values()];
  }

  /** How many lists there were at most: the table in Java is made for as many. */
  get sizeMax(): number {
    return this.#sizeMax;
  }

  /** The number of a list, which is used once more (`convertAcls`). */
  convert(acl: readonly Acl[]): number {
    const key = keyOf(acl);
    let entry = this.#byKey.get(key);
    if (!entry) entry = this.#put(++this.#lastIndex, acl, key);
    entry.uses++;
    return entry.index;
  }

  /**
   * The list of a number (`convertLong`). Where the table lacks it, which a fuzzy snapshot can bring about
   * (ZOOKEEPER-4689), the real server fails at each access; here the list is empty.
   */
  list(index: number): readonly Acl[] {
    return index === OPEN_ACL_INDEX ? OPEN_ACL_UNSAFE : (this.#byIndex.get(index)?.acl ?? []);
  }

  addUsage(index: number): void {
    const entry = this.#byIndex.get(index);
    if (entry) entry.uses++;
  }

  removeUsage(index: number): void {
    const entry = this.#byIndex.get(index);
    if (!entry) return;
    entry.uses--;
    if (entry.uses <= 0) this.#remove(entry);
  }

  /** Takes the table of a snapshot; {@link addUsage} for each node and {@link purgeUnused} must follow. */
  load(entries: Iterable<{ readonly index: number; readonly acl: readonly Acl[] }>): void {
    this.#byIndex.clear();
    this.#byKey.clear();
    for (const { index, acl } of entries) {
      this.#lastIndex = Math.max(this.#lastIndex, index);
      this.#put(index, acl, keyOf(acl));
    }
  }

  purgeUnused(): void {
    for (const entry of [...this.#byIndex.values()]) if (entry.uses <= 0) this.#remove(entry);
  }

  #put(index: number, acl: readonly Acl[], key: string): Entry {
    const entry: Entry = { index, acl, key, uses: 0 };
    this.#byIndex.set(index, entry);
    this.#sizeMax = Math.max(this.#sizeMax, this.#byIndex.size);
    this.#byKey.set(key, entry);
    return entry;
  }

  #remove(entry: Entry): void {
    this.#byIndex.delete(entry.index);
    if (this.#byKey.get(entry.key) === entry) this.#byKey.delete(entry.key);
  }
}

function keyOf(acl: readonly Acl[]): string {
  return JSON.stringify(acl.map(({ perms, scheme, id }) => [perms, scheme, id]));
}
