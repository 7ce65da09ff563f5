/** Permissions that a server checks before a write goes on its way (`ZooKeeperServer.authWriteRequest`). */
import type { ZooConfig } from '../../protocol/config.ts';
import { parentPath, PERMS, type Acl } from '../../protocol/znode.ts';
import { checkACL, fixupACL } from '../auth/index.ts';
import type { Request } from '../ports.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { SPECIAL_PATHS } from './prep-request-processor.ts';

/** Where a write needs which permission; `acl`: the list that it brings. */
interface Need {
  readonly path: string;
  readonly perms: number;
  readonly acl?: readonly Acl[] | null;
}

/** Null if nothing speaks against the write in the tree of this server, which may be behind. */
export function eagerACLError(
  zoo: ZooConfig,
  tree: DataTree,
  { operation, authInfo }: Request,
): 'NOAUTH' | 'INVALIDACL' | null {
  const need = needOf(operation);
  if (!need) return null;
  if (need.acl !== undefined && !fixupACL(need.acl, authInfo)) return 'INVALIDACL';
  const node = tree.node(need.path);
  return node && !checkACL(zoo, node.acl, need.perms, authInfo) ? 'NOAUTH' : null;
}

function needOf(operation: Request['operation']): Need | null {
  switch (operation.op) {
    case 'create':
    case 'create2':
      return hasParent(operation.path)
        ? { path: parentPath(operation.path), perms: PERMS.CREATE, acl: operation.acl }
        : null;
    case 'delete':
      return hasParent(operation.path) ? { path: parentPath(operation.path), perms: PERMS.DELETE } : null;
    case 'setData':
      return { path: operation.path, perms: PERMS.WRITE };
    case 'setACL':
      return { path: operation.path, perms: PERMS.ADMIN, acl: operation.acl };
    default:
      return null;
  }
}

/** What is wrong with a path is left to PrepRequestProcessor. */
function hasParent(path: string): boolean {
  return path.includes('/') && !path.includes('\0') && !SPECIAL_PATHS.includes(path);
}
