/**
 * What a znode's ephemeralOwner says of it (`EphemeralType`): beside the session of an ephemeral it may
 * mark a container or hold a time to live. With `extendedTypesEnabled` off, a time to live is taken for
 * a session.
 */
import { assert } from '../../protocol/assert.ts';
import { NO_SESSION, sessionId, type SessionId } from '../../protocol/ids.ts';
import { isTTL } from '../../protocol/znode.ts';

export type EphemeralType = 'VOID' | 'NORMAL' | 'CONTAINER' | 'TTL';

/** `EphemeralType.CONTAINER_EPHEMERAL_OWNER` */
export const CONTAINER_EPHEMERAL_OWNER = sessionId(1n << 63n);

const EXTENDED_MASK = 0xffn << 56n;
const TTL_PREFIX = '0xff0000';

/** What kind of znode has this owner (`EphemeralType.get`). */
export function ephemeralType(owner: SessionId, extendedTypesEnabled: boolean): EphemeralType {
  if (owner === NO_SESSION) return 'VOID';
  if (owner === CONTAINER_EPHEMERAL_OWNER) return 'CONTAINER';
  return extendedTypesEnabled && owner.length === 18 && owner.startsWith(TTL_PREFIX) ? 'TTL' : 'NORMAL';
}

/** The owner that stands for a time to live of `ttl` ms (`EphemeralType.TTL.toEphemeralOwner`). */
export function ttlEphemeralOwner(ttl: number): SessionId {
  assert(isTTL(ttl), 'a time to live is at least 1 ms and has 40 bits');
  return sessionId(EXTENDED_MASK | BigInt(ttl));
}

/** ms; `owner` is of type TTL (`EphemeralType.TTL.getValue`). */
export function ttlOf(owner: SessionId): number {
  return Number.parseInt(owner.slice(TTL_PREFIX.length), 16);
}
