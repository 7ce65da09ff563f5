/** The digest of a tree, as servers tell it (`DigestCalculator`, `AdHash`): counted from what the trace tells of the tree. */
import type { TraceData, TraceZnode } from '../../protocol/events.ts';
import { nodeDigest } from '../../engine/index.ts';
import { fromBase64 } from '../../protocol/trace-data.ts';
import type { ZnodeData } from '../../protocol/znode.ts';

/** In hex, as `digest-mismatch` has it. */
export function treeDigest(nodes: ReadonlyMap<string, TraceZnode>): string {
  let sum = 0;
  for (const [path, { data, stat, owner }] of nodes) {
    // What is kept counts the children that were ever created; clients are told both those and the deleted ones.
    const cversion = (stat.cversion + stat.numChildren) / 2;
    sum += nodeDigest(path, bytesOf(data), { ...stat, cversion, ephemeralOwner: owner ?? stat.ephemeralOwner });
  }
  return sum.toString(16);
}

function bytesOf(data: TraceData): ZnodeData {
  if (data === null) return null;
  return typeof data === 'string' ? new TextEncoder().encode(data) : fromBase64(data.base64);
}
