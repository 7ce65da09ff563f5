/** Files of a data directory as a person chooses or drops them: what is none of one is not read, and sizes are bounded. */
import { DATA_DIR_MAX, isDataDirFile, type NamedFile } from '../../lab/index.ts';

export type ReadDataFiles =
  { readonly ok: true; readonly files: readonly NamedFile[] } | { readonly ok: false; readonly reason: string };

export async function readDataFiles(given: readonly File[]): Promise<ReadDataFiles> {
  // One file may be a zip, whatever it is called.
  const wanted = given.length === 1 ? given : given.filter(({ name }) => name.endsWith('.zip') || isDataDirFile(name));
  if (wanted.length === 0) {
    return { ok: false, reason: 'There is no zip, no log.<zxid> and no snapshot.<zxid> among the files.' };
  }
  if (wanted.length > 1 && wanted.some(({ name }) => name.endsWith('.zip'))) {
    return { ok: false, reason: 'A zip is opened alone: it holds the whole data directory.' };
  }
  // A log has zeros at its end, which go when it is opened.
  if (wanted.reduce((sum, { size }) => sum + size, 0) > 2 * DATA_DIR_MAX) {
    return { ok: false, reason: `The files are larger than ${(2 * DATA_DIR_MAX) >> 20} MiB.` };
  }
  try {
    const files = await Promise.all(
      wanted.map(async (file) => ({
        name: file.webkitRelativePath || file.name,
        bytes: new Uint8Array(await file.arrayBuffer()),
      })),
    );
    return { ok: true, files };
  } catch (error) {
    return {
      ok: false,
      reason: `The files cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    };
  }
}

/** What was dropped, folders with all that is in them. */
export async function droppedFiles({ items }: DataTransfer): Promise<readonly File[]> {
  // All at once: a drop's items are gone after the first wait.
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  return (await Promise.all(entries.map(filesIn))).flat();
}

async function filesIn(entry: FileSystemEntry): Promise<readonly File[]> {
  if (entry.isFile) {
    return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    // A reader gives some at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    all.push(...some);
  }
  return (await Promise.all(all.map(filesIn))).flat();
}
