/** What is said of the thing that is pointed at or has the keyboard, and where. Pure. */
import { along, type Point } from './geometry.ts';
import type { StageLayout } from './layout.ts';
import type { LinkScene } from './links.ts';
import type { ClientScene, ServerScene } from './scene.ts';

export interface StageHint {
  readonly says: string;
  readonly at: Point;
  /** To be left free above and below `at`. */
  readonly room: number;
}

export interface Scenes {
  readonly servers: readonly ServerScene[];
  readonly clients: readonly ClientScene[];
  readonly links: readonly LinkScene[];
}

/** @param name `s1`, `alice`, or `s1:s2` for a link, as the elements of the stage name themselves */
export function hintFor(name: string, { servers, clients, links }: Scenes, { r, pill }: StageLayout): StageHint | null {
  const link = links.find(({ a, b }) => `${a}:${b}` === name);
  if (link) return { says: link.says, at: along(link.segment, 0.5), room: 20 };
  const server = servers.find((one) => one.name === name);
  if (server) return { says: server.says, at: server, room: r + 34 };
  const client = clients.find((one) => one.name === name);
  return client ? { says: client.says, at: client, room: pill.height / 2 + 10 } : null;
}
