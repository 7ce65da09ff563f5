/**
 * Permissions (`ZooKeeperServer.checkACL`, `PrepRequestProcessor.fixupACL`). This release knows the
 * scheme `world` only; schemes that look at who is connected find their place in these two functions.
 */
import type { Acl } from '../../protocol/znode.ts';

/** The list as it is stored, without duplicates; null if it is not valid (INVALIDACL). */
export function fixupACL(acl: readonly Acl[]): readonly Acl[] | null {
  if (acl.length === 0 || !acl.every(isWorld)) return null;
  return acl.filter((entry, at) => acl.findIndex((other) => other.perms === entry.perms) === at);
}

/** Whether the znode's list grants `perm`. An empty list grants everything. */
export function checkACL(acl: readonly Acl[], perm: number): boolean {
  return acl.length === 0 || acl.some((entry) => isWorld(entry) && (entry.perms & perm) !== 0);
}

function isWorld({ scheme, id }: Acl): boolean {
  return scheme === 'world' && id === 'anyone';
}
