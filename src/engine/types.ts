/**
 * The engine's border. A server is a value plus `step(now, input) → outputs` (src/process/io.ts); its
 * disk is an object that it reads and writes, and whose fsyncs are outputs.
 */
import type { MemberConfig, QuorumGroups, ZooConfig } from '../protocol/config.ts';
import type { Defect } from '../protocol/defects.ts';
import type { EventRef, RefSource, Sid } from '../protocol/ids.ts';
import type { VirtualTime } from '../protocol/time.ts';
import type { ProcessInput, ProcessOutput } from '../process/io.ts';
import type { Disk } from './disk.ts';

/** What a server process is started with. Groups and weights belong to `members`. */
export interface ServerInit extends QuorumGroups {
  readonly sid: Sid;
  readonly zoo: ZooConfig;
  /** The ensemble's configuration; version 0. What the server has written to its disk since is newer. */
  readonly members: readonly MemberConfig[];
  readonly seed: number;
  readonly incarnation: number;
  readonly disk: Disk;
  readonly refs: RefSource;
  /** The rules that it breaks; none if absent. */
  readonly defects?: readonly Defect[];
}

/** Beside what any process is told: an operator asks (`isMonitorCommand`); the server emits `answered`. */
export type ServerInput = ProcessInput | { readonly type: 'ask'; readonly command: string; readonly cause: EventRef };

/** The whole engine of one server process. */
export interface ServerEngine {
  step(now: VirtualTime, input: ServerInput): readonly ProcessOutput[];
}
