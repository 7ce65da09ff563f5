/** The numbers that real servers and clients use on the wire and in the log, written down once more by hand. */
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../../src/protocol/errors.ts';
import { sessionId } from '../../../src/protocol/ids.ts';
import { ADD_WATCH_MODES, OP_CODES, WATCHER_TYPES, XID, type Operation } from '../../../src/protocol/operations.ts';
import { CREATE_MODES, OPEN_ACL_UNSAFE, PERMS, type Stat } from '../../../src/protocol/znode.ts';
import { decodeServerFrame, encodeClientFrame, encodeServerFrame, toHex } from '../../../src/protocol/wire/index.ts';
import { Rig } from '../client/rig.ts';

/** `name 1, other −2` as a table. */
function table(text: string): Record<string, number> {
  return Object.fromEntries(
    text
      .trim()
      .split(/,\s*/)
      .map((entry) => {
        const [name = '', number = ''] = entry.split(' ');
        return [name, Number(number)];
      }),
  );
}

describe('numbers', () => {
  test('request.op-codes: of every operation', () => {
    expect(OP_CODES).toEqual(
      table(`notification 0, create 1, delete 2, exists 3, getData 4, setData 5, getACL 6, setACL 7, getChildren 8, sync 9,
        ping 11, getChildren2 12, check 13, multi 14, create2 15, reconfig 16, checkWatches 17, removeWatches 18,
        createContainer 19, deleteContainer 20, createTTL 21, multiRead 22, auth 100, setWatches 101, sasl 102,
        getEphemerals 103, getAllChildrenNumber 104, setWatches2 105, addWatch 106, whoAmI 107, createSession -10,
        closeSession -11, error -1`),
    );
  });

  test('request.error-codes: of every error', () => {
    expect(ERROR_CODES).toEqual(
      table(`OK 0, SYSTEMERROR -1, RUNTIMEINCONSISTENCY -2, DATAINCONSISTENCY -3, CONNECTIONLOSS -4, MARSHALLINGERROR -5,
        UNIMPLEMENTED -6, OPERATIONTIMEOUT -7, BADARGUMENTS -8, UNKNOWNSESSION -12, NEWCONFIGNOQUORUM -13,
        RECONFIGINPROGRESS -14, NONODE -101, NOAUTH -102, BADVERSION -103, NOCHILDRENFOREPHEMERALS -108,
        NODEEXISTS -110, NOTEMPTY -111, SESSIONEXPIRED -112, INVALIDCALLBACK -113, INVALIDACL -114, AUTHFAILED -115,
        SESSIONMOVED -118, NOTREADONLY -119, EPHEMERALONLOCALSESSION -120, NOWATCHER -121, REQUESTTIMEOUT -122,
        RECONFIGDISABLED -123, SESSIONCLOSEDREQUIRESASLAUTH -124, QUOTAEXCEEDED -125, THROTTLEDOP -127`),
    );
  });

  test('acl.permissions: of every permission', () => {
    expect(PERMS).toEqual(table('READ 1, WRITE 2, CREATE 4, DELETE 8, ADMIN 16, ALL 31'));
  });

  test('mode.flags: of every mode, and the request that it is sent with', () => {
    const flags = table(`PERSISTENT 0, EPHEMERAL 1, PERSISTENT_SEQUENTIAL 2, EPHEMERAL_SEQUENTIAL 3, CONTAINER 4,
      PERSISTENT_WITH_TTL 5, PERSISTENT_SEQUENTIAL_WITH_TTL 6`);
    expect(CREATE_MODES.map((mode, flag) => [mode, flag])).toEqual(Object.entries(flags));
    for (const mode of CREATE_MODES) {
      const operation: Operation = { op: 'create2', path: '/', data: null, acl: OPEN_ACL_UNSAFE, mode };
      const hex = toHex(encodeClientFrame({ type: 'Request', xid: 1, operation }));
      expect(hex.slice(-8)).toBe(String(flags[mode]).padStart(8, '0'));
    }
  });

  test('watch.numbers: of modes, types and events', () => {
    expect(ADD_WATCH_MODES).toEqual(table('PERSISTENT 0, PERSISTENT_RECURSIVE 1'));
    expect(WATCHER_TYPES).toEqual(table('Children 1, Data 2, Any 3, Persistent 4, PersistentRecursive 5'));
    for (const [event, number] of [
      ['NodeCreated', 1],
      ['NodeDeleted', 2],
      ['NodeDataChanged', 3],
      ['NodeChildrenChanged', 4],
    ] as const) {
      const bytes = encodeServerFrame({ type: 'WatchEvent', event, path: '/a', zxid: 7 as never }, {});
      // xid −1, zxid −1, no error; type, SyncConnected, path.
      expect(toHex(bytes)).toBe(`${'f'.repeat(24)}00000000${`${number}`.padStart(8, '0')}00000003000000022f61`);
    }
  });

  test('watch.no-data: an event is its type, a state and a path, and nothing else', () => {
    const event = { type: 'WatchEvent', event: 'NodeDataChanged', path: '/a', zxid: 7 as never } as const;
    const bytes = encodeServerFrame(event, {});
    expect(bytes).toHaveLength(16 + 4 + 4 + 4 + 2);
    // The header's zxid is −1, whatever transaction it was (3.8): a client does not learn it.
    expect(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(4)).toBe(-1n);
  });

  test('request.special-xids: a client counts from 1, also on its next connection; pings are apart', () => {
    expect(XID).toEqual(table('notification -1, ping -2, auth -4, setWatches -8'));
    const rig = new Rig().establish(6000);
    rig.take();
    rig.request('get', { path: '/a' });
    rig.reply(1);
    rig.after(2000);
    expect(rig.take()).toMatchObject([{ xid: 1 }, { xid: -2, operation: { op: 'ping' } }]);
    rig.hangUp();
    rig.after(1000);
    rig.connected();
    rig.accept(6000);
    rig.take();
    rig.request('get', { path: '/b' });
    expect(rig.take()).toMatchObject([{ xid: 2 }]);
  });

  test('stat.fields: in this order, of these sizes', () => {
    const stat: Stat = {
      czxid: 1 as never,
      mzxid: 2 as never,
      ctime: 3,
      mtime: 4,
      version: 5,
      cversion: 6,
      aversion: 7,
      ephemeralOwner: sessionId(8n),
      dataLength: 9,
      numChildren: 10,
      pzxid: 11 as never,
    };
    const operation: Operation = { op: 'exists', path: '/', watch: false };
    const frame = { type: 'Reply', xid: 1, zxid: 1 as never, error: null, result: { stat } } as const;
    const bytes = encodeServerFrame(frame, { operation });
    const [long, int] = [
      (n: number) => n.toString(16).padStart(16, '0'),
      (n: number) => n.toString(16).padStart(8, '0'),
    ];
    expect(toHex(bytes).slice(32)).toBe(
      [long(1), long(2), long(3), long(4), int(5), int(6), int(7), long(8), int(9), int(10), long(11)].join(''),
    );
    expect(decodeServerFrame(bytes, true, () => operation)).toEqual(frame);
  });
});
