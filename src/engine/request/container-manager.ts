/**
 * Removes containers that have become empty and nodes whose time to live is over (`ContainerManager`).
 * It runs on the leader or a standalone server, looks at the applied tree at fixed intervals, and asks
 * for one removal after the other, with pauses, so that not all of them come at once. Each request is
 * then checked like any write.
 */
import { NO_SESSION } from '../../protocol/ids.ts';
import type { RuleId } from '../../protocol/rules/index.ts';
import type { Timer } from '../../process/io.ts';
import type { ServerContext } from '../context.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { ttlOf } from '../tree/ephemeral-type.ts';
import { inSetOrder } from '../tree/java-hash.ts';
import type { RequestProcessor } from './processor.ts';

const MINUTE_MS = 60_000;

/** What it needs of its server. */
export interface ContainerServer {
  readonly ctx: ServerContext;
  readonly db: { readonly dataTree: DataTree };
}

interface Candidate {
  readonly path: string;
  readonly rule: RuleId;
}

export class ContainerManager {
  readonly #zks: ContainerServer;
  readonly #requestProcessor: RequestProcessor;
  #timer: Timer | null = null;

  /** @param requestProcessor PrepRequestProcessor: takes the requests to remove */
  constructor(zks: ContainerServer, requestProcessor: RequestProcessor) {
    this.#zks = zks;
    this.#requestProcessor = requestProcessor;
  }

  start(): void {
    this.#schedule(this.#zks.ctx.now() + this.#zks.ctx.zoo.containerCheckIntervalMs);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** At a fixed rate: a check that took longer than the interval is followed by the next at once. */
  #schedule(at: number): void {
    this.#wait(at - this.#zks.ctx.now(), () =>
      this.#checkContainers(this.#candidates(), at + this.#zks.ctx.zoo.containerCheckIntervalMs),
    );
  }

  #checkContainers([first, ...rest]: readonly Candidate[], next: number): void {
    if (!first) {
      this.#schedule(next);
      return;
    }
    const { ctx } = this.#zks;
    const { path, rule } = first;
    const cause = ctx.emit({ kind: 'container-expired', path }, { rule });
    const operation = { op: 'deleteContainer', path } as const;
    this.#requestProcessor.processRequest({
      sessionId: NO_SESSION,
      cxid: 0,
      operation,
      authInfo: [],
      owner: null,
      cause,
    });
    // The request may have ended the role.
    if (this.#timer === null) return;
    this.#wait(Math.floor(MINUTE_MS / ctx.zoo.containerMaxPerMinute), () => this.#checkContainers(rest, next));
  }

  #wait(ms: number, then: () => void): void {
    this.#timer = this.#zks.ctx.setTimer(ms, then);
  }

  /** What may go now, as the tree stands at the begin of a check. */
  #candidates(): readonly Candidate[] {
    const { ctx, db } = this.#zks;
    const tree = db.dataTree;
    const { containerMaxNeverUsedIntervalMs: maxNeverUsed } = ctx.zoo;
    const candidates: Candidate[] = [];
    for (const path of tree.getContainers()) {
      const node = tree.node(path);
      if (!node || node.children.size > 0) continue;
      if (node.stat.cversion > 0) candidates.push({ path, rule: 'container.emptied' });
      else if (maxNeverUsed !== 0 && ctx.wallClock() - node.stat.mtime > maxNeverUsed)
        candidates.push({ path, rule: 'container.never-used' });
    }
    for (const path of tree.getTtls()) {
      const node = tree.node(path);
      if (!node || node.children.size > 0) continue;
      if (ctx.wallClock() - node.stat.mtime > ttlOf(node.stat.ephemeralOwner))
        candidates.push({ path, rule: 'container.ttl-over' });
    }
    const byPath = new Map(candidates.map((candidate) => [candidate.path, candidate]));
    return inSetOrder([...byPath.keys()]).flatMap((path) => byPath.get(path) ?? []);
  }
}
