/**
 * Quotas as the tree keeps them (`DataTree.updateQuotaStat`, `updateQuotaForPath`, `setupQuota`,
 * `Quotas`): for `/a` there are `/zookeeper/quota/a/zookeeper_limits`, which makes it a quota, and
 * `…/zookeeper_stats`, where each server counts by itself as it applies transactions.
 *
 * The real server dies of a zookeeper_stats whose text it cannot read; here the text stays as it is.
 */
import { formatStatsTrack, parseStatsTrack, type StatsTrack } from '../../protocol/stats-track.ts';
import { childPath, nodeName, type ZnodeData } from '../../protocol/znode.ts';
import { PathTrie } from './path-trie.ts';

const QUOTA_ZOOKEEPER = '/zookeeper/quota';
const LIMIT_NODE = 'zookeeper_limits';
const STAT_NODE = 'zookeeper_stats';

/** `Quotas.limitPath` */
export function limitPath(path: string): string {
  return `${QUOTA_ZOOKEEPER}${path}/${LIMIT_NODE}`;
}

/** `Quotas.statPath` */
export function statPath(path: string): string {
  return `${QUOTA_ZOOKEEPER}${path}/${STAT_NODE}`;
}

/** The numbers in a quota's znode; null if it holds none that can be read. */
export function statsTrackOf(data: ZnodeData): StatsTrack | null {
  return data && parseStatsTrack(new TextDecoder('utf-8', { ignoreBOM: true }).decode(data));
}

/** A znode as quotas use it; of a zookeeper_stats the data is replaced. */
interface QuotaNode {
  data: ZnodeData;
  readonly children: ReadonlySet<string>;
}

/** The quotas of one tree. What it returns is the path of the zookeeper_stats that it has changed, or null. */
export class TreeQuotas {
  readonly #trie = new PathTrie();
  readonly #node: (path: string) => QuotaNode | undefined;

  /** @param node the znode at a path of the tree, live */
  constructor(node: (path: string) => QuotaNode | undefined) {
    this.#node = node;
  }

  /** The deepest quota that holds for the path (`getMaxPrefixWithQuota`); null: none. */
  prefixOf(path: string): string | null {
    return this.#trie.findMaxPrefix(path);
  }

  created(path: string, data: ZnodeData): string | null {
    const quota = quotaOf(path);
    if (quota !== null && nodeName(path) === LIMIT_NODE) this.#trie.addPath(quota);
    if (quota !== null && nodeName(path) === STAT_NODE) this.#count(quota);
    return this.#update(path, bytesOf(data), 1);
  }

  deleted(path: string, data: ZnodeData): string | null {
    const quota = quotaOf(path);
    if (quota !== null && nodeName(path) === LIMIT_NODE) this.#trie.deletePath(quota);
    return this.#update(path, -bytesOf(data), -1);
  }

  dataChanged(path: string, before: ZnodeData, after: ZnodeData): string | null {
    return this.#update(path, bytesOf(after) - bytesOf(before), 0);
  }

  /** The tree was loaded: finds its quotas and counts anew. Returns the paths of the zookeeper_stats. */
  setup(): readonly string[] {
    const stats: string[] = [];
    const traverse = (path: string): void => {
      const node = this.#node(path);
      if (!node) return;
      for (const child of node.children) traverse(childPath(path, child));
      const quota = quotaOf(path);
      if (node.children.size > 0 || nodeName(path) !== LIMIT_NODE || quota === null) return;
      if (this.#count(quota)) stats.push(statPath(quota));
      this.#trie.addPath(quota);
    };
    traverse(QUOTA_ZOOKEEPER);
    return stats;
  }

  /** `updateQuotaStat`: what is there, changed by what has come or gone. */
  #update(path: string, bytes: number, count: number): string | null {
    const quota = this.prefixOf(path);
    const node = quota === null ? undefined : this.#node(statPath(quota));
    const track = node && statsTrackOf(node.data);
    if (quota === null || !node || !track) return null;
    const updated = new Map(track)
      .set('count', (track.get('count') ?? -1n) + BigInt(count))
      .set('bytes', (track.get('bytes') ?? -1n) + BigInt(bytes));
    node.data = encode(updated);
    return statPath(quota);
  }

  /** `updateQuotaForPath`: counts the quota's znodes and writes that down. Whether there is a zookeeper_stats. */
  #count(quota: string): boolean {
    const node = this.#node(statPath(quota));
    if (!node) return false;
    const [count, bytes] = this.#counts(quota);
    node.data = encode(
      new Map([
        ['count', count],
        ['bytes', bytes],
      ]),
    );
    return true;
  }

  #counts(path: string): readonly [count: bigint, bytes: bigint] {
    const node = this.#node(path);
    if (!node) return [0n, 0n];
    let [count, bytes] = [1n, BigInt(bytesOf(node.data))];
    for (const child of node.children) {
      const [more, moreBytes] = this.#counts(childPath(path, child));
      count += more;
      bytes += moreBytes;
    }
    return [count, bytes];
  }
}

/** What the quota of this znode, a zookeeper_limits or zookeeper_stats, is for. Null: the znode is no part of a quota. */
function quotaOf(path: string): string | null {
  if (!path.startsWith(QUOTA_ZOOKEEPER)) return null;
  const quota = path.slice(QUOTA_ZOOKEEPER.length, path.lastIndexOf('/'));
  // The root has no quota. The real server dies of the attempt.
  return quota === '' ? null : quota;
}

function bytesOf(data: ZnodeData): number {
  return data?.length ?? 0;
}

function encode(track: StatsTrack): Uint8Array {
  return new TextEncoder().encode(formatStatsTrack(track));
}
