/**
 * Data directories of servers as files: what a server of a lab has on its disk, ready for a real
 * server, and what a real server wrote, ready for a lab. Zip archives both ways.
 */
import { unzipSync, zipSync } from 'fflate';
import { DATA_FOLDER, recoverFiles, type DiskContent } from '../../engine/index.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import { inspectFile } from './inspect.ts';
import { parseFileName } from './names.ts';

export interface NamedFile {
  /** With its folders, `/` between them. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Bytes of all files of an opened data directory together, and of a zip archive unpacked. */
export const DATA_DIR_MAX = 64 * 1024 * 1024;
const FILES_MAX = 1000;
const HEADER_BYTES = 16;
const EPOCH_FILES = ['acceptedEpoch', 'currentEpoch'];
/** The first byte of a TTL node's ephemeralOwner (`EphemeralType.TTL`). */
const TTL_OWNER = /^0xff/;
/** Archives are the same whenever they are made: the earliest time that a zip can hold. */
const ZIP_TIME = '1980-01-01T00:00:00';

export type OpenedDataDir =
  | {
      readonly ok: true;
      readonly content: DiskContent;
      readonly lastZxid: Zxid;
      readonly znodes: number;
      /** Some znodes have a time to live: a server needs `extendedTypesEnabled` to know them. */
      readonly extendedTypes: boolean;
    }
  /** One sentence. */
  | { readonly ok: false; readonly reason: string };

/** Whether a file of this name, without folders, is looked at. */
export function isDataDirFile(base: string): boolean {
  return parseFileName(base) !== null || EPOCH_FILES.includes(base);
}

/** The directory of a server for `dataDir` of a real one: its files, and `myid`. */
export function exportDataDir(content: DiskContent, sid: number): readonly NamedFile[] {
  const myid = { name: 'myid', bytes: new TextEncoder().encode(`${sid}\n`) };
  return [myid, ...content.files.filter(({ name }) => name !== 'myid')].map(({ name, bytes }) => ({ name, bytes }));
}

export function zipFiles(files: readonly NamedFile[]): Uint8Array {
  return zipSync(Object.fromEntries(files.map(({ name, bytes }) => [name, bytes])), { mtime: ZIP_TIME });
}

/**
 * What was given: the files of a data directory, in whatever folders, or one zip archive of them. Only
 * logs, snapshots and epoch files count. A server has to be able to start on them; logs lose the zeros
 * that a real server allocates in advance.
 */
export function openDataDir(given: readonly NamedFile[]): OpenedDataDir {
  const [first] = given;
  const unpacked = given.length === 1 && first && isZip(first.bytes) ? unzip(first) : { files: given };
  if ('reason' in unpacked) return { ok: false, reason: unpacked.reason };
  const files: { name: string; bytes: Uint8Array }[] = [];
  for (const { name, bytes } of unpacked.files) {
    const base = name.slice(name.lastIndexOf('/') + 1);
    if (!isDataDirFile(base)) continue;
    const target = DATA_FOLDER + base;
    if (files.some((file) => file.name === target)) return { ok: false, reason: `There are two files called ${base}.` };
    files.push({ name: target, bytes: parseFileName(base)?.kind === 'log' ? withoutPadding(bytes) : bytes });
  }
  if (!files.some(({ name }) => parseFileName(name.slice(DATA_FOLDER.length)))) {
    return { ok: false, reason: 'There is no log.<zxid> and no snapshot.<zxid> among the files.' };
  }
  const size = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (size > DATA_DIR_MAX) return { ok: false, reason: `The files are larger than ${DATA_DIR_MAX >> 20} MiB.` };
  const unreadable = unreadableSnapshots(files);
  if (unreadable !== null) return { ok: false, reason: unreadable };
  const content = { files: files.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  const recovered = recoverFiles(content, {
    epochs: files.some(({ name }) => name.endsWith('Epoch')),
    zoo: { extendedTypesEnabled: true },
  });
  if (!recovered.ok) return recovered;
  const { tree, lastZxid } = recovered;
  const extendedTypes = [...tree.walk()].some(([, { stat }]) => TTL_OWNER.test(stat.ephemeralOwner));
  return { ok: true, content, lastZxid, znodes: tree.nodeCount, extendedTypes };
}

/** A server takes snapshots that it cannot read for none at all, and would begin anew; whoever opens files wants to be told. */
function unreadableSnapshots(files: readonly NamedFile[]): string | null {
  let reason: string | null = null;
  for (const { name, bytes } of files) {
    const base = name.slice(DATA_FOLDER.length);
    if (parseFileName(base)?.kind !== 'snapshot') continue;
    const { problem } = inspectFile(base, bytes);
    if (problem === null) return null;
    reason = `${base} cannot be read: ${problem}.`;
  }
  return reason;
}

function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/** Real archives hold logs of 64 MiB that are zeros for the most part: those shrink once they are read. */
const ENTRY_MAX = 2 * DATA_DIR_MAX;

function unzip({ name, bytes }: NamedFile): { readonly files: readonly NamedFile[] } | { readonly reason: string } {
  let entries = 0;
  let size = 0;
  try {
    const unzipped = unzipSync(bytes, {
      filter: ({ name: entry, originalSize }) => {
        const base = entry.slice(entry.lastIndexOf('/') + 1);
        if (!isDataDirFile(base)) return false;
        entries++;
        size += originalSize;
        // More is refused below, without having been unpacked.
        return entries <= FILES_MAX && size <= ENTRY_MAX;
      },
    });
    if (entries > FILES_MAX) return { reason: `${name} holds more than ${FILES_MAX} files.` };
    if (size > ENTRY_MAX) return { reason: `${name} unpacks to more than ${ENTRY_MAX >> 20} MiB.` };
    return { files: Object.entries(unzipped).map(([entry, content]) => ({ name: entry, bytes: content })) };
  } catch (error) {
    return { reason: `${name} is no zip archive: ${error instanceof Error ? error.message : String(error)}.` };
  }
}

/** Up to the last byte that is not 0, which is the end mark of an entry; a header alone stays whole. */
function withoutPadding(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.slice(0, Math.max(end, Math.min(HEADER_BYTES, bytes.length)));
}
