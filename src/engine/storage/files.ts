/** Names of a server's files (`Util.makeLogName`, `Util.makeSnapshotName`, `Util.getZxidFromName`). */
import { parseZxid, type Zxid } from '../../protocol/zxid.ts';
import type { Disk } from '../disk.ts';

export const DATA_FOLDER = 'version-2/';
const PREFIX = { log: `${DATA_FOLDER}log.`, snapshot: `${DATA_FOLDER}snapshot.` } as const;

/** A log or a snapshot, and the zxid in its name. */
export interface NumberedFile {
  readonly file: string;
  readonly zxid: Zxid;
}

/** A log is named by its first transaction, a snapshot by the last one that it surely holds. */
export function fileName(kind: keyof typeof PREFIX, zxid: Zxid): string {
  return PREFIX[kind] + zxid.toString(16);
}

/** All logs or snapshots, by zxid, ascending. Files with other names are no concern of ZooKeeper. */
export function listFiles(disk: Disk, kind: keyof typeof PREFIX): readonly NumberedFile[] {
  const files: NumberedFile[] = [];
  for (const file of disk.list(PREFIX[kind])) {
    const zxid = parseZxid(`0x${file.slice(PREFIX[kind].length)}`);
    if (zxid !== null && zxid >= 0) files.push({ file, zxid });
  }
  return files.sort((a, b) => a.zxid - b.zxid);
}
