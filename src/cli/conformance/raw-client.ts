/**
 * A client without the Java library, as the area `wire` has it: it connects, sends what it is given, byte for byte, and keeps
 * each frame that comes back. It pings only when told to.
 */
import type { ActorName, ConnId, EventRef, RefSource } from '../../protocol/ids.ts';
import type { ClientPacket, Operation } from '../../protocol/operations.ts';
import { decodeClientFrame, encodeServerFrame } from '../../protocol/wire/index.ts';
import type { ProcessOutput } from '../../process/io.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import type { StationInput, StationProcess } from './station.ts';

/** Frames longer than this close the connection (the recordings' default). */
const FRAME_MAX = 0xfffff;

/** What came: a packet with the request that it answers, or the connection's end. */
export type Received =
  { readonly packet: ClientPacket; readonly operation: Operation | null } | { readonly closed: true };

export class RawClient implements StationProcess {
  /** Until it is taken. */
  readonly received: Received[] = [];
  /** The connection is gone. */
  ended = false;
  /** The ConnectRequest was sent without its read-only byte. */
  oldClient = false;
  readonly #name: ActorName;
  readonly #server: ActorName;
  readonly #refs: RefSource;
  readonly #incarnation: number;
  /** Requests without an answer, in the order of sending. */
  readonly #asked: { readonly xid: number; readonly operation: Operation }[] = [];
  /** Frames behind their length words, or what is sent in place of one. */
  readonly #outgoing: ClientPacket[] = [];
  #conn: ConnId | null = null;
  #stands = false;
  #connected = false;
  #hangUp = false;

  constructor(name: ActorName, server: ActorName, refs: RefSource, incarnation: number) {
    this.#name = name;
    this.#server = server;
    this.#refs = refs;
    this.#incarnation = incarnation;
  }

  /** Is sent with the next step. */
  send(packet: ClientPacket): void {
    this.#outgoing.push(packet);
  }

  /** A stream of bytes, length words included; what is cut short waits for ever. */
  sendBytes(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + 4 <= bytes.length;) {
      const length = view.getInt32(at);
      at += 4;
      if (length < 0 || length > FRAME_MAX) {
        this.send({ type: 'BadFrame', why: `a frame of ${length} bytes` });
        return;
      }
      if (at + length > bytes.length) return;
      this.send(decodeClientFrame(bytes.subarray(at, at + length), this.#connected));
      at += length;
    }
  }

  /** The connection is dropped with the next step. */
  close(): void {
    this.#hangUp = true;
  }

  step(_now: VirtualTime, input: StationInput): readonly ProcessOutput[] {
    const outputs: ProcessOutput[] = [];
    switch (input.type) {
      case 'boot':
        // The form is that of ConnId: initiator, incarnation, running number.
        this.#conn = `${this.#name}#${this.#incarnation}.raw` as ConnId;
        outputs.push({ type: 'connect', conn: this.#conn, to: this.#server, port: 'client', causes: [input.cause] });
        break;
      case 'connected':
        this.#stands = true;
        break;
      case 'packet':
        // Of a client's connection.
        this.#take(input.packet as ClientPacket);
        break;
      case 'closed':
      case 'connect-failed':
        this.#stands = false;
        this.#conn = null;
        this.ended = true;
        this.received.push({ closed: true });
        break;
      default:
    }
    if (this.#conn !== null && this.#stands) outputs.push(...this.#flush(this.#conn, input.cause));
    return outputs;
  }

  /** The bytes of what was received, without a length word. */
  bytes(packet: ClientPacket, operation: Operation | null): Uint8Array {
    return encodeServerFrame(packet, { operation, oldClient: this.oldClient });
  }

  #flush(conn: ConnId, cause: EventRef): readonly ProcessOutput[] {
    const outputs: ProcessOutput[] = this.#outgoing.splice(0).map((packet) => {
      if (packet.type === 'Request') this.#asked.push(packet);
      return { type: 'send', conn, packet, ref: this.#refs.take(), causes: [cause], rule: undefined };
    });
    if (this.#hangUp) {
      this.#conn = null;
      outputs.push({ type: 'close', conn, reason: 'the recording says so', causes: [cause] });
    }
    return outputs;
  }

  #take(packet: ClientPacket): void {
    if (packet.type === 'ConnectResponse') this.#connected = true;
    const at = packet.type === 'Reply' ? this.#asked.findIndex(({ xid }) => xid === packet.xid) : -1;
    const [asked] = at === -1 ? [] : this.#asked.splice(at, 1);
    this.received.push({ packet, operation: asked?.operation ?? null });
  }
}
