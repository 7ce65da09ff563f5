/**
 * Which rule the reply to a request shows. A transaction tells of a failure only its code, and of most operations each
 * code has one check; where it has several, the operation and the tree tell them apart. When the reply goes out, the tree
 * is as the leader foresaw it: all that was before the transaction is applied, and the transaction changed nothing.
 */
import type { KeeperError } from '../../protocol/errors.ts';
import type { CreateOperation, Operation, OperationResult } from '../../protocol/operations.ts';
import type { RuleId } from '../../protocol/rules/index.ts';
import { parentPath } from '../../protocol/znode.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { hasBadTTL, parentOf } from './prep-request-processor.ts';
import { isWrite } from './processor.ts';

type Failures = Readonly<Partial<Record<KeeperError, RuleId>>>;

const CREATE: Failures = {
  UNIMPLEMENTED: 'create.ttl-disabled',
  EPHEMERALONLOCALSESSION: 'session.no-upgrade',
  INVALIDACL: 'create.acl',
  NONODE: 'create.parent',
  NOAUTH: 'create.permission',
  NODEEXISTS: 'create.exists',
  NOCHILDRENFOREPHEMERALS: 'create.ephemeral-parent',
  QUOTAEXCEEDED: 'quota.hard',
};
const READ: Failures = { NONODE: 'read.node', NOAUTH: 'read.permission' };
const WATCHES: Failures = { NOWATCHER: 'watch.no-watcher', MARSHALLINGERROR: 'watch.bad-type' };

/** By operation, the codes that only one check gives. */
const FAILURES: Readonly<Partial<Record<Operation['op'], Failures>>> = {
  create: CREATE,
  create2: CREATE,
  createContainer: CREATE,
  createTTL: CREATE,
  delete: {
    BADARGUMENTS: 'delete.path',
    NOAUTH: 'delete.permission',
    BADVERSION: 'delete.version',
    NOTEMPTY: 'delete.children',
  },
  deleteContainer: {
    BADARGUMENTS: 'delete-container.path',
    NONODE: 'delete-container.node',
    NOTEMPTY: 'delete-container.children',
    BADVERSION: 'delete-container.ephemeral',
  },
  setData: {
    BADARGUMENTS: 'set-data.path',
    NONODE: 'set-data.node',
    NOAUTH: 'set-data.permission',
    QUOTAEXCEEDED: 'quota.hard',
    BADVERSION: 'set-data.version',
  },
  setACL: {
    BADARGUMENTS: 'set-acl.path',
    INVALIDACL: 'set-acl.acl',
    NONODE: 'set-acl.node',
    NOAUTH: 'set-acl.permission',
    BADVERSION: 'set-acl.version',
  },
  // BADARGUMENTS has many reasons there.
  reconfig: {
    RECONFIGDISABLED: 'reconfig.disabled',
    UNIMPLEMENTED: 'reconfig.standalone',
    RECONFIGINPROGRESS: 'reconfig.in-progress',
    BADVERSION: 'reconfig.from-config',
    NEWCONFIGNOQUORUM: 'reconfig.quorum-synced',
    NOAUTH: 'reconfig.permission',
  },
  getData: READ,
  getChildren: READ,
  getChildren2: READ,
  getAllChildrenNumber: READ,
  getACL: { NONODE: 'read.node', NOAUTH: 'read.get-acl' },
  exists: { BADARGUMENTS: 'read.exists-nul' },
  addWatch: { MARSHALLINGERROR: 'watch.bad-mode' },
  checkWatches: WATCHES,
  removeWatches: WATCHES,
};

/** The rule of the reply that tells this result, or this error. `tree`: as it is when the reply goes out. */
export function replyRule(
  operation: Operation,
  { error, result }: { readonly error: KeeperError | null; readonly result: OperationResult | null },
  tree: DataTree,
): RuleId {
  if (operation.op === 'ping') return 'session.touch';
  if (operation.op === 'closeSession') return 'request.close-reply';
  if (error !== null) return failureRule(operation, error, tree);
  if (operation.op === 'sync') return 'request.sync';
  if (operation.op === 'setWatches' || operation.op === 'setWatches2') return 'watch.set-watches';
  if (operation.op === 'multi' && result?.results?.some(({ op }) => op === 'error')) return 'multi.reply-ok';
  return isWrite(operation) ? 'request.reply' : 'request.local-read';
}

function failureRule(operation: Operation, error: KeeperError, tree: DataTree): RuleId {
  if (error === 'SESSIONEXPIRED') return 'session.closing';
  if (operation.op === 'unreadable') return isWrite(operation) ? 'request.unreadable-write' : 'request.unreadable-read';
  if (operation.op === 'checkWatches' && !operation.path.includes('/')) return 'watch.check-path';
  const only = FAILURES[operation.op]?.[error];
  if (only) return only;
  switch (operation.op) {
    case 'create':
    case 'create2':
    case 'createContainer':
    case 'createTTL':
      return error === 'BADARGUMENTS' ? argumentRule(operation) : 'request.failed-write';
    case 'delete':
      if (error !== 'NONODE') break;
      return tree.node(parentPath(operation.path)) ? 'delete.node' : 'delete.parent';
    case 'exists':
      return operation.watch ? 'read.exists-watch' : 'request.local-read';
    case 'multi':
      return error === 'MARSHALLINGERROR' ? 'multi.writes-only' : 'request.failed-write';
    default:
      break;
  }
  return isWrite(operation) ? 'request.failed-write' : 'request.local-read';
}

/** Of the arguments of a create the first that is wrong. */
function argumentRule(operation: CreateOperation): RuleId {
  if (typeof operation.mode === 'number') return 'create.flag';
  if (hasBadTTL(operation.op, operation.mode, operation.ttl ?? -1)) return 'create.ttl-range';
  return parentOf(operation.path) === null ? 'create.path-start' : 'create.path';
}
