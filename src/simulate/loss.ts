/**
 * What a disk may lose. ZooKeeper promises to keep what a quorum has on disk, and counts on each server to remember what it
 * acknowledged and promised. So a server may forget only what others surely know:
 *
 * - the disk of a voter that is down may lose anything once a leader has committed a transaction that it proposed after the
 *   server went down, in an epoch not below the one that the server had accepted. A quorum without this server then has
 *   on disk all that was ever committed, and has promised all that the server had: every quorum meets it, whether or not the server counts
 *   as a member that knows nothing;
 * - the disk of an observer may lose anything at any time;
 * - a disk that is wiped loses the configuration file, too, and its server comes back with the configuration of the first
 *   day. So none is wiped once the voters are others than on that day: those of then could be a quorum again;
 * - a server may be taken away for good once no configuration that may be in force names it.
 *
 * Logs and snapshots are lost whole, and only the newest log loses its end: a log with a hole in its middle claims to know
 * what it does not, which no protocol can bear. The files of the epochs go with everything or not at all, for the same reason.
 */
import type { ActionBody, NamedFile } from '../lab/index.ts';
import type { TraceEvent } from '../protocol/events.ts';
import { serverName, sid, sidOf, type ActorName, type EventId, type Sid } from '../protocol/ids.ts';
import { epochOf, type Epoch, type Zxid } from '../protocol/zxid.ts';
import type { Role } from '../protocol/config.ts';

/** An action that takes something away for good. */
export type Loss =
  | { readonly do: 'wipe'; readonly server: number }
  | Extract<ActionBody, { readonly do: 'remove-file' | 'corrupt' | 'remove-server' }>;

export function isLoss<A extends ActionBody>(action: A): action is A & Loss {
  return ['wipe', 'remove-file', 'corrupt', 'remove-server'].includes(action.do);
}

interface Memory {
  acceptedEpoch: Epoch;
  /** The event by which it went down; null: it runs, and has read its disk. */
  downSince: EventId | null;
  /** Its last process ended before it had read its disk. */
  unreadable: boolean;
  /** The others have gone on without it since. */
  safe: boolean;
}

/** Follows a run to know what may be lost. */
export class LossRule {
  readonly #servers = new Map<ActorName, Memory>();
  /** Of the configurations of the scenario at first. */
  readonly #roles: Map<Sid, Role>;
  /** Proposals that are not committed, by leader. */
  readonly #proposed = new Map<ActorName, Map<Zxid, EventId>>();
  #version: Zxid | null = null;
  /** Members of the newest configuration that any server follows, and of those that came after it. */
  readonly #members = new Map<Zxid, ReadonlyMap<Sid, Role>>();

  constructor(servers: readonly { readonly sid: Sid; readonly role: Role }[]) {
    this.#roles = new Map(servers.map(({ sid, role }) => [sid, role]));
  }

  take(event: TraceEvent): void {
    switch (event.kind) {
      case 'process-killed':
      case 'process-exited': {
        if (sidOf(event.actor) === null) return;
        const memory = this.#memory(event.actor);
        memory.unreadable = event.kind === 'process-exited' && memory.downSince !== null;
        memory.downSince ??= event.id;
        return;
      }
      case 'recovered': {
        const memory = this.#memory(event.actor);
        memory.downSince = null;
        memory.unreadable = false;
        memory.safe = false;
        memory.acceptedEpoch = event.acceptedEpoch;
        return;
      }
      case 'epoch-saved':
        if (event.file === 'acceptedEpoch') this.#memory(event.actor).acceptedEpoch = event.epoch;
        return;
      case 'proposed': {
        const own = this.#proposed.get(event.actor) ?? new Map<Zxid, EventId>();
        own.set(event.zxid, event.id);
        this.#proposed.set(event.actor, own);
        return;
      }
      case 'committed': {
        const own = this.#proposed.get(event.actor);
        const proposed = own?.get(event.zxid);
        own?.delete(event.zxid);
        if (proposed === undefined) return;
        for (const memory of this.#servers.values()) {
          const { downSince, acceptedEpoch } = memory;
          if (downSince !== null && proposed > downSince && epochOf(event.zxid) >= acceptedEpoch) memory.safe = true;
        }
        return;
      }
      case 'config-activated':
      case 'config-seen': {
        const newest = this.#version ?? event.version;
        if (event.version < newest) return;
        this.#members.set(event.version, new Map(event.members.map(({ sid, role }) => [sid, role])));
        if (event.kind === 'config-seen') return;
        this.#version = event.version;
        for (const version of [...this.#members.keys()]) if (version < event.version) this.#members.delete(version);
        return;
      }
      default:
    }
  }

  allows(action: Loss): boolean {
    if (action.do === 'remove-server') return !this.names(sid(action.sid)) && this.#version !== null;
    if (action.do === 'wipe' && this.#configs().some((members) => voters(members) !== voters(this.#roles)))
      return false;
    const memory = this.#servers.get(serverName(sid(action.server)));
    if (!memory || memory.downSince === null) return false;
    return memory.safe || this.#rolesOf(sid(action.server)).every((role) => role === 'observer');
  }

  /** Whether what server `n` has on its disk keeps it from starting. */
  unreadable(n: number): boolean {
    return this.#servers.get(serverName(sid(n)))?.unreadable ?? false;
  }

  /** Whether a configuration that may be in force has this server. */
  names(sid: Sid): boolean {
    return this.#rolesOf(sid).length > 0;
  }

  #rolesOf(sid: Sid): readonly Role[] {
    return this.#configs().flatMap((members) => members.get(sid) ?? []);
  }

  /** The configurations that may be in force. */
  #configs(): readonly ReadonlyMap<Sid, Role>[] {
    return this.#version === null ? [this.#roles] : [...this.#members.values()];
  }

  #memory(name: ActorName): Memory {
    const known = this.#servers.get(name);
    if (known) return known;
    const memory: Memory = { acceptedEpoch: 0 as Epoch, downSince: null, unreadable: false, safe: false };
    this.#servers.set(name, memory);
    return memory;
  }
}

function voters(members: ReadonlyMap<Sid, Role>): string {
  return [...members]
    .flatMap(([sid, role]) => (role === 'participant' ? sid : []))
    .toSorted((a, b) => a - b)
    .join();
}

/** The action with the name of a file that is there: of all logs the newest. Null: there is none. */
export function withFile(action: Loss, files: readonly NamedFile[]): Loss | null {
  if (action.do !== 'corrupt' || !action.file.endsWith('*')) return action;
  const prefix = action.file.slice(0, -1);
  const logs = files.flatMap(({ name, bytes }) =>
    name.startsWith(prefix) ? [{ name, size: bytes.length, number: parseInt(name.slice(prefix.length), 16) }] : [],
  );
  const newest = logs.toSorted((a, b) => b.number - a.number)[0];
  if (!newest || (action.offset !== 'tail' && action.offset >= newest.size)) return null;
  return { ...action, file: newest.name };
}
