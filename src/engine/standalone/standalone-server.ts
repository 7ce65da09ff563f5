/**
 * A server without an ensemble (`ZooKeeperServerMain`, `ServerCnxnFactory`): recovers, takes a
 * snapshot, serves. ZooKeeper runs it when the configuration names one voter and `standaloneEnabled`
 * is on (`QuorumPeerConfig.isDistributed`); it knows no election, no epoch files and no reconfiguration.
 */
import { unreachable } from '../../protocol/assert.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import { epochOf } from '../../protocol/zxid.ts';
import type { ProcessOutput } from '../../process/io.ts';
import { ServerCnxnFactory } from '../connection/index.ts';
import { ServerContext } from '../context.ts';
import { DiskError } from '../disk.ts';
import { DatadirCleanupManager, ZKDatabase } from '../storage/index.ts';
import type { ServerEngine, ServerInit, ServerInput } from '../types.ts';
import { StandaloneZooKeeperServer } from './standalone-zookeeper-server.ts';

export class StandaloneServer implements ServerEngine {
  readonly #ctx: ServerContext;
  readonly #db: ZKDatabase;
  readonly #cnxnFactory: ServerCnxnFactory;
  #exited = false;

  constructor(init: ServerInit) {
    this.#ctx = new ServerContext(init);
    this.#db = new ZKDatabase(this.#ctx);
    this.#cnxnFactory = new ServerCnxnFactory(this.#ctx);
  }

  step(now: VirtualTime, input: ServerInput): readonly ProcessOutput[] {
    if (this.#exited) return [];
    const outputs = this.#ctx.step(now, input.cause, () => this.#attempt(input));
    this.#exited = outputs.some((output) => output.type === 'exit');
    return outputs;
  }

  /** A server that cannot write to its disk and has nobody to look for ends. */
  #attempt(input: ServerInput): void {
    try {
      this.#handle(input);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#ctx.exit(`${error.message}.`);
    }
  }

  #boot(): void {
    new DatadirCleanupManager(this.#ctx).start();
    const loaded = this.#db.load({ epochs: false });
    if (!loaded.ok) {
      this.#ctx.exit(loaded.reason);
      return;
    }
    this.#db.takeSnapshot({ sync: false, roll: false }, () => undefined);
    const why = 'the configuration names one voter';
    this.#ctx.emit({ kind: 'server-state', state: 'STANDALONE', why }, { rule: 'request.standalone-commit' });
    const epoch = epochOf(this.#db.lastProcessedZxid);
    this.#ctx.emit({ kind: 'serving', epoch, leader: this.#ctx.sid });
    this.#cnxnFactory.start();
    new StandaloneZooKeeperServer(this.#ctx, this.#db, this.#cnxnFactory).start();
  }

  #handle(input: ServerInput): void {
    switch (input.type) {
      case 'boot':
        return this.#boot();
      case 'timer':
        this.#ctx.takeTimer(input.timer)?.();
        return;
      case 'fsynced':
      case 'written':
        this.#ctx.takeFsync(input.token)();
        return;
      case 'accepted':
        return this.#cnxnFactory.accepted(input.conn, input.peer);
      case 'packet':
        return this.#cnxnFactory.packet(input.conn, input.packet);
      case 'closed':
        return this.#cnxnFactory.closed(input.conn);
      case 'ask':
        return this.#cnxnFactory.ask(input.command);
      case 'connected':
      case 'connect-failed':
        // It connects to nobody.
        return;
      default:
        return unreachable(input);
    }
  }
}

/** Whether a server of this configuration runs without quorum code (`QuorumPeerConfig.isDistributed`). */
export function isStandalone({ zoo, members }: Pick<ServerInit, 'zoo' | 'members'>): boolean {
  return zoo.standaloneEnabled && members.filter(({ role }) => role === 'participant').length <= 1;
}
