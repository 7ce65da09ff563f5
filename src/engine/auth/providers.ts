/**
 * The schemes that a server knows without further configuration (`ProviderRegistry`,
 * `IPAuthenticationProvider`, `DigestAuthenticationProvider`). `world`, `auth` and `super` have no provider:
 * the first two are known to ACL lists only, the last one is what a digest may turn out to be.
 */
// SHA-1 of the platform (crypto.subtle) answers later, and a server's step cannot wait.
import { sha1 } from '@noble/hashes/legacy.js';
import type { ZooConfig } from '../../protocol/config.ts';
import { toBase64 } from '../../protocol/trace-data.ts';
import type { AuthId } from '../../protocol/znode.ts';

/** `AuthenticationProvider` */
interface Provider {
  /** Its ids prove who a client is, so that `auth` stands for them. */
  readonly authenticated: boolean;
  /** Whether `id` may stand in an ACL. */
  isValid(id: string): boolean;
  /** Whether a connection's id is meant by the id in an ACL. */
  matches(id: string, aclId: string): boolean;
  /** The ids that a connection gets for what it has sent; null: it is refused. */
  authenticate(auth: Uint8Array | null, connection: AuthenticatingConnection): readonly AuthId[] | null;
  /** `getUserName` */
  userOf(id: string): string;
}

interface AuthenticatingConnection {
  /** Address of the client. */
  readonly address: string;
  readonly superDigest: string;
}

const ip: Provider = {
  authenticated: false,
  isValid: (id) => parsePrefix(id) !== null,
  matches(id, aclId) {
    const prefix = parsePrefix(aclId);
    const address = parseV4(id);
    return prefix !== null && address !== null && mask(address, prefix.bits) === mask(prefix.address, prefix.bits);
  },
  // A client may say anything: its address is what counts, and the connection has it already.
  authenticate: (_auth, { address }) => [{ scheme: 'ip', id: address }],
  userOf: (id) => id,
};

const digest: Provider = {
  authenticated: true,
  isValid(id) {
    const parts = id.split(':');
    // As java.lang.String.split, which drops empty parts at the end.
    while (parts.length > 1 && parts.at(-1) === '') parts.pop();
    return parts.length === 2;
  },
  matches: (id, aclId) => id === aclId,
  authenticate(auth, { superDigest }) {
    if (auth === null) return null;
    const id = digestId(utf8.decode(auth));
    const own: AuthId = { scheme: 'digest', id };
    return id === superDigest ? [{ scheme: 'super', id: '' }, own] : [own];
  },
  userOf,
};

const PROVIDERS: Readonly<Record<string, Provider>> = { ip, digest };
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The provider of a scheme, or null. `scheme` comes from outside. */
export function providerOf(scheme: string): Provider | null {
  return (Object.hasOwn(PROVIDERS, scheme) && PROVIDERS[scheme]) || null;
}

/**
 * What an auth packet makes of a connection: the ids it gets, which it may have already, or null (AUTHFAILED).
 * A digest never fails: a wrong password yields an id that no ACL names.
 *
 * @param address of the client, as its `ip` id has it
 */
export function handleAuthentication(
  { superDigest }: Pick<ZooConfig, 'superDigest'>,
  scheme: string,
  auth: Uint8Array | null,
  address: string,
): readonly AuthId[] | null {
  return providerOf(scheme)?.authenticate(auth, { address, superDigest }) ?? null;
}

/** The id of `user:password`: user, colon, SHA-1 of the whole in base64 (`DigestAuthenticationProvider.generateDigest`). */
export function digestId(userAndPassword: string): string {
  return `${userOf(userAndPassword)}:${toBase64(sha1(new TextEncoder().encode(userAndPassword)))}`;
}

/** Who an id stands for, as whoAmI tells it (`AuthUtil.getUser`); empty for a scheme without provider. */
export function userName({ scheme, id }: AuthId): string {
  return providerOf(scheme)?.userOf(id) ?? '';
}

function userOf(id: string): string {
  return id.split(':', 1)[0] ?? '';
}

/** `a.b.c.d` or `a.b.c.d/bits`. IPv6 addresses are not understood. */
function parsePrefix(id: string): { readonly address: number; readonly bits: number } | null {
  const slash = id.indexOf('/');
  const address = parseV4(slash === -1 ? id : id.slice(0, slash));
  const bits = slash === -1 ? 32 : parseInteger(id.slice(slash + 1));
  return address === null || bits === null || bits < 0 || bits > 32 ? null : { address, bits };
}

function parseV4(text: string): number | null {
  const parts = text.split('.').map(parseInteger);
  if (parts.length !== 4) return null;
  let address = 0;
  for (const part of parts) {
    if (part === null || part < 0 || part > 255) return null;
    address = address * 256 + part;
  }
  return address;
}

/** As java.lang.Integer.parseInt: a sign and leading zeros are fine. */
function parseInteger(text: string): number | null {
  return /^[+-]?[0-9]+$/.test(text) ? Number(text) : null;
}

/** The first `bits` bits of an address, the others dropped. */
function mask(address: number, bits: number): number {
  return Math.floor(address / 2 ** (32 - bits));
}
