/** Names of a server's files (`Util.makeLogName`, `Util.makeSnapshotName`, `Util.getZxidFromName`). */
import { parseZxid, type Zxid } from '../../protocol/zxid.ts';
import type { Disk } from '../disk.ts';

/** Logs, snapshots and epoch files are here; `dataLogDir` is `dataDir`. */
export const DATA_FOLDER = 'version-2/';
/** An operator's mark: this empty database is really new. */
export const INITIALIZE_FILE = 'initialize';
/** Holds the server's own sid. */
export const MYID_FILE = 'myid';
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

/**
 * Kind and zxid of a file in {@link DATA_FOLDER}, from its name without the folder; null: it is no concern of
 * ZooKeeper. What stands behind a second dot does not count, as in `snapshot.5.gz`.
 */
export function parseFileName(name: string): { readonly kind: keyof typeof PREFIX; readonly zxid: Zxid } | null {
  const [kind, number = ''] = name.split('.');
  if (kind !== 'log' && kind !== 'snapshot') return null;
  const zxid = parseZxid(`0x${number}`);
  return zxid !== null && zxid >= 0 ? { kind, zxid } : null;
}

/** All logs or snapshots, by zxid, ascending. */
export function listFiles(disk: Disk, kind: keyof typeof PREFIX): readonly NumberedFile[] {
  const files: NumberedFile[] = [];
  for (const file of disk.list(PREFIX[kind])) {
    const parsed = parseFileName(file.slice(DATA_FOLDER.length));
    if (parsed) files.push({ file, zxid: parsed.zxid });
  }
  return files.sort((a, b) => a.zxid - b.zxid);
}
