/**
 * A client's connection as its server holds it (`ServerCnxn`, `NIOServerCnxn`): which session it
 * carries, whether it is being read, and how answers go out on it.
 */
import type { KeeperError } from '../../protocol/errors.ts';
import { NO_SESSION, type ActorName, type ConnId, type EventRef, type SessionId } from '../../protocol/ids.ts';
import type { AuthId } from '../../protocol/znode.ts';
import { ZXID_UNKNOWN, type Zxid } from '../../protocol/zxid.ts';
import type { ClientPacket, Operation, OperationResult } from '../../protocol/operations.ts';
import { frameLength } from '../../protocol/wire/index.ts';
import type { ServerContext } from '../context.ts';
import { CnxnStats, type MonitoredServer } from '../monitor/index.ts';
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
  /** Of the client's side, as reports show it: the lab's connections have none. */
  readonly port: number;
  /** Wall clock, ms. */
  readonly established: number;
  readonly stats = new CnxnStats();
  /** An operator's, that a word has come on. */
  asked = false;
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
  readonly #serving: () => MonitoredServer | null;
  /** Replaced, never changed: requests share it. */
  #authInfo: readonly AuthId[] = [{ scheme: 'ip', id: CLIENT_ADDRESS }];

  /** @param serving whoever serves the connection at the moment */
  constructor(
    ctx: ServerContext,
    conn: ConnId,
    client: ActorName,
    port: number,
    serving: () => MonitoredServer | null,
  ) {
    this.#ctx = ctx;
    this.conn = conn;
    this.client = client;
    this.port = port;
    this.established = ctx.wallClock();
    this.#serving = serving;
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

  /**
   * Returns the bytes of the response.
   * @param operation what was asked, which decides the form of the result
   */
  sendResponse(
    header: { readonly xid: number; readonly zxid: Zxid; readonly error: KeeperError | null },
    result: OperationResult | null,
    options: EmitOptions,
    operation: Operation | null = null,
  ): number {
    const reply = { type: 'Reply', ...header, result } as const;
    this.#ctx.send(this.conn, reply, options);
    if (header.xid > 0) this.stats.outstanding--;
    return this.#responseSent(frameLength(reply, { operation }));
  }

  /** `valid` false: the session is unknown, that is, expired. */
  sendConnectResponse(valid: boolean, readOnly: boolean, options: EmitOptions): void {
    const granted = valid
      ? { timeout: this.sessionTimeout, sessionId: this.sessionId, passwd: generatePasswd(this.sessionId) }
      : { timeout: 0, sessionId: NO_SESSION, passwd: '0'.repeat(32) };
    this.#ctx.send(this.conn, { type: 'ConnectResponse', ...granted, readOnly }, options);
    this.packetSent();
  }

  /** A watch of this session has fired (`process`). */
  process({ event, path, zxid }: WatchNotification, fired: EventRef): void {
    const rule = zxid === ZXID_UNKNOWN ? 'watch.set-watches' : 'request.watch-before-reply';
    const packet = { type: 'WatchEvent', event, path, zxid } as const;
    this.#ctx.send(this.conn, packet, { rule, causes: [fired] });
    this.#ctx.metrics.count('watch_bytes', this.#responseSent(frameLength(packet)));
  }

  /** @param bytes with the length word */
  packetReceived(bytes: number): void {
    this.stats.packetsReceived++;
    this.#ctx.metrics.count('bytes_received_count', bytes);
    const serving = this.#serving();
    if (serving) serving.stats.packetsReceived++;
  }

  packetSent(): void {
    this.stats.packetsSent++;
    const serving = this.#serving();
    if (serving) serving.stats.packetsSent++;
  }

  #responseSent(bytes: number): number {
    this.packetSent();
    this.#serving()?.stats.clientResponses.add(bytes);
    return bytes;
  }
}
