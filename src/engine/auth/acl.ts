/**
 * Permissions (`ZooKeeperServer.checkACL`, `PrepRequestProcessor.fixupACL`). A list belongs to one znode and is
 * not inherited; what an entry's scheme makes of its id is in providers.ts.
 */
import type { ZooConfig } from '../../protocol/config.ts';
import type { Acl, AuthId } from '../../protocol/znode.ts';
import { providerOf } from './providers.ts';

/**
 * The list as it is stored: without duplicates, each `auth` replaced by the ids that the asking connection has
 * proved. Null if it is not valid (INVALIDACL).
 */
export function fixupACL(acl: readonly Acl[] | null, authInfo: readonly AuthId[]): readonly Acl[] | null {
  if (!acl || acl.length === 0) return null;
  const fixed: Acl[] = [];
  for (const [at, entry] of acl.entries()) {
    // Duplicates are dropped before `auth` is expanded, so an expansion may repeat an entry.
    if (acl.findIndex((other) => sameEntry(other, entry)) !== at) continue;
    if (isWorld(entry)) {
      fixed.push(entry);
    } else if (entry.scheme === 'auth') {
      const proved = authInfo.filter(({ scheme }) => providerOf(scheme)?.authenticated);
      if (proved.length === 0) return null;
      for (const { scheme, id } of proved) fixed.push({ perms: entry.perms, scheme, id });
    } else if (providerOf(entry.scheme)?.isValid(entry.id)) {
      fixed.push(entry);
    } else {
      return null;
    }
  }
  return fixed;
}

/** Whether the znode's list grants one of the {@link PERMS} in `perm` to a connection known as `authInfo` (else NOAUTH). */
export function checkACL(
  { skipACL }: Pick<ZooConfig, 'skipACL'>,
  acl: readonly Acl[],
  perm: number,
  authInfo: readonly AuthId[],
): boolean {
  if (skipACL || acl.length === 0 || authInfo.some(({ scheme }) => scheme === 'super')) return true;
  return acl.some((entry) => (entry.perms & perm) !== 0 && (isWorld(entry) || isOneOf(entry, authInfo)));
}

function isOneOf({ scheme, id }: Acl, authInfo: readonly AuthId[]): boolean {
  const provider = providerOf(scheme);
  return provider !== null && authInfo.some((known) => known.scheme === scheme && provider.matches(known.id, id));
}

function isWorld({ scheme, id }: Acl): boolean {
  return scheme === 'world' && id === 'anyone';
}

function sameEntry(a: Acl, b: Acl): boolean {
  return a.perms === b.perms && a.scheme === b.scheme && a.id === b.id;
}
