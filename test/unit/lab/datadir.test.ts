/** What a data directory may hold that no server has written: it is refused with a sentence, or passed over. */
import { expect, test } from 'vitest';
import { adler32 } from '../../../src/engine/index.ts';
import { openDataDir } from '../../../src/lab/datadir/index.ts';
import { JuteWriter } from '../../../src/protocol/jute/codec.ts';
import { fileHeader } from '../../../src/protocol/jute/records.ts';
import { encodeTxn } from '../../../src/protocol/jute/txn.ts';
import { NO_SESSION } from '../../../src/protocol/ids.ts';
import type { Txn } from '../../../src/protocol/txns.ts';
import { OPEN_ACL_UNSAFE } from '../../../src/protocol/znode.ts';
import { makeZxid } from '../../../src/protocol/zxid.ts';
import { encodeSnapshot } from '../../../src/engine/storage/snapshot.ts';
import { DataTree } from '../../../src/engine/tree/data-tree.ts';

const LOG_MAGIC = 0x5a4b4c47;
const NODE = { data: null, acl: OPEN_ACL_UNSAFE, parentCVersion: 1 } as const;

/** A directory with an empty snapshot and a log of this one transaction. */
function open(txn: Txn): ReturnType<typeof openDataDir> {
  const out = new JuteWriter();
  fileHeader.write(out, { magic: LOG_MAGIC, version: 2, dbid: 0 });
  const header = { clientId: NO_SESSION, cxid: 0, zxid: makeZxid(1, 1), time: 0 };
  const bytes = encodeTxn({ header, txn });
  out.int64(adler32(bytes));
  out.int32(bytes.length);
  out.raw(bytes);
  out.int8(0x42);
  return openDataDir([
    { name: 'version-2/log.100000001', bytes: out.finish() },
    { name: 'version-2/snapshot.0', bytes: encodeSnapshot({ tree: new DataTree(), sessions: new Map() }) },
  ]);
}

test.each([0, -5, 2 ** 40])('a time to live of %d ms is refused, also in a multi', (ttl) => {
  const txn = { type: 'createTTL', path: '/a', ttl, ...NODE } as const;
  for (const each of [txn, { type: 'multi', txns: [txn] } as const]) {
    expect(open(each)).toMatchObject({ ok: false, reason: expect.stringContaining('no time to live') as string });
  }
});

test.each(['', '/', '//', 'a', '/a/'])('a create of %j makes no znode without a name', (path) => {
  const opened = open({ type: 'create', path, ephemeral: false, ...NODE });
  expect(opened.ok && opened.znodes).toBe(path === 'a' ? 5 : 4);
});
