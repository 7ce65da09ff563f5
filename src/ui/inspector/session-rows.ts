/** Sessions and watches of one server, with the clients' names. Pure. */
import type { WatcherMode } from '../../protocol/events.ts';
import type { ActorName, SessionId } from '../../protocol/ids.ts';
import type { AuthId } from '../../protocol/znode.ts';
import type { LabState, ServerView } from '../../trace/index.ts';

export interface SessionRow {
  readonly id: SessionId;
  /** ms */
  readonly timeout: number;
  readonly client: ActorName | null;
  /** Where its connection ends. */
  readonly place: 'here' | 'elsewhere' | 'unattached';
  /** No other server knows it. */
  readonly local: boolean;
  /** As whom its connection here is known, beside its address: `digest:alice`. */
  readonly auth: readonly string[];
}

type Lab = Pick<LabState, 'servers' | 'clients'>;

/** Attached ones first, then in the order in which the server learned of them. */
export function sessionRows(server: ServerView, lab: Lab): readonly SessionRow[] {
  const ids = [...new Set([...server.attached.keys(), ...server.sessions.keys()])];
  return ids.map((id) => {
    const elsewhere = [...lab.servers.values()].some((other) => other.attached.has(id));
    const place = server.attached.has(id) ? 'here' : elsewhere ? 'elsewhere' : 'unattached';
    const client = server.attached.get(id)?.client ?? clientOf(id, lab);
    const timeout = server.sessions.get(id) ?? 0;
    const auth = (server.attached.get(id)?.auth ?? []).map(authWords);
    return { id, timeout, client, place, local: server.localSessions.has(id), auth };
  });
}

/** Without the digest of a password. */
function authWords({ scheme, id }: AuthId): string {
  const name = scheme === 'digest' ? id.slice(0, Math.max(0, id.indexOf(':'))) || id : id;
  return name === '' ? scheme : `${scheme}:${name}`;
}

/** Who holds, or last held, a session. */
export function clientOf(id: SessionId, lab: Lab): ActorName | null {
  for (const client of lab.clients.values()) if (client.sessionId === id) return client.name;
  return null;
}

export interface WatchRow {
  readonly key: string;
  readonly kind: string;
  readonly path: string;
  readonly clients: readonly string[];
}

/** Sorted as the server has them, a row for each mode on a path; `only` picks those of one session. */
export function watchRows(server: ServerView, lab: Lab, only: SessionId | null = null): readonly WatchRow[] {
  return [...server.watches].flatMap(([key, watchers]) => {
    const [table, path] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)];
    const rows = new Map<WatcherMode, string[]>();
    for (const [id, mode] of watchers) {
      if (only !== null && id !== only) continue;
      const clients = rows.get(mode) ?? [];
      rows.set(mode, [...clients, clientOf(id, lab) ?? id]);
    }
    return [...rows].map(([mode, clients]) => ({
      key: `${mode}:${key}`,
      kind: `${MODE_WORDS[mode]}${table} watch`,
      path,
      clients,
    }));
  });
}

const MODE_WORDS: Readonly<Record<WatcherMode, string>> = {
  STANDARD: '',
  PERSISTENT: 'persistent ',
  PERSISTENT_RECURSIVE: 'recursive ',
};
