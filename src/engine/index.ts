/** The engine: one ZooKeeper server as a state machine. */
import { QuorumPeer } from './quorum/quorum-peer.ts';
import { isStandalone, StandaloneServer } from './standalone/index.ts';
import type { ServerEngine, ServerInit } from './types.ts';

export type { Disk } from './disk.ts';
export {
  adler32,
  DATA_FOLDER,
  decodeSnapshotFile,
  LOG_MAGIC,
  MemoryDisk,
  presetDisk,
  recoverFiles,
  type DiskContent,
  type DiskJournal,
  type DiskPresetContent,
  type RecoveredFiles,
} from './storage/index.ts';
export { nodeDigest } from './tree/digest.ts';
export { ephemeralType, ttlOf } from './tree/ephemeral-type.ts';
export type { ServerEngine, ServerInit, ServerInput } from './types.ts';

/** A server process, not booted yet: its first input is `boot`. */
export function createServer(init: ServerInit): ServerEngine {
  return isStandalone(init) ? new StandaloneServer(init) : new QuorumPeer(init);
}
