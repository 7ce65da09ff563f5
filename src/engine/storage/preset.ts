/** Writes the files of a server that has a past, so that rare situations can be staged exactly (`disks` of a scenario). */
import { NO_SESSION } from '../../protocol/ids.ts';
import { WALL_CLOCK_EPOCH_MS } from '../../protocol/time.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import { OPEN_ACL_UNSAFE, type ZnodeData } from '../../protocol/znode.ts';
import { formatZxid, ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts';
import type { Disk } from '../disk.ts';
import { DataTree } from '../tree/data-tree.ts';
import { epochBytes } from './epoch-files.ts';
import { DATA_FOLDER, fileName } from './files.ts';
import { encodeSnapshot } from './snapshot.ts';
import { TxnLog } from './txn-log.ts';

/** What the disk is to hold. Without epochs the server takes that of its last zxid. */
export interface DiskPresetContent {
  readonly acceptedEpoch?: number;
  readonly currentEpoch?: number;
  /** Znodes in the order of their making: parents first. They get `zxid` and the lab's first instant. */
  readonly snapshot?: {
    readonly zxid: Zxid;
    readonly nodes: readonly { readonly path: string; readonly data: ZnodeData }[];
  };
  /** Ascending. A `parentCVersion` of −1 means: one more than before. */
  readonly log?: readonly LoggedTxn[];
}

/** Writes the files, or refuses with one sentence and writes nothing. A log without a snapshot gets an empty one of zxid 0. */
export function presetDisk(
  disk: Disk,
  preset: DiskPresetContent,
): { readonly ok: true } | { readonly ok: false; readonly reason: string } {
  const tree = new DataTree();
  const zxid = preset.snapshot?.zxid ?? ZXID_ZERO;
  for (const { path, data } of preset.snapshot?.nodes ?? []) {
    const { error } = tree.processTxn({
      header: { clientId: NO_SESSION, cxid: 0, zxid, time: WALL_CLOCK_EPOCH_MS },
      txn: { type: 'create', path, data, acl: OPEN_ACL_UNSAFE, ephemeral: false, parentCVersion: -1 },
    });
    if (error) return { ok: false, reason: `The snapshot cannot hold ${path}: ${error}.` };
  }
  tree.setLastProcessedZxid(zxid);
  let last: Zxid = ZXID_ZERO;
  for (const { header } of preset.log ?? []) {
    if (header.zxid <= last)
      return { ok: false, reason: `The log cannot hold ${formatZxid(header.zxid)} behind ${formatZxid(last)}.` };
    last = header.zxid;
  }
  if (preset.snapshot || preset.log)
    disk.write(fileName('snapshot', zxid), encodeSnapshot({ tree, sessions: new Map() }));
  const log = new TxnLog(disk);
  for (const txn of preset.log ?? []) log.append(txn);
  for (const file of ['acceptedEpoch', 'currentEpoch'] as const) {
    const epoch = preset[file];
    if (epoch !== undefined) disk.write(DATA_FOLDER + file, epochBytes(epoch));
  }
  return { ok: true };
}
