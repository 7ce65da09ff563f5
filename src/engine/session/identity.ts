/**
 * Ids and passwords of sessions (`SessionTrackerImpl.initializeNextSessionId`,
 * `ZooKeeperServer.generatePasswd`).
 */
import { NO_SESSION, sessionId, type SessionId, type Sid } from '../../protocol/ids.ts';

/** Makes the session ids of one server, for one tracker's life. */
export class SessionIds {
  #next: bigint;

  /** @param wallClock ms since 1970 when the tracker starts; later trackers of the server start later, so ids never return. */
  constructor(sid: Sid, wallClock: number) {
    // 40 bits of the clock, then 16 bits to count in; the shifts let the clock's high bits fall off.
    const clock = ((BigInt(wallClock) << 24n) & MASK_64) >> 8n;
    this.#next = clock | (BigInt(sid) << 56n);
  }

  take(): SessionId {
    return sessionId(this.#next++);
  }
}

/** The server that made the session: the high byte of its id, which is signed. */
export function serverOfSession(id: SessionId): number {
  return Number(BigInt.asIntN(8, BigInt(id) >> 56n));
}

const MASK_64 = (1n << 64n) - 1n;
const MASK_48 = (1n << 48n) - 1n;
const SUPER_SECRET = 0xb3415c00n;
const MULTIPLIER = 0x5deece66dn;
const PASSWORD_BYTES = 16;

/** The password of `id`, 32 hex digits: the first bytes of `java.util.Random` seeded with the id. */
export function generatePasswd(id: SessionId): string {
  let state = (BigInt(id) ^ SUPER_SECRET ^ MULTIPLIER) & MASK_48;
  let hex = '';
  for (let word = 0; word < PASSWORD_BYTES / 4; word++) {
    state = (state * MULTIPLIER + 0xbn) & MASK_48;
    const bits = Number(state >> 16n);
    for (let byte = 0; byte < 4; byte++) hex += ((bits >>> (8 * byte)) & 0xff).toString(16).padStart(2, '0');
  }
  return hex;
}

export function checkPasswd(id: SessionId, passwd: string): boolean {
  return id !== NO_SESSION && passwd === generatePasswd(id);
}
