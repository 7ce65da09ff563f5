/** What a server would make of the files of a data directory, without being one. */
import { RefSource, sid, type EventRef, type SessionId } from '../../protocol/ids.ts';
import { ZOO_DEFAULTS, type ZooConfig } from '../../protocol/config.ts';
import { virtualTime } from '../../protocol/time.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import { ServerContext } from '../context.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { ZKDatabase } from './database.ts';
import { MemoryDisk, type DiskContent } from './memory-disk.ts';

export type RecoveredFiles =
  | {
      readonly ok: true;
      readonly tree: DataTree;
      readonly sessions: ReadonlyMap<SessionId, number>;
      readonly lastZxid: Zxid;
    }
  /** One sentence: why a server does not start on them. */
  | { readonly ok: false; readonly reason: string };

/**
 * Recovers tree and sessions as a starting server does (`FileTxnSnapLog.restore`). The files are not
 * changed. With `epochs` the two epoch files have to agree with the log, too.
 */
export function recoverFiles(
  content: DiskContent,
  options: { readonly epochs: boolean; readonly zoo?: Partial<ZooConfig> },
): RecoveredFiles {
  const context = new ServerContext({
    sid: sid(1),
    zoo: { ...ZOO_DEFAULTS, ...options.zoo },
    seed: 0,
    incarnation: 0,
    disk: MemoryDisk.fromImage(content),
    refs: new RefSource(1),
  });
  const db = new ZKDatabase(context);
  let reason: string | null = null;
  context.step(virtualTime(0), 0 as EventRef, () => {
    const loaded = db.load({ epochs: options.epochs });
    if (!loaded.ok) reason = loaded.reason;
  });
  if (reason !== null) return { ok: false, reason };
  return { ok: true, tree: db.dataTree, sessions: db.sessionsWithTimeouts, lastZxid: db.lastProcessedZxid };
}
