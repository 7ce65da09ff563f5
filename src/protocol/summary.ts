/** What the trace keeps of a packet: enough to draw and to explain it, not its bytes. */
import { unreachable } from './assert.ts';
import type { PacketSummary } from './events.ts';
import type { Packet } from './network.ts';
import type { Operation } from './operations.ts';
import type { LoggedTxn } from './txns.ts';
import { configVersion } from './quorum-config.ts';
import { epochOf } from './zxid.ts';

/** The summary of any packet. Pure. */
export function summarize(packet: Packet): PacketSummary {
  switch (packet.type) {
    case 'HELLO':
      return { type: packet.type };
    case 'NOTIFICATION':
      return { type: packet.type, vote: packet.vote, state: packet.state };
    case 'FOLLOWERINFO':
    case 'OBSERVERINFO':
    case 'LEADERINFO':
      return { type: packet.type, zxid: packet.zxid, epoch: epochOf(packet.zxid) };
    case 'ACKEPOCH':
      return { type: packet.type, zxid: packet.zxid, epoch: packet.currentEpoch };
    case 'DIFF':
    case 'TRUNC':
    case 'SNAP':
    case 'UPTODATE':
    case 'ACK':
    case 'COMMIT':
    case 'PING':
      return { type: packet.type, zxid: packet.zxid };
    case 'NEWLEADER':
      return { type: packet.type, zxid: packet.zxid, config: configVersion(packet.config) };
    case 'COMMITANDACTIVATE':
      return { type: packet.type, zxid: packet.zxid, leader: packet.leader };
    case 'INFORMANDACTIVATE':
      return { type: packet.type, zxid: packet.zxid, leader: packet.leader, ...ofTxn(packet.txn) };
    case 'PROPOSAL':
    case 'INFORM':
      return { type: packet.type, zxid: packet.zxid, ...ofTxn(packet.txn) };
    case 'REVALIDATE':
      return { type: packet.type, zxid: packet.zxid, sessionId: packet.sessionId };
    case 'REQUEST':
      return {
        type: packet.type,
        zxid: packet.zxid,
        sessionId: packet.sessionId,
        xid: packet.cxid,
        ...ofOperation(packet.operation),
      };
    case 'SYNC':
      return { type: packet.type, zxid: packet.zxid, sessionId: packet.sessionId, xid: packet.cxid };
    case 'ConnectRequest':
      return { type: packet.type, zxid: packet.lastZxidSeen, sessionId: packet.sessionId };
    case 'ConnectResponse':
      return { type: packet.type, sessionId: packet.sessionId };
    case 'Request':
      return { type: packet.type, xid: packet.xid, ...ofOperation(packet.operation) };
    case 'Reply':
      return {
        type: packet.type,
        xid: packet.xid,
        zxid: packet.zxid,
        ...(packet.error === null ? {} : { error: packet.error }),
        ...(packet.result?.path === undefined ? {} : { path: packet.result.path }),
      };
    case 'FourLetterWord':
      return { type: packet.type, op: packet.word };
    case 'FourLetterAnswer':
    case 'BadFrame':
      return { type: packet.type };
    case 'WatchEvent':
      return { type: packet.type, event: packet.event, path: packet.path, zxid: packet.zxid };
    default:
      return unreachable(packet);
  }
}

function ofTxn({ txn }: LoggedTxn): Partial<PacketSummary> {
  return {
    txn: txn.type,
    ...('path' in txn ? { path: txn.path } : {}),
  };
}

function ofOperation(operation: Operation): Partial<PacketSummary> {
  return {
    op: operation.op,
    ...('path' in operation ? { path: operation.path } : {}),
  };
}
