/**
 * The default watcher of a handle and what it is told (`ClientCnxn.EventThread`, `finishPacket`): session events, and
 * what the registers make of watch events and of the ends of requests.
 */
import type { ClientEvent } from '../protocol/events.ts';
import type { ClientPacket, KeeperState, NodeEventType, WatchEventType } from '../protocol/operations.ts';
import type { RuleId } from '../protocol/rules/index.ts';
import { ZXID_UNKNOWN, type Zxid } from '../protocol/zxid.ts';
import type { ProcessContext } from '../process/context.ts';
import type { Outcome, Pending } from './call.ts';
import type { Chroot } from './chroot.ts';
import { WatchRegisters, type SetWatches } from './watches.ts';

/** `WatchedEvent` */
export interface WatchedEvent {
  readonly type: WatchEventType;
  readonly state: KeeperState;
  readonly path: string | null;
  readonly zxid: Zxid;
}

const TOLD: Readonly<Record<KeeperState, RuleId>> = {
  Disconnected: 'client.told-disconnected',
  SyncConnected: 'client.told-connected',
  ConnectedReadOnly: 'client.told-read-only',
  Expired: 'client.told-expired',
  AuthFailed: 'client.told-auth-failed',
  Closed: 'client.told-closed',
};
const FULFILLED: Readonly<Record<NodeEventType, RuleId>> = {
  NodeCreated: 'client.fulfilled-by-change',
  NodeDataChanged: 'client.fulfilled-by-change',
  NodeDeleted: 'client.fulfilled-by-delete',
  NodeChildrenChanged: 'client.fulfilled-by-children',
};

export class Watcher {
  readonly #ctx: ProcessContext<ClientEvent>;
  readonly #chroot: Chroot;
  readonly #onEvent: (event: WatchedEvent) => void;
  readonly #registers = new WatchRegisters();
  /** The state of the event before, told or not. */
  #sessionState: KeeperState = 'Disconnected';

  constructor(ctx: ProcessContext<ClientEvent>, chroot: Chroot, onEvent: (event: WatchedEvent) => void) {
    this.#ctx = ctx;
    this.#chroot = chroot;
    this.#onEvent = onEvent;
  }

  /** The requests that register all watches again. */
  setWatches(lastZxid: Zxid): readonly SetWatches[] {
    return this.#registers.setWatches(lastZxid, (path) => this.#chroot.toServer(path));
  }

  /** A session event; the same twice is told once. */
  session(state: KeeperState): void {
    if (state !== this.#sessionState) {
      this.#tell({ type: 'None', state, path: null, zxid: ZXID_UNKNOWN }, TOLD[state]);
    }
  }

  /** A server's notification. Servers always say SyncConnected. */
  node({ event, path, zxid }: Extract<ClientPacket, { readonly type: 'WatchEvent' }>): void {
    const own = this.#chroot.event(path);
    this.#sessionState = 'SyncConnected';
    if (!this.#registers.materialize(event, own)) return;
    this.#tell({ type: event, state: 'SyncConnected', path: own, zxid }, FULFILLED[event]);
  }

  /** Watches are entered and forgotten with the end of their request, before its caller goes on. */
  finish({ operation, options, done }: Pending, outcome: Outcome): void {
    this.#registers.onReply(operation, outcome.error);
    if (operation.op !== 'checkWatches' && operation.op !== 'removeWatches') {
      done(outcome);
      return;
    }
    const { error, events } = this.#registers.remove(operation, options.local ?? false, outcome.error);
    const lost = outcome.error === 'CONNECTIONLOSS' || outcome.error === 'SESSIONEXPIRED';
    const state = lost ? 'Disconnected' : 'SyncConnected';
    for (const type of events) {
      this.#tell({ type, state, path: operation.path, zxid: ZXID_UNKNOWN }, 'client.watch-removed');
    }
    done({ ...outcome, error });
  }

  #tell(event: WatchedEvent, rule: RuleId): void {
    this.#sessionState = event.state;
    this.#ctx.emit({ kind: 'watch-event', ...event }, { rule });
    this.#onEvent(event);
  }
}
