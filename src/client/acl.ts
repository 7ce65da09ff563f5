/** Access control lists as people write them (`AclParser`): `scheme:id:perms,…` with perms of the letters `rwcda`, or a list of objects. */
import { PERMS, type Acl } from '../protocol/znode.ts';

/** The letters of permissions, in the order of their bits and of zkCli's output. */
const PERM_LETTERS = {
  r: PERMS.READ,
  w: PERMS.WRITE,
  c: PERMS.CREATE,
  d: PERMS.DELETE,
  a: PERMS.ADMIN,
} as const;

/**
 * The list that `given` stands for, or one sentence on what is wrong. The first colon ends the scheme and the last one
 * begins the permissions, so an id may hold colons; a comma always ends an entry.
 */
export function toAcl(given: unknown): readonly Acl[] | string {
  if (typeof given === 'string') return allOf(given.split(',').map(parseEntry));
  if (!Array.isArray(given)) return 'acl must be scheme:id:perms,…, a list of {scheme, id, perms}, or null';
  return allOf(given.map(toEntry));
}

/** The bits of permission letters; null if one of them is none. */
export function toPerms(letters: string): number | null {
  let perms = 0;
  for (const letter of letters) {
    if (!Object.hasOwn(PERM_LETTERS, letter)) return null;
    perms |= PERM_LETTERS[letter as keyof typeof PERM_LETTERS];
  }
  return perms;
}

function parseEntry(text: string): Acl | string {
  const first = text.indexOf(':');
  const last = text.lastIndexOf(':');
  if (first === last) return `acl: ${JSON.stringify(text)} does not have the form scheme:id:perms`;
  return toEntry({ scheme: text.slice(0, first), id: text.slice(first + 1, last), perms: text.slice(last + 1) });
}

function toEntry(given: unknown): Acl | string {
  const { scheme, id, perms } = (given ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof scheme !== 'string' || typeof id !== 'string') return 'acl: an entry needs scheme and id, both text';
  const bits = typeof perms === 'string' ? toPerms(perms) : perms;
  if (typeof bits !== 'number' || !Number.isInteger(bits) || Math.abs(bits) >= 2 ** 31) {
    return 'acl: perms must be letters of rwcda, or a sum of their numbers';
  }
  return { perms: bits, scheme, id };
}

function allOf(entries: readonly (Acl | string)[]): readonly Acl[] | string {
  const acl: Acl[] = [];
  for (const entry of entries) {
    if (typeof entry === 'string') return entry;
    acl.push(entry);
  }
  return acl;
}
