/**
 * The serving side of a server without a quorum (`ZooKeeperServer`):
 *
 *   client → PrepRequestProcessor → SyncRequestProcessor → FinalRequestProcessor
 *
 * Reads take the same way, so they wait for the fsync of the writes before them. What the log holds is
 * committed.
 */
import type { EventRef } from '../../protocol/ids.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';
import { nextZxid, type Zxid } from '../../protocol/zxid.ts';
import type { ServerCnxnFactory } from '../connection/server-cnxn-factory.ts';
import type { ServerContext } from '../context.ts';
import type { Request } from '../ports.ts';
import { ContainerManager } from '../request/container-manager.ts';
import { FinalRequestProcessor } from '../request/final-request-processor.ts';
import { OutstandingChanges } from '../request/outstanding-changes.ts';
import { PrepRequestProcessor } from '../request/prep-request-processor.ts';
import { isWriteRequest, loggedTxn, type RequestProcessor } from '../request/processor.ts';
import { SyncRequestProcessor } from '../request/sync-request-processor.ts';
import { ZooKeeperServer } from '../request/zookeeper-server.ts';
import { SessionTrackerImpl } from '../session/session-tracker-impl.ts';
import type { ProcessTxnResult, ZKDatabase } from '../storage/index.ts';

/** A request behind PrepRequestProcessor. */
interface Prepared {
  readonly request: Request;
  readonly txn: LoggedTxn | null;
  readonly cause: EventRef;
}

export class StandaloneZooKeeperServer extends ZooKeeperServer {
  readonly mode = 'standalone';
  readonly outstandingChanges: OutstandingChanges;
  readonly sessionTracker: SessionTrackerImpl;
  readonly #prepRequestProcessor: RequestProcessor;
  readonly #syncProcessor: SyncRequestProcessor<Prepared>;
  readonly #finalProcessor: FinalRequestProcessor;
  readonly #containerManager: ContainerManager;
  /** The last zxid that was given out. */
  #hzxid: Zxid;

  /** The database has been loaded: every session known now starts with its full timeout. */
  constructor(ctx: ServerContext, db: ZKDatabase, cnxnFactory: ServerCnxnFactory) {
    super(ctx, db, cnxnFactory);
    this.#hzxid = db.lastProcessedZxid;
    this.outstandingChanges = new OutstandingChanges(() => db.dataTree, ctx.metrics);
    this.sessionTracker = new SessionTrackerImpl(ctx, db.sessionsWithTimeouts, (id, cause) =>
      this.closeSession(id, cause),
    );
    this.#finalProcessor = new FinalRequestProcessor(this);
    this.#syncProcessor = new SyncRequestProcessor<Prepared>(ctx, db, { processRequest: (each) => this.#logged(each) });
    this.#prepRequestProcessor = new PrepRequestProcessor(this, {
      processRequest: (request) => this.#syncProcessor.processRequest(prepared(request)),
    });
    this.#containerManager = new ContainerManager(this, this.#prepRequestProcessor);
  }

  override start(): void {
    super.start();
    this.#containerManager.start();
  }

  getNextZxid(): Zxid {
    this.#hzxid = nextZxid(this.#hzxid);
    return this.#hzxid;
  }

  override processTxn(txn: LoggedTxn, causes: readonly EventRef[]): ProcessTxnResult {
    const result = super.processTxn(txn, causes);
    this.outstandingChanges.applied(txn.header.zxid);
    return result;
  }

  protected get firstProcessor(): RequestProcessor {
    return this.#prepRequestProcessor;
  }

  protected shutdownProcessors(): void {
    this.#containerManager.stop();
    this.sessionTracker.shutdown();
    this.#syncProcessor.shutdown();
  }

  #logged({ request, txn }: Prepared): void {
    const causes = [request.cause];
    if (txn) {
      const { zxid } = txn.header;
      const committed = this.ctx.emit(
        { kind: 'committed', zxid },
        { rule: 'request.standalone-commit', causes: [...causes] },
      );
      causes.push(committed);
    }
    this.#finalProcessor.processRequest({ request, txn, causes });
  }
}

function prepared(request: Request): Prepared {
  if (!isWriteRequest(request)) return { request, txn: null, cause: request.cause };
  return { request, txn: loggedTxn(request), cause: request.cause };
}
