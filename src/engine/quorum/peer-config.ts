/**
 * The two configurations that a server knows (`QuorumPeer.setQuorumVerifier`, `setLastSeenQuorumVerifier`): the
 * committed one, and the last one that it has seen, which is newer only while a reconfiguration is open. Without
 * `reconfigEnabled` it keeps the one that it was started with.
 */
import type { ConfigFacts } from '../../protocol/events.ts';
import type { EventRef, Sid } from '../../protocol/ids.ts';
import { initialConfig, parseConfig } from '../../protocol/quorum-config.ts';
import type { ServerContext } from '../context.ts';
import { quorumVerifier } from '../election/index.ts';
import type { QuorumVerifier } from '../ports.ts';
import type { ServerInit } from '../types.ts';
import { ConfigFiles } from './config-files.ts';

export class PeerConfig {
  readonly #ctx: ServerContext;
  readonly #files: ConfigFiles;
  #committed: QuorumVerifier;
  #lastSeen: QuorumVerifier;

  constructor(ctx: ServerContext, init: Pick<ServerInit, 'members' | 'groups' | 'weights'>) {
    this.#ctx = ctx;
    this.#files = new ConfigFiles(ctx);
    this.#committed = this.#lastSeen = quorumVerifier(initialConfig(init.members, init));
  }

  get committed(): QuorumVerifier {
    return this.#committed;
  }

  get lastSeen(): QuorumVerifier {
    return this.#lastSeen;
  }

  /** What the disk holds wins over what the process was started with. Returns why the process must end, or null. */
  load(): string | null {
    const found = this.#files.load();
    if (!found.ok) return found.reason;
    if (found.committed) this.#committed = this.#lastSeen = quorumVerifier(found.committed);
    this.#ctx.emit({ kind: 'config-activated', ...facts(this.#committed) }, { rule: 'reconfig.boot-files' });
    if (found.next && found.next.version > this.#committed.version) {
      this.#lastSeen = quorumVerifier(found.next);
      this.#ctx.emit({ kind: 'config-seen', ...facts(this.#lastSeen) }, { rule: 'reconfig.boot-files' });
    }
    if (this.#committed.member(this.#ctx.sid)) return null;
    return `My id ${this.#ctx.sid} is not in the peer list.`;
  }

  /** `configFromString`; null if the text is no configuration. */
  read(text: string): QuorumVerifier | null {
    const parsed = parseConfig(text, this.#ctx.zoo);
    return parsed.ok ? quorumVerifier(parsed.value) : null;
  }

  /** Returns whether it is another one than before. */
  setLastSeen(verifier: QuorumVerifier, causes: readonly EventRef[] = []): boolean {
    if (!this.#ctx.zoo.reconfigEnabled || verifier.version === this.#lastSeen.version) return false;
    this.#lastSeen = verifier;
    this.#files.saveNext(verifier.config);
    this.#ctx.emit({ kind: 'config-seen', ...facts(verifier) }, { rule: 'reconfig.next-file', causes });
    return true;
  }

  /** The committed configuration is this one, unless a newer one is known. Returns the one before. */
  commit(verifier: QuorumVerifier): QuorumVerifier {
    const before = this.#committed;
    if (before.version >= verifier.version) return before;
    this.#committed = verifier;
    if (verifier.version > this.#lastSeen.version) this.#lastSeen = verifier;
    this.#files.saveCommitted(verifier.config);
    this.#ctx.emit({ kind: 'config-activated', ...facts(verifier) }, { rule: 'reconfig.dynamic-file' });
    return before;
  }

  /** `viewContains`, also of the proposed configuration: whom election connections may go to. */
  knows(sid: Sid): boolean {
    return this.#committed.member(sid) !== null || this.#lastSeen.member(sid) !== null;
  }
}

function facts({ version, text, allMembers }: QuorumVerifier): ConfigFacts {
  return { version, text, members: allMembers.map(({ sid, role }) => ({ sid, role })) };
}
