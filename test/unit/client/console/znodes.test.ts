/** zkCli's commands on znodes: what each calls and prints (`org.apache.zookeeper.cli`). */
import { describe, expect, it } from 'vitest';
import { Rig, statOf, z } from '../rig.ts';
import { serverOf, shell, STAT_BLOCK, znode } from './server.ts';

function hexOf(digits: string, text: string): readonly string[] {
  return [
    '         +-------------------------------------------------+',
    '         |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |',
    '+--------+-------------------------------------------------+----------------+',
    `|00000000| ${digits.padEnd(48)}|${text.padEnd(16)}|`,
    '+--------+-------------------------------------------------+----------------+',
  ];
}

describe('commands on znodes', () => {
  it.each([
    ['create /n', ['Created /n']],
    ['create /n "two words"', ['Created /n']],
    ['create -s /n- x', ['Created /n-0000000001']],
    ['create -s -e /a/n- x', ['Created /a/n-0000000001']],
    ['create -se /a/n- x', ['Created /a/n-0000000001']],
    ['create -s /a/', ['Created /a/0000000001']],
    ['create /a x', ['Node already exists: /a']],
    ['create /no/n', ['Node does not exist: /no/n']],
    ['create', ['create [-s] [-e] [-c] [-t ttl] path [data] [acl]']],
    ['create /n/', ['Path must not end with / character']],
    ['create -c /n', ['Created /n']],
    ['create -t 100 /n', ['Created /n']],
    ['create -s -t 100 /n', ['Created /n0000000001']],
    ['create -t x /n', ['-t argument must be a long value']],
    ['create -t 9223372036854775808 /n', ['-t argument must be a long value']],
    ['create -t 0 /n', ['ttl must be positive and cannot be larger than: 1099511627775']],
    ['create -t 1099511627776 /n', ['ttl must be positive and cannot be larger than: 1099511627775']],
    ['create -t 5 -e /n', ['TTLs cannot be used with Ephemeral znodes']],
    ['create -t 5 -c /n', ['TTLs cannot be used with Container znodes']],
    [
      'create -e /local',
      [
        'Unable to create ephemeral node on a local session',
        'KeeperErrorCode = Ephemeral node on local session for /local',
      ],
    ],
    ['create -c -e /n', ['-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.']],
    ['create /n x world:anyone:r', ['Created /n']],
    [
      'create /n x anyone',
      ['anyone does not have the form scheme:id:perm', 'KeeperErrorCode = InvalidACL', 'Acl is not valid : null'],
    ],
    ['create /n x nobody:a:r', ['KeeperErrorCode = InvalidACL for /n', 'Acl is not valid : /n']],
    ['create -z /n', ['org.apache.commons.cli.UnrecognizedOptionException: Unrecognized option: -z']],
    ['delete /a/c', []],
    ['delete /a', ['Node not empty: /a']],
    ['delete /no', ['Node does not exist: /no']],
    ['delete -v 7 /a/c', ['version No is not valid : /a/c']],
    ['delete -v x /a/c', ['-v argument must be an int value']],
    ['delete -v', ['org.apache.commons.cli.MissingArgumentException: Missing argument for option: v']],
    ['delete', ['delete [-v version] path']],
    ['delete /a/c 3', ["'delete path [version]' has been deprecated. Please use 'delete [-v version] path' instead."]],
    ['deleteall /a', []],
    ['deleteall /a -b 2', []],
    ['deleteall /no', ['Node does not exist: /no']],
    ['deleteall', ['deleteall path [-b batch size]']],
    ['deleteall /', ['Failed to delete some node(s) in the subtree!']],
    ['deleteall -b 0 /', ['Arguments are not valid : /']],
    ['set /a v2', []],
    ['set -s /a v2', STAT_BLOCK.with(6, 'dataVersion = 2')],
    ['set -v 7 /a v2', ['version No is not valid : /a']],
    ['set -b /a djI=', []],
    ['set -b /a djI', []],
    ['set -b /a ?', ['set -b: the data is not valid base64']],
    [
      'set /a',
      [
        'set path data [-s] [-v version] [-b]',
        ' -b         Supply data in base64 format',
        ' -s         Print znode stats additionally',
        ' -v <arg>   Set with an expected version',
        '',
      ],
    ],
    ['get /a', ['v1']],
    ['get /null', ['null']],
    ['get /a/b', ['']],
    ['get /a/c', ['x', 'y']],
    ['get -s /a', ['v1', ...STAT_BLOCK]],
    ['get -b /a', ['djE=']],
    ['get -b /null', ['bnVsbA==']],
    ['get -x /null', hexOf('6e 75 6c 6c', 'null')],
    ['get -x /a/b', ['']],
    ['get /no', ['Node does not exist: /no']],
    ['get a', ['Path must start with / character']],
    ['get /a//b', ['Invalid path string "/a//b" caused by empty node name specified @3']],
    ['get /a/./b', ['Invalid path string "/a/./b" caused by relative paths not allowed @3']],
    ['get /a/..', ['Invalid path string "/a/.." caused by relative paths not allowed @4']],
    ['ls /a', ['[b, c]']],
    ['ls /null', ['[]']],
    ['ls -s /a', ['[b, c]', ...STAT_BLOCK]],
    ['ls -R /a', ['/a', '/a/b', '/a/c', '/a/b/d']],
    ['ls -R /', ['/', '/a', '/null', '/a/b', '/a/c', '/a/b/d']],
    ['ls -R /no', ['Node does not exist: /no']],
    ['ls', ['ls [-s] [-w] [-R] path']],
    ['ls -? /null', ['usage: ls [options] path', ' -?   help', ' -R   recurse', ' -s   stat', ' -w   watch', '[]']],
    ['ls /a w', ["'ls path [watch]' has been deprecated. Please use 'ls [-w] path' instead.", '[b, c]']],
    // The third word becomes the option, whichever it is.
    [
      'get -s /a w',
      [
        "'get path [watch]' has been deprecated. Please use 'get [-s] [-w] path' instead.",
        'Path must start with / character',
      ],
    ],
    ['stat /a', STAT_BLOCK],
    ['stat /no', ['Node does not exist: /no']],
    ['stat', ['stat [-w] path']],
    ['sync /', ['Sync is OK']],
    ['sync', ['sync path']],
    ['getEphemerals', ['[/e1, /e2]']],
    ['getEphemerals /e', ['[/e1, /e2]']],
    ['getAllChildrenNumber /', ['5']],
    ['getAllChildrenNumber', ['getAllChildrenNumber path']],
  ])('%s', (line, printed) => {
    expect(shell().rig.type(line)).toEqual(printed);
  });

  it('get -x prints sixteen bytes a row', () => {
    const { rig, tree } = shell();
    tree.set('/a', znode('hello, zookeeper!'));
    expect(rig.type('get -x /a')).toEqual([
      '         +-------------------------------------------------+',
      '         |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |',
      '+--------+-------------------------------------------------+----------------+',
      '|00000000| 68 65 6c 6c 6f 2c 20 7a 6f 6f 6b 65 65 70 65 72 |hello, zookeeper|',
      '|00000010| 21                                              |!               |',
      '+--------+-------------------------------------------------+----------------+',
    ]);
  });

  it('create asks for what its options say', () => {
    const { rig } = shell();
    for (const line of ['create /p x', 'create -c /c', 'create -s -t 7 /t', 'create -e /e "" digest:a:b:rw,auth::c']) {
      rig.type(line);
    }
    expect(rig.of('call').map(({ request }) => request)).toEqual([
      { op: 'create', path: '/p', mode: 'PERSISTENT', data: 'x', stat: false },
      { op: 'create', path: '/c', mode: 'CONTAINER', stat: false },
      { op: 'create', path: '/t', mode: 'PERSISTENT_SEQUENTIAL_WITH_TTL', ttl: 7, stat: true },
      {
        op: 'create',
        path: '/e',
        mode: 'EPHEMERAL',
        data: '',
        stat: false,
        acl: [
          { scheme: 'digest', id: 'a:b', perms: 3 },
          { scheme: 'auth', id: '', perms: 4 },
        ],
      },
    ]);
  });

  it('deleteall deletes the children before their parents, in one multi', () => {
    const { rig, tree } = shell();
    rig.type('deleteall /a');
    expect([...tree.keys()]).toEqual(['/', '/null']);
    expect(
      rig
        .of('call')
        .slice(0, -1)
        .map(({ request }) => request),
    ).toEqual(['/a', '/a/c', '/a/b', '/a/b/d'].map((path) => ({ op: 'ls', path, stat: false })));
    expect(rig.of('call').at(-1)!.request).toEqual({
      op: 'multi',
      ops: ['/a/b/d', '/a/b', '/a/c', '/a'].map((path) => ({ op: 'delete', path, version: -1 })),
    });
  });

  it('deleteall without batches deletes one by one', () => {
    const { rig, tree } = shell();
    rig.type('deleteall -b 0 /a');
    expect(
      rig
        .of('call')
        .slice(4)
        .map(({ request }) => `${request.op} ${request.path}`),
    ).toEqual(['delete /a/b/d', 'delete /a/b', 'delete /a/c', 'delete /a']);
    expect([...tree.keys()]).toEqual(['/', '/null']);
  });

  it('deleteall keeps ten multis in flight, and begins one more at most after a failure', () => {
    const { rig, tree } = shell();
    for (let n = 0; n < 20; n++) tree.set(`/null/n${n}`, znode(null));
    const answer = serverOf(tree);
    rig.server = (operation) => (operation.op === 'multi' ? null : answer(operation));
    rig.type('deleteall /null -b 1');
    const multis = () => rig.of('call').filter(({ request }) => request.op === 'multi').length;
    expect(multis()).toBe(10);
    // 21 calls of ls came before.
    rig.reply(22, { result: { results: [{ op: 'delete' }] } });
    expect(multis()).toBe(11);
    // The next one was decided upon before this failure came.
    rig.reply(23, { result: { results: [{ op: 'error', error: 'NOTEMPTY' }] } });
    expect(multis()).toBe(12);
    for (let xid = 24; xid < 34; xid++) rig.reply(xid, { result: { results: [{ op: 'delete' }] } });
    expect(multis()).toBe(12);
    expect(rig.printed().at(-1)).toBe('Failed to delete some node(s) in the subtree!');
  });

  it('-w sets a watch, and its event is printed', () => {
    const { rig } = shell();
    for (const line of ['get -w /a', 'ls -w /a', 'stat -w /no', 'ls -R -w /a/c', 'get /a true']) rig.type(line);
    const watched = rig.of('call').map(({ request }) => `${request.op} ${request.path} ${String(request['watch'])}`);
    expect(watched).toEqual([
      'get /a true',
      'ls /a true',
      'stat /no true',
      'get /a/c true',
      'ls /a/c true',
      'get /a true',
    ]);
    const before = rig.events.length;
    rig.packet({ type: 'WatchEvent', event: 'NodeDataChanged', path: '/a', zxid: z(12) });
    expect(rig.printed(before)).toEqual([
      '',
      'WATCHER::',
      '',
      'WatchedEvent state:SyncConnected type:NodeDataChanged path:/a zxid: 4294967308',
    ]);
  });

  it('client.connection-loss: the exception is printed with its path', () => {
    const rig = new Rig().establish();
    rig.type('printwatches off');
    expect(rig.type('create /a x')).toEqual([]);
    rig.hangUp();
    expect(rig.printed().at(-1)).toBe('KeeperErrorCode = ConnectionLoss for /a');
  });

  it('sync tells the code of a failure, and gives up after 30 s', () => {
    const rig = new Rig({ sessionTimeout: 90_000 }).establish(90_000);
    rig.type('sync /a');
    rig.reply(1, { error: 'NOAUTH' });
    expect(rig.printed().at(-1)).toBe('Sync has failed. rc=-102');
    rig.type('sync /a');
    rig.after(30_000);
    expect(rig.printed().at(-1)).toBe('Sync has failed: no answer within 30000 ms');
    rig.reply(2);
    expect(rig.printed().at(-1)).toBe('Sync has failed: no answer within 30000 ms');
  });

  it('lines typed while one is at work wait for it', () => {
    const rig = new Rig().establish();
    rig.type('get /a');
    rig.type('get /b');
    expect(rig.of('console-line').map(({ line }) => line)).toEqual(['get /a', 'get /b']);
    expect(rig.of('call')).toHaveLength(1);
    rig.reply(1, { result: { data: null, stat: statOf() } });
    expect(rig.of('call')).toHaveLength(2);
    rig.reply(2, { error: 'NONODE' });
    expect(rig.printed().slice(-2)).toEqual(['null', 'Node does not exist: /b']);
  });

  it('calls and output name the typed line as cause', () => {
    const { rig } = shell();
    rig.type('get /a');
    const line = rig.events.find(({ body }) => body.kind === 'console-line')!;
    const call = rig.events.find(({ body }) => body.kind === 'call')!;
    const output = rig.events.findLast(({ body }) => body.kind === 'console-output')!;
    expect(call.causes).toContain(line.ref);
    expect(output.causes).toContain(line.ref);
  });
});
