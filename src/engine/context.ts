/** The context of one server process: what every part of the engine works with. */
import type { ZooConfig } from '../protocol/config.ts';
import type { ServerEvent } from '../protocol/events.ts';
import { serverName, type Sid } from '../protocol/ids.ts';
import { ProcessContext } from '../process/context.ts';
import type { Disk } from './disk.ts';
import { ServerMetrics } from './monitor/server-metrics.ts';
import type { ServerInit } from './types.ts';

export class ServerContext extends ProcessContext<ServerEvent> {
  readonly sid: Sid;
  readonly zoo: ZooConfig;
  readonly disk: Disk;
  /** What this process counts, whatever its roles. */
  readonly metrics = new ServerMetrics(() => this.random('metrics'));
  /** Fsyncs of the log that took longer than `fsync.warningthresholdms` (`fsyncThresholdExceedCount`). */
  fsyncWarnings = 0;

  constructor(init: Omit<ServerInit, 'members' | 'groups' | 'weights'>) {
    const { seed, incarnation, refs, defects = [] } = init;
    super({ name: serverName(init.sid), seed, incarnation, refs, defects });
    this.sid = init.sid;
    this.zoo = init.zoo;
    this.disk = init.disk;
  }

  /** This process's clock in whole ms (`Time.currentElapsedTime`). */
  elapsed(): number {
    return Math.floor(this.now());
  }
}
