/**
 * A server's disk as a folder of the origin private file system, inside the server's worker. Memory is the page cache,
 * and the folder what is durable: what the simulated fsyncs made so is written through synchronous access handles and
 * flushed before the conductor hears of it.
 */
import type { DiskImage } from '../types.ts';
import { LABS, type DiskFolder } from './browser-folder.ts';
import type { KeptDisk } from './connection.ts';
import { DurableChanges, type DurableChange, type FileChanges } from './durable-changes.ts';

export class FolderDisk implements KeptDisk {
  readonly journal = new DurableChanges();
  readonly #place: DiskFolder;
  readonly #failed: (reason: string) => void;
  /** Null: not open yet, or given up. */
  #folder: FileSystemDirectoryHandle | null = null;
  readonly #files = new Map<string, FileSystemFileHandle>();

  constructor(place: DiskFolder, failed: (reason: string) => void) {
    this.#place = place;
    this.#failed = failed;
  }

  async open(image: DiskImage): Promise<DiskImage> {
    const { lab, name, fresh } = this.#place;
    try {
      const root = await navigator.storage.getDirectory();
      const labs = await root.getDirectoryHandle(LABS, { create: true });
      const mine = await labs.getDirectoryHandle(lab, { create: true });
      this.#folder = await mine.getDirectoryHandle(name, { create: true });
      const kept = await this.#read();
      if (same(kept, image)) return kept;
      // The trace must not depend on what befell the files.
      if (!fresh) throw new Error('its files are not what the lab had written');
      await this.#become(image);
    } catch (error) {
      this.#giveUp(error);
    }
    return image;
  }

  async settle(): Promise<void> {
    if (this.journal.isEmpty) return;
    const all = this.journal.take();
    if (!this.#folder) return;
    try {
      for (const changes of all) await this.#apply(changes);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  #giveUp(error: unknown): void {
    this.#folder = null;
    this.#failed(reasonOf(error));
  }

  async #apply({ file, removed, changes }: FileChanges): Promise<void> {
    if (changes.length === 0) await this.#remove(file);
    else await this.#write(file, removed ? [{ do: 'resize', length: 0 }, ...changes] : changes);
  }

  async #become(image: DiskImage): Promise<void> {
    for await (const name of this.#root().keys()) await this.#root().removeEntry(name, { recursive: true });
    this.#files.clear();
    for (const { name, bytes } of image.files) await this.#write(name, [{ do: 'write', offset: 0, bytes }]);
  }

  async #read(): Promise<DiskImage> {
    const files: { name: string; bytes: Uint8Array }[] = [];
    const walk = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const [name, handle] of folder.entries()) {
        if (handle instanceof FileSystemDirectoryHandle) {
          await walk(handle, `${path}${name}/`);
          continue;
        }
        this.#files.set(path + name, handle);
        const file = await handle.getFile();
        files.push({ name: path + name, bytes: new Uint8Array(await file.arrayBuffer()) });
      }
    };
    await walk(this.#root(), '');
    return { files: files.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  }

  async #write(file: string, changes: readonly DurableChange[]): Promise<void> {
    const handle = this.#files.get(file) ?? (await this.#create(file));
    const access = await handle.createSyncAccessHandle();
    try {
      for (const change of changes) {
        if (change.do === 'resize') access.truncate(change.length);
        else if (access.write(change.bytes, { at: change.offset }) < change.bytes.length) {
          throw new Error('a file took only a part of what was written');
        }
      }
      access.flush();
    } finally {
      access.close();
    }
  }

  async #create(file: string): Promise<FileSystemFileHandle> {
    const handle = await (await this.#folderOf(file)).getFileHandle(baseOf(file), { create: true });
    this.#files.set(file, handle);
    return handle;
  }

  async #remove(file: string): Promise<void> {
    this.#files.delete(file);
    try {
      await (await this.#folderOf(file)).removeEntry(baseOf(file));
    } catch (error) {
      // It was never durable.
      if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error;
    }
  }

  async #folderOf(file: string): Promise<FileSystemDirectoryHandle> {
    let folder = this.#root();
    for (const name of file.split('/').slice(0, -1)) folder = await folder.getDirectoryHandle(name, { create: true });
    return folder;
  }

  #root(): FileSystemDirectoryHandle {
    if (!this.#folder) throw new Error('the folder is not open');
    return this.#folder;
  }
}

function baseOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

/** In any order. */
function same(a: DiskImage, b: DiskImage): boolean {
  const other = new Map(b.files.map(({ name, bytes }) => [name, bytes]));
  return (
    a.files.length === other.size &&
    a.files.every(({ name, bytes }) => {
      const twin = other.get(name);
      return twin?.length === bytes.length && bytes.every((byte, i) => byte === twin[i]);
    })
  );
}

function reasonOf(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'QuotaExceededError') return 'this browser gives the page no more room';
  if (name === 'NoModificationAllowedError') return 'its files are open elsewhere';
  return error instanceof Error ? error.message : String(error);
}
