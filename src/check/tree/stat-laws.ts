/**
 * `StatLaws`: what a transaction does to the Stats of znodes (documents zookeeperProgrammers, "ZooKeeper Stat Structure";
 * `DataTree`, `DataNode.copyStat`). The parts of a multi are not seen one by one, so that of it only less can be said.
 */
import type { Stat } from '../../protocol/znode.ts';
import { nodeName, parentPath } from '../../protocol/znode.ts';
import { formatZxid, type Zxid } from '../../protocol/zxid.ts';
import { isOwnWork, type Node } from './nodes.ts';
import { isWhole } from './server-tree.ts';
import type { Step } from './steps.ts';

/** A counter near the end of its 32 bits, or one that a configuration has set, goes on by rules of its own. */
const COUNTER_MAX = 2 ** 31 - 2;

/** How often children of a path came and went in one transaction. */
interface Children {
  created: number;
  deleted: number;
}
const NONE: Children = { created: 0, deleted: 0 };

/** What is wrong with a znode after `step`, in words that follow its path; null: nothing. */
export function brokenStat(step: Step): { readonly path: string; readonly says: string } | null {
  const children = countChildren(step);
  for (const [i, [path, node]] of step.changes.entries()) {
    if (isOwnWork(path)) continue;
    const old = step.before[i];
    if (node === null) {
      const { created, deleted } = children.get(path) ?? NONE;
      const left = old ? old.stat.numChildren + created - deleted : 0;
      if (left !== 0) return { path, says: `is deleted with ${left} children left` };
      continue;
    }
    const says = broken(step, node.stat, isWhole(node), old, children.get(path) ?? NONE);
    if (says !== null) return { path, says };
  }
  return null;
}

function countChildren({ zxid, changes, before }: Step): ReadonlyMap<string, Children> {
  const counts = new Map<string, Children>();
  for (const [i, [path, node]] of changes.entries()) {
    if (nodeName(path) === '') continue;
    const old = before[i];
    const deleted = old !== undefined && (node === null || node.stat.czxid !== old.stat.czxid) ? 1 : 0;
    const created = node !== null && (!old || node.stat.czxid !== old.stat.czxid) && node.stat.czxid === zxid ? 1 : 0;
    if (created + deleted === 0) continue;
    const count = counts.get(parentPath(path));
    if (!count) counts.set(parentPath(path), { created, deleted });
    else {
      count.created += created;
      count.deleted += deleted;
    }
  }
  return counts;
}

function broken({ zxid, txn }: Step, stat: Stat, whole: boolean, old: Node, children: Children): string | null {
  const multi = txn === 'multi';
  const { czxid, mzxid, pzxid } = stat;
  if (czxid > mzxid) return `has czxid ${formatZxid(czxid)} above mzxid ${formatZxid(mzxid)}`;
  if (czxid > pzxid) return `has czxid ${formatZxid(czxid)} above pzxid ${formatZxid(pzxid)}`;
  if (mzxid > zxid || pzxid > zxid) return `has a zxid later than the transaction itself`;
  if (!old || old.stat.czxid !== czxid) {
    if (czxid !== zxid) return `is new, but has czxid ${formatZxid(czxid)}`;
    const { version, cversion, aversion, numChildren } = stat;
    if (multi || (version === 0 && cversion === 0 && aversion === 0 && numChildren === 0)) return null;
    return `is new, but has version ${version}, cversion ${cversion}, aversion ${aversion} and ${numChildren} children`;
  }
  return brokenChildren(stat, old.stat, children, { zxid, multi }) ?? brokenData(stat, old.stat, txn, zxid, whole);
}

/** cversion counts the children that came and went, and pzxid is that of the last change of them. */
function brokenChildren(
  stat: Stat,
  old: Stat,
  { created, deleted }: Children,
  { zxid, multi }: { readonly zxid: Zxid; readonly multi: boolean },
): string | null {
  const more = stat.numChildren - old.numChildren;
  if (more !== created - deleted) {
    return `has ${stat.numChildren} children after ${old.numChildren}, with ${created} created and ${deleted} deleted`;
  }
  // Of a child that came and went within one multi nothing is seen.
  const counted = (stat.cversion - old.cversion) | 0;
  const fits = multi
    ? counted >= created + deleted && (counted - created - deleted) % 2 === 0
    : counted === created + deleted;
  if (!fits) {
    return `has cversion ${stat.cversion} after ${old.cversion}, with ${created} children created and ${deleted} deleted`;
  }
  const moved = created + deleted > 0;
  if (stat.pzxid === zxid ? moved || multi : !moved && stat.pzxid === old.pzxid) return null;
  return `has pzxid ${formatZxid(stat.pzxid)}, with ${created} children created and ${deleted} deleted`;
}

/** version counts the writes of data, aversion those of the ACL. */
function brokenData(stat: Stat, old: Stat, txn: Step['txn'], zxid: Step['zxid'], whole: boolean): string | null {
  const { version, aversion } = stat;
  const written = stat.mzxid === zxid;
  if (!written && stat.mzxid !== old.mzxid) return `has mzxid ${formatZxid(stat.mzxid)} after ${formatZxid(old.mzxid)}`;
  if (isCounter(old.version)) {
    const fits = !written
      ? version === old.version
      : txn === 'multi'
        ? version > old.version
        : version === old.version + 1;
    if (!fits) return `has version ${version} after ${old.version}${written ? '' : ', and its data was not written'}`;
  }
  const aclSet = txn === 'setACL' && whole;
  if (
    isCounter(old.aversion) &&
    aversion !== old.aversion + (aclSet ? 1 : 0) &&
    !(txn === 'multi' && aversion > old.aversion)
  ) {
    return `has aversion ${aversion} after ${old.aversion}`;
  }
  if (stat.ctime !== old.ctime) return `has another ctime than before`;
  if (stat.ephemeralOwner !== old.ephemeralOwner) return `has another ephemeralOwner than before`;
  return null;
}

function isCounter(count: number): boolean {
  return count >= 0 && count < COUNTER_MAX;
}
