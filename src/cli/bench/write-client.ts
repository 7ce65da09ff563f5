/** A session at a real ZooKeeper that costs next to nothing: it writes the same data again and again, and counts the replies. */
import { createConnection, type Socket } from 'node:net';
import { NO_SESSION } from '../../protocol/ids.ts';
import { decodeServerFrame, encodeClientFrame } from '../../protocol/wire/index.ts';
import type { ClientPacket } from '../../protocol/operations.ts';
import { OPEN_ACL_UNSAFE } from '../../protocol/znode.ts';
import { ZXID_ZERO } from '../../protocol/zxid.ts';
import { DATA, PATH } from './workload.ts';

const data = new TextEncoder().encode(DATA);
/** Where a reply's header tells of its error: behind length, xid and zxid. */
const ERROR_AT = 16;

export class WriteClient {
  readonly #socket: Socket;
  #buffer: Buffer = Buffer.alloc(0);
  /** Called for each reply, in order: with its frame and its length word. */
  #told: (frame: Buffer) => void = () => undefined;
  #failed: (error: Error) => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay();
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('error', (error) => this.#failed(error));
    socket.on('close', () => this.#failed(new Error('ZooKeeper closed the connection')));
  }

  /** A session, and the znode that it writes to. @throws Error if the server does not serve */
  static async connect(port: number): Promise<WriteClient> {
    const socket = await new Promise<Socket>((resolve, reject) => {
      const opening = createConnection(port, '127.0.0.1', () => resolve(opening));
      opening.on('error', reject);
    });
    const client = new WriteClient(socket);
    const answer = await client.#ask({
      type: 'ConnectRequest',
      lastZxidSeen: ZXID_ZERO,
      timeout: 40_000,
      sessionId: NO_SESSION,
      passwd: '0'.repeat(32),
      readOnly: false,
    });
    const packet = decodeServerFrame(answer.subarray(4), false, () => null);
    if (packet.type !== 'ConnectResponse' || packet.timeout <= 0) throw new Error('ZooKeeper gives no session');
    // That it is there already is no error here.
    await client.#ask({
      type: 'Request',
      xid: 1,
      operation: { op: 'create', path: PATH, data, acl: OPEN_ACL_UNSAFE, mode: 'PERSISTENT' },
    });
    return client;
  }

  /** Keeps so many writes outstanding for so long. Resolves to the replies a second. @throws Error at a failed write */
  writes(outstanding: number, seconds: number): Promise<number> {
    const frame = framed({ type: 'Request', xid: 2, operation: { op: 'setData', path: PATH, data, version: -1 } });
    const send = (count: number): void => {
      this.#socket.write(count === 1 ? frame : Buffer.concat(Array.from({ length: count }, () => frame)));
    };
    return new Promise((resolve, reject) => {
      this.#failed = reject;
      const begin = performance.now();
      let replies = 0;
      let owed = outstanding;
      let answered = 0;
      let ended = 0;
      this.#told = (reply) => {
        if (reply.readInt32BE(ERROR_AT) !== 0) reject(new Error(`a write fails with ${reply.readInt32BE(ERROR_AT)}`));
        owed--;
        if (ended === 0) {
          replies++;
          answered++;
          // What one piece of the stream answers is asked for again at once.
          if (answered === 1) {
            queueMicrotask(() => {
              if (ended > 0) return;
              send(answered);
              owed += answered;
              answered = 0;
            });
          }
          const now = performance.now();
          if (now - begin >= 1000 * seconds) ended = now;
        }
        // Those on their way do not count, and must not answer the next measurement.
        if (ended > 0 && owed === 0) resolve((1000 * replies) / (ended - begin));
      };
      send(outstanding);
    });
  }

  close(): void {
    this.#failed = () => undefined;
    this.#socket.destroy();
  }

  #ask(packet: ClientPacket): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#told = resolve;
      this.#failed = reject;
      this.#socket.write(framed(packet));
    });
  }

  #take(bytes: Buffer): void {
    const buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    let at = 0;
    while (buffer.length - at >= 4 && buffer.length - at >= 4 + buffer.readInt32BE(at)) {
      const end = at + 4 + buffer.readInt32BE(at);
      this.#told(buffer.subarray(at, end));
      at = end;
    }
    this.#buffer = buffer.subarray(at);
  }
}

function framed(packet: ClientPacket): Buffer {
  const frame = encodeClientFrame(packet);
  const length = Buffer.alloc(4);
  length.writeInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}
