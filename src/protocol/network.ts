/** The network as actors see it: ports, connections and packets on them. */
import type { ClientPacket } from './operations.ts';
import type { ServerPacket } from './packets.ts';

/** What a connection is for: election links and quorum links between servers, and clients' connections. */
export type Port = 'election' | 'quorum' | 'client';
export type Packet = ServerPacket | ClientPacket;
export type PacketType = Packet['type'];

/** Every packet type; the names that `hold` and `drop` take. */
export const PACKET_TYPES = [
  'HELLO',
  'NOTIFICATION',
  'FOLLOWERINFO',
  'OBSERVERINFO',
  'LEADERINFO',
  'ACKEPOCH',
  'DIFF',
  'TRUNC',
  'SNAP',
  'NEWLEADER',
  'UPTODATE',
  'PROPOSAL',
  'INFORM',
  'ACK',
  'COMMIT',
  'COMMITANDACTIVATE',
  'INFORMANDACTIVATE',
  'PING',
  'REVALIDATE',
  'REQUEST',
  'SYNC',
  'ConnectRequest',
  'ConnectResponse',
  'Request',
  'Reply',
  'WatchEvent',
  'FourLetterWord',
  'FourLetterAnswer',
  'BadFrame',
] as const satisfies readonly PacketType[];
