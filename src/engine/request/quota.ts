/** Whether a write would exceed a quota (`ZooKeeperServer.checkQuota`). */
import type { KeeperError } from '../../protocol/errors.ts';
import type { StatsTrack } from '../../protocol/stats-track.ts';
import type { ZnodeData } from '../../protocol/znode.ts';
import type { ServerContext } from '../context.ts';
import { topNamespace } from '../monitor/index.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { limitPath, statPath, statsTrackOf } from '../tree/quota.ts';

/** What a write adds to the quota that holds for `path`. */
interface Growth {
  readonly path: string;
  readonly count: number;
  readonly bytes: number;
}

/** A create of `path` with `data`. */
export function growthOfCreate(path: string, data: ZnodeData): Growth {
  return { path, count: 1, bytes: data?.length ?? 0 };
}

/** A setData, from `last`. */
export function growthOfSetData(path: string, last: ZnodeData, data: ZnodeData): Growth {
  return { path, count: 0, bytes: (data?.length ?? 0) - (last?.length ?? 0) };
}

/**
 * Null if the write may go on. The tree is the applied one: writes in flight do not count yet. A soft limit that is
 * exceeded is only told of. A quota whose text cannot be read is a MARSHALLINGERROR, as all that Prep does not expect.
 */
export function checkQuota(ctx: ServerContext, tree: DataTree, growth: Growth): KeeperError | null {
  if (!ctx.zoo.enforceQuota) return null;
  const quota = tree.quotaPrefixOf(growth.path);
  const limitNode = quota === null ? null : tree.node(limitPath(quota));
  if (quota === null || !limitNode) return null;
  const limits = statsTrackOf(limitNode.data);
  if (!limits) return 'MARSHALLINGERROR';
  const checks = (['count', 'bytes'] as const).flatMap((what) => {
    const limit = limitOf(limits, what);
    return limit !== null && growth[what] !== 0 ? [{ what, ...limit }] : [];
  });
  if (checks.length === 0) return null;
  const statNode = tree.node(statPath(quota));
  if (!statNode) return null;
  const stats = statsTrackOf(statNode.data);
  if (!stats) return 'MARSHALLINGERROR';
  for (const { what, limit, hard } of checks) {
    const used = (stats.get(what) ?? -1n) + BigInt(growth[what]);
    if (used <= limit) continue;
    const namespace = topNamespace(growth.path);
    if (namespace !== null) ctx.metrics.countIn('quota_exceeded_error_per_namespace', namespace);
    ctx.emit(
      { kind: 'quota-exceeded', path: growth.path, quota, what, used: Number(used), limit: Number(limit), hard },
      { rule: hard ? 'quota.hard' : 'quota.soft' },
    );
    if (hard) return 'QUOTAEXCEEDED';
  }
  return null;
}

/** The hard limit, or else the soft one; null: neither is set. */
function limitOf(
  limits: StatsTrack,
  what: 'count' | 'bytes',
): { readonly limit: bigint; readonly hard: boolean } | null {
  const hard = limits.get(what === 'count' ? 'countHardLimit' : 'byteHardLimit') ?? -1n;
  if (hard > -1n) return { limit: hard, hard: true };
  const soft = limits.get(what) ?? -1n;
  return soft > -1n ? { limit: soft, hard: false } : null;
}
