/** Inside a Web Worker: an actor that answers its host, and keeps a server's disk in a folder if it was given one. */
import { expose } from 'comlink';
import type { ProcessFactory } from '../kernel/kernel.ts';
import type { DiskImage } from '../types.ts';
import { FolderDisk } from './browser-disk.ts';
import type { BrowserActorCalls, DiskFolder } from './browser-folder.ts';
import type { BatchPort } from './connection.ts';
import { WorkerActor } from './worker-actor.ts';

function batchPort(port: MessagePort): BatchPort {
  return {
    post: (batch, buffers = []) => port.postMessage(batch, [...buffers]),
    listen: (batch, broken) => {
      port.onmessage = (event: MessageEvent<unknown>) => batch(event.data);
      port.onmessageerror = broken;
    },
    close: () => port.close(),
  };
}

class BrowserActor extends WorkerActor<MessagePort> implements BrowserActorCalls {
  #disk: FolderDisk | null = null;

  keepIn(folder: DiskFolder, failed: (reason: string) => void): void {
    this.#disk = new FolderDisk(folder, failed);
    this.keep(this.#disk);
  }

  async store(image: DiskImage): Promise<void> {
    await this.#disk?.open(image);
  }
}

export function serveActor(create: ProcessFactory): void {
  expose(new BrowserActor(create, batchPort));
}
