/** What the storage offers to the rest of the engine and to the lab. */
export { ZKDatabase, logEntry, type LoadResult, type ProcessTxnResult } from './database.ts';
export type { EpochFile } from './epoch-files.ts';
export { MemoryDisk, type DiskContent, type FsyncTicket, type LostWrite } from './memory-disk.ts';
export { presetDisk, type DiskPresetContent } from './preset.ts';
