/** What the storage offers to the rest of the engine and to the lab. */
export { ZKDatabase, type LoadResult, type ProcessTxnResult } from './database.ts';
export type { EpochFile } from './epoch-files.ts';
export { adler32 } from './adler32.ts';
export { DATA_FOLDER } from './files.ts';
export { recoverFiles, type RecoveredFiles } from './recover-files.ts';
export { decodeSnapshotFile, type SnapshotContent } from './snapshot.ts';
export { LOG_MAGIC } from './txn-log.ts';
export { MemoryDisk, type DiskContent, type DiskJournal, type FsyncTicket, type LostWrite } from './memory-disk.ts';
export { DatadirCleanupManager, purgeTxnLog } from './purge.ts';
export { presetDisk, type DiskPresetContent } from './preset.ts';
