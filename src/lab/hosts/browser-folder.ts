/** What page and worker say to each other about the folder of a server's disk in the origin private file system. */
import type { ActorCalls } from './connection.ts';
import type { DiskImage } from '../types.ts';

/** In the root of the file system: the labs, each of which has a folder for each server. */
export const LABS = 'labs';

export interface DiskFolder {
  /** The lab's folder in {@link LABS}. */
  readonly lab: string;
  /** Such as `s1`. */
  readonly name: string;
  /** It becomes what the server starts with, instead of being read. */
  readonly fresh: boolean;
}

export interface BrowserActorCalls extends ActorCalls<MessagePort> {
  /** Before `start`: the disk is kept in this folder; `failed` is called, once, when it cannot be any more. */
  keepIn(folder: DiskFolder, failed: (reason: string) => void): void;
  /** Instead of `start`: the folder becomes `image`. */
  store(image: DiskImage): Promise<void>;
}

/** The folders of one lab, as the page gives them. */
export interface LabFolder {
  /** The name of the lab's folder, once nobody clears it away; null: disks are in memory. */
  readonly name: Promise<string | null>;
  /** A server's disk is in memory from now on, until its next start. */
  failed(server: string, reason: string): void;
  /** The lab is over. */
  close(): void;
}
