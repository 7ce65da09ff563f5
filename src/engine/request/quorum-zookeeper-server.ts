/**
 * What the servers of an ensemble share (`QuorumZooKeeperServer`): sessions may be local to the server
 * that made them, and are upgraded when they need the ensemble.
 */
import type { KeeperError } from '../../protocol/errors.ts';
import type { CreateOperation, Operation } from '../../protocol/operations.ts';
import { isEphemeral } from '../../protocol/znode.ts';
import { ZXID_ZERO } from '../../protocol/zxid.ts';
import type { Request } from '../ports.ts';
import type { UpgradeableSessionTracker } from '../session/upgradeable-session-tracker.ts';
import { eagerACLError } from './eager-acl.ts';
import { ZooKeeperServer } from './zookeeper-server.ts';

export abstract class QuorumZooKeeperServer extends ZooKeeperServer {
  abstract override get sessionTracker(): UpgradeableSessionTracker;

  /**
   * What must happen first to a local session that makes an ephemeral (`checkUpgradeSession`): a request that makes
   * it global, an error if that is switched off, null if nothing is to be done.
   */
  checkUpgradeSession(request: Request): Request | KeeperError | null {
    const { sessionId, cause } = request;
    const tracker = this.sessionTracker;
    if (!tracker.isLocalSession(sessionId) || !createsEphemeral(request.operation)) return null;
    if (!this.ctx.zoo.localSessionsUpgradingEnabled) return 'EPHEMERALONLOCALSESSION';
    const operation = { op: 'createSession', timeout: tracker.upgradeSession(sessionId) } as const;
    return { sessionId, cxid: 0, operation, authInfo: [], owner: this.ownerOfNewSessions, cause };
  }

  /** With enableEagerACLCheck a write without permission is answered here and takes no zxid; false: it was. */
  authWriteRequest(request: Request): boolean {
    const { zoo } = this.ctx;
    const error = zoo.enableEagerACLCheck ? eagerACLError(zoo, this.db.dataTree, request) : null;
    if (!error) return true;
    if (request.conn !== undefined) this.stats.inProcess--;
    const cnxn = request.conn === undefined ? null : this.cnxnFactory.get(request.conn);
    const options = { rule: 'acl.eager', causes: [request.cause] } as const;
    cnxn?.sendResponse({ xid: request.cxid, zxid: ZXID_ZERO, error }, null, options);
    return false;
  }

  protected override isLocalSessionRequest({ operation, sessionId }: Request): boolean {
    // Every new session is local at first.
    if (operation.op === 'createSession') return this.ctx.zoo.localSessionsEnabled;
    return operation.op === 'closeSession' && this.sessionTracker.isLocalSession(sessionId);
  }
}

function createsEphemeral(operation: Operation): boolean {
  switch (operation.op) {
    case 'create':
    case 'create2':
      return hasEphemeralMode(operation);
    case 'multi':
      return operation.ops.some((op) => (op.op === 'create' || op.op === 'create2') && hasEphemeralMode(op));
    default:
      return false;
  }
}

function hasEphemeralMode({ mode }: CreateOperation): boolean {
  return typeof mode !== 'number' && isEphemeral(mode);
}
