/**
 * A client's connection as its server holds it (`ServerCnxn`, `NIOServerCnxn`): which session it
 * carries, whether it is being read, and how answers go out on it.
 */
import type { KeeperError } from '../../protocol/errors.ts';
import { NO_SESSION, type ActorName, type ConnId, type EventRef, type SessionId } from '../../protocol/ids.ts';
import type { AuthId } from '../../protocol/znode.ts';
import { ZXID_UNKNOWN, type Zxid } from '../../protocol/zxid.ts';
import type { ClientPacket, OperationResult } from '../../protocol/operations.ts';
import type { ServerContext } from '../context.ts';
import { generatePasswd } from '../session/identity.ts';
import type { WatchNotification } from '../tree/watch-manager.ts';
import type { EmitOptions } from '../../process/io.ts';

/** Patience with a connection that has no session, ms (`zookeeper.nio.sessionlessCnxnTimeout`). */
export const SESSIONLESS_CNXN_TIMEOUT = 10_000;

/** Where all clients of a lab are (`getRemoteSocketAddress`). */
const CLIENT_ADDRESS = '127.0.0.1';

/** A packet that waits until the session is established, with the event that brought it. */
export interface WaitingPacket {
  readonly packet: ClientPacket;
  readonly cause: EventRef;
}

export class ServerCnxn {
  readonly conn: ConnId;
  readonly client: ActorName;
  readonly address = CLIENT_ADDRESS;
  /** From the connect request on; until then none. */
  sessionId: SessionId = NO_SESSION;
  /** Silence after which the connection is closed, ms: the session's timeout once it is negotiated. */
  sessionTimeout = SESSIONLESS_CNXN_TIMEOUT;
  /** Its connect request was accepted. */
  initialized = false;
  /** Its session is established: the client was told so. */
  attached = false;
  /** `disableRecv`: while false, packets wait. */
  recvEnabled = true;
  readonly waiting: WaitingPacket[] = [];

  readonly #ctx: ServerContext;
  /** Replaced, never changed: requests share it. */
  #authInfo: readonly AuthId[] = [{ scheme: 'ip', id: CLIENT_ADDRESS }];

  constructor(ctx: ServerContext, conn: ConnId, client: ActorName) {
    this.#ctx = ctx;
    this.conn = conn;
    this.client = client;
  }

  /** How its client is known: its address, then what it has proved, in that order. */
  get authInfo(): readonly AuthId[] {
    return this.#authInfo;
  }

  /** False if it was known by this id already. */
  addAuthInfo({ scheme, id }: AuthId): boolean {
    if (this.#authInfo.some((known) => known.scheme === scheme && known.id === id)) return false;
    this.#authInfo = [...this.#authInfo, { scheme, id }];
    return true;
  }

  sendResponse(
    header: { readonly xid: number; readonly zxid: Zxid; readonly error: KeeperError | null },
    result: OperationResult | null,
    options: EmitOptions,
  ): void {
    this.#ctx.send(this.conn, { type: 'Reply', ...header, result }, options);
  }

  /** `valid` false: the session is unknown, that is, expired. */
  sendConnectResponse(valid: boolean, readOnly: boolean, options: EmitOptions): void {
    const granted = valid
      ? { timeout: this.sessionTimeout, sessionId: this.sessionId, passwd: generatePasswd(this.sessionId) }
      : { timeout: 0, sessionId: NO_SESSION, passwd: '0'.repeat(32) };
    this.#ctx.send(this.conn, { type: 'ConnectResponse', ...granted, readOnly }, options);
  }

  /** A watch of this session has fired (`process`). */
  process({ event, path, zxid }: WatchNotification, fired: EventRef): void {
    const rule = zxid === ZXID_UNKNOWN ? 'watch.set-watches' : 'request.watch-before-reply';
    this.#ctx.send(this.conn, { type: 'WatchEvent', event, path, zxid }, { rule, causes: [fired] });
  }
}
