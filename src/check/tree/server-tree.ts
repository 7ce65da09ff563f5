/** The tree of one server as its events tell of it, and what is known of how it came to be. */
import type { TraceZnode, ZnodeChange } from '../../protocol/events.ts';
import type { ActorName, EventId, SessionId } from '../../protocol/ids.ts';
import { ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts';
import { ownerOf, type Node } from './nodes.ts';

export class ServerTree {
  readonly actor: ActorName;
  nodes = new Map<string, TraceZnode>();
  /** Global sessions. */
  sessions = new Set<SessionId>();
  /** The last transaction that the tree holds. */
  at: Zxid = ZXID_ZERO;
  /** The event that brought it there. */
  event: EventId;
  /**
   * From this zxid on the tree is that of its zxid. Below it holds parts of what comes later, as a fuzzy snapshot does;
   * Infinity: something of its history is missing or not that of the others, or it was never loaded.
   */
  exactFrom = Infinity as Zxid;
  /** Ends of fuzzy snapshots on its disk, by their zxid: they may hold parts of transactions up to there. */
  readonly fuzzy = new Map<Zxid, Zxid>();
  /** Where the last TRUNC has cut the log. */
  truncatedTo: Zxid | null = null;
  /** The snapshot that is being written beside the main path. */
  writing: Zxid | null = null;
  readonly #owned = new Map<SessionId, Set<string>>();

  constructor(actor: ActorName, event: EventId) {
    this.actor = actor;
    this.event = event;
  }

  get exact(): boolean {
    return this.at >= this.exactFrom;
  }

  /** The whole tree is another one. */
  load(nodes: readonly ZnodeChange[], sessions: readonly (readonly [SessionId, number])[]): void {
    this.nodes = new Map();
    this.#owned.clear();
    for (const [path, node] of nodes) if (isWhole(node)) this.#put(path, node);
    this.sessions = new Set(sessions.map(([session]) => session));
  }

  /** Takes a change; returns the znode that there was, or undefined. */
  change([path, node]: ZnodeChange): Node {
    const before = this.nodes.get(path);
    if (node === null) {
      this.nodes.delete(path);
    } else if (isWhole(node)) {
      this.#put(path, node);
      return before;
    } else if (before) {
      this.nodes.set(path, { ...before, stat: node.stat });
      return before;
    }
    const owner = before && ownerOf(before);
    if (owner) this.#owned.get(owner)?.delete(path);
    return before;
  }

  /** Paths of the session's ephemerals. */
  owned(session: SessionId): readonly string[] {
    return [...(this.#owned.get(session) ?? [])];
  }

  /** Every session that owns an ephemeral, with one of them. */
  *owners(): Generator<readonly [SessionId, string]> {
    for (const [session, paths] of this.#owned) for (const path of paths) yield [session, path];
  }

  forget(session: SessionId): void {
    this.#owned.delete(session);
  }

  #put(path: string, node: TraceZnode): void {
    this.nodes.set(path, node);
    const owner = ownerOf(node);
    if (!owner) return;
    const paths = this.#owned.get(owner);
    if (paths) paths.add(path);
    else this.#owned.set(owner, new Set([path]));
  }
}

/** Data and ACL, too, and not only the Stat. */
export function isWhole(node: ZnodeChange[1]): node is TraceZnode {
  return node !== null && 'data' in node;
}
