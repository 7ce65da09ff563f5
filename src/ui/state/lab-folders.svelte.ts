/**
 * Folders of the origin private file system for the disks of this page's labs. A lab holds a lock as long as it is open,
 * whatever the tab: folders without one are of labs that are over, and are cleared away.
 */
import { LABS, type LabFolder } from '../../lab/hosts/browser.ts';

const LOCK = 'zabscope/labs/';
/** A worker that was ended holds its files a little longer: how often, and how long after each other a removal is tried, wall ms. */
const REMOVALS = 5;
const REMOVAL_MS = 200;

export class LabFolders {
  readonly #told: (reason: string) => void;
  readonly #root: Promise<FileSystemDirectoryHandle | null>;
  #none = $state<string | null>(null);
  /** By lab, by server: why its disk is in memory. */
  #failed = $state.raw<Readonly<Record<string, string>>>({});

  /** `told` is called once with the reason when disks are in memory. */
  constructor(told: (reason: string) => void) {
    this.#told = told;
    this.#root = this.#open();
  }

  /** Why no disk is on the browser's: it offers no such file system; null: it does. */
  get none(): string | null {
    return this.#none;
  }

  /** Why the disk of this server is in memory, of whichever lab it was; null: it is not. */
  whyInMemory(server: string): string | null {
    return this.#none ?? this.#failed[server] ?? null;
  }

  /** A folder for a new lab. */
  next(): LabFolder {
    const id = crypto.randomUUID();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const name = this.#root.then((root) => (root === null ? null : locked(LOCK + id, held, id)));
    // What failed was of the lab before; branches of one lab fail together.
    this.#failed = {};
    return {
      name,
      failed: (server, reason) => this.#fail(server, reason),
      close: () => {
        release();
        void this.#remove(id);
      },
    };
  }

  /** Removes the folders of labs that no tab has open. */
  async clean(): Promise<void> {
    try {
      const labs = await (await this.#root)?.getDirectoryHandle(LABS, { create: true });
      if (!labs) return;
      const found: string[] = [];
      for await (const name of labs.keys()) found.push(name);
      // In this order: a lab takes its lock before it makes its folder.
      const { held = [] } = await navigator.locks.query();
      const over = found.filter((name) => !held.some((lock) => lock.name === LOCK + name));
      await Promise.all(over.map((name) => this.#remove(name)));
    } catch {
      // They stay until the next start.
    }
  }

  async #open(): Promise<FileSystemDirectoryHandle | null> {
    try {
      const { storage, locks } = navigator as { storage?: StorageManager; locks?: LockManager };
      if (!storage || !locks) throw new Error('not offered');
      return await storage.getDirectory();
    } catch {
      this.#none = 'this browser offers no file system here';
      this.#told(this.#none);
      return null;
    }
  }

  #fail(server: string, reason: string): void {
    if (Object.keys(this.#failed).length === 0) this.#told(reason);
    this.#failed = { ...this.#failed, [server]: reason };
  }

  async #remove(id: string): Promise<void> {
    const root = await this.#root;
    for (let i = 0; root !== null && i < REMOVALS; i++) {
      try {
        await (await root.getDirectoryHandle(LABS)).removeEntry(id, { recursive: true });
        return;
      } catch (error) {
        if (error instanceof DOMException && error.name === 'NotFoundError') return;
        await new Promise((later) => setTimeout(later, REMOVAL_MS));
      }
    }
  }
}

/** `id` once the lock is held, which is until `end`; null: there are no locks here after all. */
function locked(name: string, end: Promise<void>, id: string): Promise<string | null> {
  return new Promise((resolve) => {
    navigator.locks
      .request(name, () => {
        resolve(id);
        return end;
      })
      .catch(() => resolve(null));
  });
}
