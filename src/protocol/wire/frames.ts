/**
 * Packets of a client's connection as frames: the bytes behind the length word (`ClientCnxn.Packet.createBB`,
 * `NIOServerCnxn`, `ZooKeeperServer.processPacket`, `ClientCnxn.SendThread.readResponse`). Reading takes any bytes and
 * never throws: what is no packet is a `BadFrame`.
 */
import { assert, unreachable } from '../assert.ts';
import { ERROR_CODES, errorName } from '../errors.ts';
import { JuteError, JuteReader, JuteWriter, type Codec } from '../jute/codec.ts';
import { decodeJavaUtf8, encodeJavaUtf8 } from '../jute/utf8.ts';
import {
  OP_CODES,
  XID,
  type ClientPacket,
  type NodeEventType,
  type Operation,
  type OperationResult,
} from '../operations.ts';
import { ZXID_UNKNOWN, type Zxid } from '../zxid.ts';
import {
  connectRequest,
  connectResponse,
  NAMES,
  replyHeader,
  requestHeader,
  REQUESTS,
  RESULTS,
  watcherEvent,
} from './records.ts';
import { flag, JuteCounter } from './values.ts';

/** What a server's frame depends on beside its packet. */
export interface WireContext {
  /** What the request asked that a Reply answers: it decides the body. Absent: the reply has none. */
  readonly operation?: Operation | null;
  /** The client's ConnectRequest had no read-only byte (before 3.4): the answer has none either. */
  readonly oldClient?: boolean;
}

/** `Watcher.Event.EventType` */
const EVENT_TYPES: Readonly<Record<NodeEventType, number>> = {
  NodeCreated: 1,
  NodeDeleted: 2,
  NodeDataChanged: 3,
  NodeChildrenChanged: 4,
};
const EVENT_NAMES = new Map(Object.entries(EVENT_TYPES).map(([name, type]) => [type, name as NodeEventType]));
/** `Watcher.Event.KeeperState.SyncConnected`: what servers say with each event. */
const SYNC_CONNECTED = 3;

/** What a client sends, as one frame. A BadFrame and what only servers send have no frame. */
export function encodeClientFrame(packet: ClientPacket): Uint8Array {
  const out = new JuteWriter();
  write(out, packet, {});
  return out.finish();
}

/** What a server sends, as one frame. A FourLetterAnswer is bare text: no length word goes before it. */
export function encodeServerFrame(packet: ClientPacket, context: WireContext): Uint8Array {
  const out = new JuteWriter();
  write(out, packet, context);
  return out.finish();
}

/**
 * Bytes of a packet's frame, without its length word: what `jute.maxbuffer` limits, and what counts as a response's size.
 * Exact, and copies no data.
 */
export function frameLength(packet: ClientPacket, context: WireContext = {}): number {
  const out = new JuteCounter();
  write(out, packet, context);
  return out.length;
}

/** Most bytes that the frame of a successful reply can have: cheap to tell, and seldom near a limit. */
export function replyBound(result: OperationResult & { readonly op?: string }): number {
  const { path = '', data, children, paths, acl, ids, results } = result;
  const texts = [path, ...(children ?? []), ...(paths ?? [])].reduce((sum, text) => sum + 4 + 3 * text.length, 0);
  const entries = [
    ...(acl ?? []).map(({ scheme, id }) => scheme.length + id.length),
    ...(ids ?? []).map(({ scheme, user }) => scheme.length + user.length),
  ].reduce((sum, characters) => sum + 12 + 3 * characters, 0);
  const parts = (results ?? []).reduce((sum, part) => sum + replyBound(part), 0);
  // Header, lengths and a Stat of 68 bytes; the header of a part of a multi.
  return 128 + texts + entries + parts + (data?.length ?? 0);
}

/**
 * The packet in a client's frame. `connected`: its ConnectRequest has been read, so that requests follow. A body that cannot
 * be read is for the request's processor to find (`unreadable`), except that of `auth`, which is read at once.
 */
export function decodeClientFrame(bytes: Uint8Array, connected: boolean): ClientPacket {
  return reading(bytes, (input) => (connected ? readRequest(input, bytes) : readConnectRequest(input)));
}

/**
 * The packet in a server's frame. `connected`: the ConnectResponse has been read. `operationOf` tells what the request of a
 * reply asked; null: no such request, and no body is looked for.
 */
export function decodeServerFrame(
  bytes: Uint8Array,
  connected: boolean,
  operationOf: (xid: number) => Operation | null,
): ClientPacket {
  return reading(bytes, (input) => (connected ? readAnswer(input, operationOf) : readConnectResponse(input)));
}

function reading(bytes: Uint8Array, read: (input: JuteReader) => ClientPacket): ClientPacket {
  try {
    return read(new JuteReader(bytes));
  } catch (error) {
    if (error instanceof JuteError) return { type: 'BadFrame', why: error.message };
    throw error;
  }
}

// ---- writing

function write(out: JuteWriter, packet: ClientPacket, context: WireContext): void {
  switch (packet.type) {
    case 'ConnectRequest':
      connectRequest.write(out, { ...packet, protocolVersion: 0 });
      if (!packet.oldClient) flag.write(out, packet.readOnly);
      break;
    case 'ConnectResponse':
      connectResponse.write(out, { ...packet, protocolVersion: 0 });
      if (!context.oldClient) flag.write(out, packet.readOnly);
      break;
    case 'Request':
      writeRequest(out, packet.xid, packet.operation);
      break;
    case 'Reply': {
      const { xid, zxid, error, result } = packet;
      replyHeader.write(out, { xid, zxid, err: error === null ? 0 : ERROR_CODES[error] });
      if ((error === null || result) && context.operation) writeResult(out, context.operation, result);
      break;
    }
    case 'WatchEvent':
      // 3.9 puts the transaction's zxid into the header; before, it was always −1.
      replyHeader.write(out, { xid: XID.notification, zxid: ZXID_UNKNOWN, err: 0 });
      watcherEvent.write(out, { type: EVENT_TYPES[packet.event], state: SYNC_CONNECTED, path: packet.path });
      break;
    case 'FourLetterWord':
      out.raw(encodeJavaUtf8(packet.word));
      break;
    case 'FourLetterAnswer':
      out.raw(encodeJavaUtf8(packet.text));
      break;
    case 'BadFrame':
      break;
    default:
      unreachable(packet);
  }
}

function writeRequest(out: JuteWriter, xid: number, operation: Operation): void {
  if (operation.op === 'unreadable' || operation.op === 'unknown') {
    requestHeader.write(out, { xid, code: operation.code });
    return;
  }
  requestHeader.write(out, { xid, code: OP_CODES[operation.op] });
  if (operation.op === 'deleteContainer') out.raw(encodeJavaUtf8(operation.path));
  // The table gives each operation the record of its own fields.
  else (REQUESTS[operation.op] as Codec<Operation>).write(out, operation);
}

function writeResult(out: JuteWriter, { op }: Operation, result: OperationResult | null): void {
  const body = RESULTS[op];
  assert(!body || result || op === 'addWatch' || op === 'sasl', `a reply to ${op} without a result`);
  // The table gives each operation the record of its own result.
  (body as Codec<OperationResult | null> | null)?.write(out, result);
}

// ---- reading

function readConnectRequest(input: JuteReader): ClientPacket {
  const { lastZxidSeen, timeout, sessionId, passwd } = connectRequest.read(input);
  const oldClient = input.remaining === 0;
  return {
    type: 'ConnectRequest',
    // Only compared with the server's own.
    lastZxidSeen: lastZxidSeen as Zxid,
    timeout,
    sessionId,
    passwd,
    readOnly: oldClient ? false : flag.read(input),
    ...(oldClient ? { oldClient } : {}),
  };
}

function readConnectResponse(input: JuteReader): ClientPacket {
  const { timeout, sessionId, passwd } = connectResponse.read(input);
  const readOnly = input.remaining > 0 && flag.read(input);
  return { type: 'ConnectResponse', timeout, sessionId, passwd, readOnly };
}

function readRequest(input: JuteReader, frame: Uint8Array): ClientPacket {
  const { xid, code } = requestHeader.read(input);
  return { type: 'Request', xid, operation: readOperation(code, input, frame) };
}

function readOperation(code: number, input: JuteReader, frame: Uint8Array): Operation {
  const op = NAMES.get(code);
  if (op === undefined) return { op: 'unknown', code };
  // The server takes the whole buffer for the path, header and all, so that nobody can delete a container this way.
  if (op === 'deleteContainer') return { op, path: decodeJavaUtf8(frame) };
  try {
    // The table gives each operation the record of its own fields.
    return { op, ...(REQUESTS[op] as Codec<object>).read(input) } as Operation;
  } catch (error) {
    if (error instanceof JuteError && op !== 'auth') return { op: 'unreadable', code };
    throw error;
  }
}

function readAnswer(input: JuteReader, operationOf: (xid: number) => Operation | null): ClientPacket {
  const { xid, zxid, err } = replyHeader.read(input);
  if (xid === XID.notification) {
    const { type, path } = watcherEvent.read(input);
    const event = EVENT_NAMES.get(type);
    if (!event) throw new JuteError(`an event of type ${type}`);
    return { type: 'WatchEvent', event, path, zxid };
  }
  const error = errorName(err);
  if (error === null) throw new JuteError(`an error ${err}`);
  if (error !== 'OK') return { type: 'Reply', xid, zxid, error, result: null };
  const operation = operationOf(xid);
  const body = operation && RESULTS[operation.op];
  const result: OperationResult | null = body ? body.read(input) : null;
  return { type: 'Reply', xid, zxid, error: null, result };
}
