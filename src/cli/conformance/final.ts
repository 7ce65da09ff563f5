/** The final line of a case: what the leader says of itself, and its tree. */
import { NO_SESSION } from '../../protocol/ids.ts';
import { leaderOf } from '../../trace/index.ts';
import type { Stage } from './stage.ts';
import { recordedAcl, recordedData, sorted, type Names } from './values.ts';

/** As recorded, without approximateDataSize. */
export function finalOf(stage: Stage, names: Names, standalone: boolean): Readonly<Record<string, unknown>> {
  const leader = leaderOf(stage.state) ?? (standalone && stage.server(1).serving ? 1 : null);
  if (leader === null) return { noLeader: true };
  const server = stage.server(leader);
  const data: Record<string, readonly string[]> = {};
  let watchCount = 0;
  for (const [key, sessions] of server.watches) {
    watchCount += sessions.size;
    if (key.startsWith('data:'))
      data[key.slice('data:'.length)] = sorted([...sessions.keys()].map((each) => names.session(each)));
  }
  const nodes = [...server.tree].sort(([a], [b]) => preOrder(a, b));
  return {
    lastZxid: names.zxid(server.lastProcessed),
    // The root is counted twice.
    znodeCount: nodes.length + 1,
    ephemeralsCount: nodes.filter(([, { stat }]) => stat.ephemeralOwner !== NO_SESSION).length,
    watchCount,
    ...(standalone && { dataWatches: data }),
    tree: nodes.map(([path, node]) => {
      const acl = recordedAcl(node.acl);
      const open = acl.length === 1 && acl[0]?.join() === '31,world,anyone';
      return { path, data: recordedData(node.data), stat: names.stat(node.stat), ...(!open && { acl }) };
    }),
  };
}

/** A parent before its children, children by name. */
function preOrder(a: string, b: string): number {
  const [x, y] = [a, b].map((path) => (path === '/' ? [] : path.slice(1).split('/')));
  for (let at = 0; ; at++) {
    const [p, q] = [x?.[at], y?.[at]];
    if (p === undefined || q === undefined) return (x?.length ?? 0) - (y?.length ?? 0);
    if (p !== q) return p < q ? -1 : 1;
  }
}
