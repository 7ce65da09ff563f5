/**
 * One session label of a recording in the lab: a machine on which the client process of that label runs,
 * behind a proxy like the one of the recordings. The proxy cuts the client off (the client notices at
 * once, the server is told nothing) and leads its next connections to the server that the recording
 * names. Until it is told to open, nothing runs here.
 */
import type { ClientEvent } from '../../protocol/events.ts';
import {
  NO_SESSION,
  serverName,
  sid,
  type ConnId,
  type EventRef,
  type RefSource,
  type SessionId,
} from '../../protocol/ids.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import { ZXID_ZERO } from '../../protocol/zxid.ts';
import type { ProcessInput, ProcessOutput } from '../../process/io.ts';
import type { ClientCommand } from '../../client/index.ts';

/** An input of any process of a lab. */
export type StationInput =
  ProcessInput | { readonly type: 'command'; readonly cause: EventRef; readonly command: ClientCommand };

/** What runs on a station. */
export interface StationProcess {
  step(now: VirtualTime, input: StationInput): readonly ProcessOutput[];
}

export type Order =
  | {
      readonly do: 'open';
      readonly server: number;
      /** Makes the process; `incarnation` tells those of one station apart. */
      readonly create: (refs: RefSource, incarnation: number) => StationProcess;
    }
  | { readonly do: 'cut' }
  | { readonly do: 'heal'; readonly server: number | null };

/** What the client's process told, in its order. */
export type Told = Extract<ClientEvent, { readonly kind: 'watch-event' | 'returned' }>;

/** The name of the request that makes a station take its next order. */
export const ORDER = 'station';

export class Station {
  readonly told: Told[] = [];
  /** As the last ConnectResponse said. */
  session: { readonly id: SessionId; readonly passwd: string; readonly timeout: number } | null = null;
  /** In the header of the last reply. */
  lastZxid = ZXID_ZERO;
  readonly #refs: RefSource;
  readonly #orders: Order[] = [];
  #process: StationProcess | null = null;
  #opened = 0;
  #target = sid(1);
  #cut = false;
  /** Connections of the process, and whether they stand. */
  readonly #conns = new Map<ConnId, boolean>();

  constructor(refs: RefSource) {
    this.#refs = refs;
  }

  /** Where connections lead; null: none can be made. */
  get server(): number | null {
    return this.#cut || this.#process === null ? null : this.#target;
  }

  /** Is carried out when the request {@link ORDER} comes. */
  order(order: Order): void {
    this.#orders.push(order);
  }

  step(now: VirtualTime, input: StationInput): readonly ProcessOutput[] {
    if (input.type === 'command' && input.command.do === 'request' && input.command.request.op === ORDER) {
      const order = this.#orders.shift();
      return order ? this.#carryOut(now, order, input.cause) : [];
    }
    if ('conn' in input) {
      if (input.type === 'accepted' || !this.#conns.has(input.conn)) return [];
      if (input.type === 'connected') this.#conns.set(input.conn, true);
      if (input.type === 'closed' || input.type === 'connect-failed') this.#conns.delete(input.conn);
      if (input.type === 'packet' && input.packet.type === 'ConnectResponse') {
        const { sessionId: id, passwd, timeout } = input.packet;
        if (id !== NO_SESSION) this.session = { id, passwd, timeout };
      }
      if (input.type === 'packet' && input.packet.type === 'Reply' && input.packet.zxid > 0) {
        this.lastZxid = input.packet.zxid;
      }
    }
    return this.#run(now, input);
  }

  #carryOut(now: VirtualTime, order: Order, cause: EventRef): readonly ProcessOutput[] {
    switch (order.do) {
      case 'open':
        this.#target = sid(order.server);
        this.#cut = false;
        this.#conns.clear();
        this.#process = order.create(this.#refs, this.#opened++);
        return this.#run(now, { type: 'boot', cause });
      case 'cut':
        this.#cut = true;
        return this.#breakAll(now, cause);
      case 'heal':
        this.#cut = false;
        if (order.server !== null) this.#target = sid(order.server);
        return [];
    }
  }

  /** The process is told that its connections are gone; their other ends are told nothing. */
  #breakAll(now: VirtualTime, cause: EventRef): readonly ProcessOutput[] {
    const broken = [...this.#conns];
    this.#conns.clear();
    return broken.flatMap(([conn, stood]) =>
      this.#run(now, {
        type: stood ? 'closed' : 'connect-failed',
        conn,
        peer: serverName(this.#target),
        port: 'client',
        cause,
      }),
    );
  }

  /** One step of the process; the proxy sees what it does. */
  #run(now: VirtualTime, input: StationInput): readonly ProcessOutput[] {
    const outputs: ProcessOutput[] = [];
    const refused: ConnId[] = [];
    for (const output of this.#process?.step(now, input) ?? []) {
      switch (output.type) {
        case 'connect':
          if (this.#cut) {
            refused.push(output.conn);
            continue;
          }
          this.#conns.set(output.conn, false);
          outputs.push({ ...output, to: serverName(this.#target) });
          continue;
        case 'send':
          if (!this.#conns.has(output.conn)) continue;
          break;
        case 'close':
          if (!this.#conns.delete(output.conn)) continue;
          break;
        case 'event': {
          const { body } = output.event;
          if (body.kind === 'watch-event' || body.kind === 'returned') this.told.push(body);
          break;
        }
        default:
      }
      outputs.push(output);
    }
    for (const conn of refused) {
      const peer = serverName(this.#target);
      outputs.push(...this.#run(now, { type: 'connect-failed', conn, peer, port: 'client', cause: input.cause }));
    }
    return outputs;
  }
}
