/** Access control lists as zkCli reads and prints them (`AclParser`, `ZKUtil.getPermString`, `Id.toString`). */
import { PERMS, type Acl } from '../../protocol/znode.ts';

/** In the order in which they are printed. */
const LETTERS: readonly (readonly [letter: string, bit: number])[] = [
  ['c', PERMS.CREATE],
  ['d', PERMS.DELETE],
  ['r', PERMS.READ],
  ['w', PERMS.WRITE],
  ['a', PERMS.ADMIN],
];

export interface ParsedAcl {
  readonly acl: readonly Acl[];
  /** A line for each entry and each letter that is skipped. */
  readonly complaints: readonly string[];
}

/** `scheme:id:perms[,…]`; the first and the last colon split, so that an id may have colons. */
export function parseAcl(text: string): ParsedAcl {
  const acl: Acl[] = [];
  const complaints: string[] = [];
  for (const entry of splitAtCommas(text)) {
    const [first, last] = [entry.indexOf(':'), entry.lastIndexOf(':')];
    if (first === last) {
      complaints.push(`${entry} does not have the form scheme:id:perm`);
      continue;
    }
    let perms = 0;
    for (const letter of entry.slice(last + 1)) {
      const bit = LETTERS.find(([known]) => known === letter)?.[1];
      if (bit === undefined) complaints.push(`Unknown perm type: ${letter}`);
      else perms |= bit;
    }
    acl.push({ scheme: entry.slice(0, first), id: entry.slice(first + 1, last), perms });
  }
  return { acl, complaints };
}

/** `String.split`: without the empty texts at the end, unless there is no comma at all. */
function splitAtCommas(text: string): readonly string[] {
  const parts = text.split(',');
  while (parts.length > 0 && parts.at(-1) === '' && text !== '') parts.pop();
  return parts;
}

/** `cdrwa`, or some of these letters. */
export function permString(perms: number): string {
  return LETTERS.map(([letter, bit]) => (perms & bit ? letter : '')).join('');
}

/** What `getAcl` prints of an entry: the identity as jute writes it, which ends its line, then the permissions. */
export function aclLines({ scheme, id, perms }: Acl): readonly string[] {
  return [`'${csv(scheme)},'${csv(id)}`, `: ${permString(perms)}`];
}

/** `ToStringOutputArchive.escapeString` of jute. */
function csv(text: string): string {
  return text.replace(
    /[\0\n\r,}%]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
