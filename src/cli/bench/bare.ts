/** What a request cannot do without: its bytes. The ceiling that labs are measured against. Knows no runtime. */
import { adler32 } from '../../engine/index.ts';
import { NO_SESSION, type SessionId } from '../../protocol/ids.ts';
import { encodeTxn } from '../../protocol/jute/txn.ts';
import type { ClientPacket, Operation } from '../../protocol/operations.ts';
import { encodeClientFrame, encodeServerFrame } from '../../protocol/wire/index.ts';
import type { Stat } from '../../protocol/znode.ts';
import { makeZxid } from '../../protocol/zxid.ts';
import { DATA, PATH, type LoadKind } from './workload.ts';

const data = new TextEncoder().encode(DATA);
const SESSION = '0x100000000000001' as SessionId;

/**
 * Encodes the frames of so many requests and their replies, and for each write what every server puts into its log, with
 * its checksum; for each read the znode is looked up.
 */
export function encodeOnly(kind: LoadKind, servers: number, count: number): void {
  const tree = new Map([[PATH, { data, stat: statOf(0) }]]);
  for (let i = 1; i <= count; i++) {
    const operation: Operation =
      kind === 'writes'
        ? { op: 'setData', path: PATH, data, version: -1 }
        : { op: 'getData', path: PATH, watch: false };
    const asked: ClientPacket = { type: 'Request', xid: i, operation };
    encodeClientFrame(asked);
    const zxid = makeZxid(1, i);
    if (kind === 'writes') {
      tree.set(PATH, { data, stat: statOf(i) });
      for (let server = 0; server < servers; server++) {
        adler32(
          encodeTxn({
            header: { clientId: SESSION, cxid: i, zxid, time: i },
            txn: { type: 'setData', path: PATH, data, version: i },
            digest: { version: 2, treeDigest: 0n },
          }),
        );
      }
    }
    const found = tree.get(PATH);
    if (!found) throw new Error('the znode is there');
    const result = kind === 'writes' ? { stat: found.stat } : found;
    encodeServerFrame({ type: 'Reply', xid: i, zxid, error: null, result }, { operation });
  }
}

function statOf(version: number): Stat {
  const zxid = makeZxid(1, version);
  return {
    czxid: makeZxid(1, 0),
    mzxid: zxid,
    ctime: 0,
    mtime: version,
    version,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: NO_SESSION,
    dataLength: data.length,
    numChildren: 0,
    pzxid: makeZxid(1, 0),
  };
}
