/** The zkCli console: what every command calls and prints (`ZooKeeperMain`, `org.apache.zookeeper.cli`). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitLine } from '../../../src/client/index.ts';
import { COMMANDS, usageList } from '../../../src/client/console/commands.ts';
import type { Operation } from '../../../src/protocol/operations.ts';
import { nodeName, parentPath } from '../../../src/protocol/znode.ts';
import { Rig, statOf, z, type Answer } from './rig.ts';

/** A server with a tree of texts, no more than the console needs. */
function treeServer(tree: Map<string, string | null>): (operation: Operation) => Answer {
  const children = (path: string) => [...tree.keys()].filter((key) => key !== '/' && parentPath(key) === path);
  return (operation) => {
    switch (operation.op) {
      case 'create': {
        const path = operation.mode.endsWith('SEQUENTIAL') ? `${operation.path}0000000001` : operation.path;
        if (tree.has(path)) return { error: 'NODEEXISTS' };
        if (!tree.has(parentPath(path))) return { error: 'NONODE' };
        tree.set(path, operation.data && new TextDecoder().decode(operation.data));
        return { result: { path } };
      }
      case 'delete':
        if (operation.path === '/') return { error: 'BADARGUMENTS' };
        if (!tree.has(operation.path)) return { error: 'NONODE' };
        if (children(operation.path).length > 0) return { error: 'NOTEMPTY' };
        if (operation.version > 0) return { error: 'BADVERSION' };
        tree.delete(operation.path);
        return {};
      case 'setData':
        if (!tree.has(operation.path)) return { error: 'NONODE' };
        if (operation.version > 0) return { error: 'BADVERSION' };
        tree.set(operation.path, operation.data && new TextDecoder().decode(operation.data));
        return { result: { stat: statOf({ version: 2 }) } };
      case 'getData': {
        const text = tree.get(operation.path);
        if (text === undefined) return { error: 'NONODE' };
        return { result: { data: text === null ? null : new TextEncoder().encode(text), stat: statOf() } };
      }
      case 'exists':
        return tree.has(operation.path) ? { result: { stat: statOf() } } : { error: 'NONODE' };
      case 'getChildren2':
        if (!tree.has(operation.path)) return { error: 'NONODE' };
        return { result: { children: children(operation.path).map(nodeName).reverse(), stat: statOf() } };
      case 'sync':
        return { result: { path: operation.path } };
      case 'getEphemerals':
        return { result: { paths: ['/e1', '/e2'] } };
      case 'getAllChildrenNumber':
        return { result: { number: tree.size - 1 } };
      default:
        return {};
    }
  };
}

/** A connected shell with /a (text `v1`), /a/b, /a/c, /a/b/d and /null. */
function shell(): { readonly rig: Rig; readonly tree: Map<string, string | null> } {
  const tree = new Map<string, string | null>([
    ['/', null],
    ['/a', 'v1'],
    ['/a/b', ''],
    ['/a/c', 'x\ny'],
    ['/a/b/d', ''],
    ['/null', null],
  ]);
  const rig = new Rig().establish();
  rig.server = treeServer(tree);
  rig.take();
  return { rig, tree };
}

const STAT_BLOCK = [
  'cZxid = 0x100000001',
  'ctime = Thu Jan 01 00:00:00 UTC 1970',
  'mZxid = 0x100000002',
  'mtime = Thu Jan 01 00:00:00 UTC 2026',
  'pZxid = 0x100000003',
  'cversion = 2',
  'dataVersion = 1',
  'aclVersion = 0',
  'ephemeralOwner = 0x0',
  'dataLength = 2',
  'numChildren = 1',
];

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
    ['create -c /n', ['create -c: container nodes are not in this release']],
    ['create -t 100 /n', ['create -t: TTL nodes are not in this release']],
    ['create -c -e /n', ['-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.']],
    ['create /n x world:anyone:r', ['create with an acl: access control lists are not in this release']],
    ['create -z /n', ['Unrecognized option: -z']],
    ['delete /a/c', []],
    ['delete /a', ['Node not empty: /a']],
    ['delete /no', ['Node does not exist: /no']],
    ['delete -v 7 /a/c', ['version No is not valid : /a/c']],
    ['delete -v x /a/c', ['-v argument must be an int value']],
    ['delete -v', ['Missing argument for option: v']],
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
    ['set -b /a ?', ['set -b: the data is not valid base64']],
    [
      'set /a',
      [
        'set path data [-s] [-v version] [-b]',
        ' -b         Supply data in base64 format',
        ' -s         Print znode stats additionally',
        ' -v <arg>   Set with an expected version',
      ],
    ],
    ['get /a', ['v1']],
    ['get /null', ['null']],
    ['get /a/b', ['']],
    ['get /a/c', ['x', 'y']],
    ['get -s /a', ['v1', ...STAT_BLOCK]],
    ['get -b /a', ['djE=']],
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
    tree.set('/a', 'hello, zookeeper!');
    expect(rig.type('get -x /a')).toEqual([
      '         +-------------------------------------------------+',
      '         |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |',
      '+--------+-------------------------------------------------+----------------+',
      '|00000000| 68 65 6c 6c 6f 2c 20 7a 6f 6f 6b 65 65 70 65 72 |hello, zookeeper|',
      '|00000010| 21                                              |!               |',
      '+--------+-------------------------------------------------+----------------+',
    ]);
  });

  it('deleteall deletes the children before their parents', () => {
    const { rig, tree } = shell();
    rig.type('deleteall /a');
    expect([...tree.keys()]).toEqual(['/', '/null']);
    const deleted = rig.of('call').filter(({ request }) => request.op === 'delete');
    expect(deleted.map(({ request }) => request.path)).toEqual(['/a/b/d', '/a/b', '/a/c', '/a']);
  });

  it('deleteall keeps a batch of deletes in flight, and stops after the batch that failed', () => {
    const { rig, tree } = shell();
    const answer = treeServer(tree);
    rig.server = (operation) => (operation.op === 'delete' ? null : answer(operation));
    rig.type('deleteall /a -b 3');
    const deletes = () => rig.of('call').filter(({ request }) => request.op === 'delete').length;
    expect(deletes()).toBe(3);
    // Four calls of ls came before.
    rig.reply(5);
    rig.reply(6, { error: 'NOTEMPTY' });
    expect(deletes()).toBe(3);
    rig.reply(7);
    expect(deletes()).toBe(3);
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
    rig.reply(1, { result: { data: null } });
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

describe('the shell', () => {
  it('a blank line does nothing', () => {
    const { rig } = shell();
    expect(rig.type('')).toEqual([]);
    expect(rig.type('   ')).toEqual([]);
    rig.type('printwatches');
    expect(rig.type('history')).toEqual(['0 - printwatches', '1 - history']);
  });

  it('an unknown command brings the list', () => {
    const { rig } = shell();
    expect(rig.type('mkdir /a')).toEqual([...usageList(), 'Command not found mkdir']);
    expect(rig.type('constructor')).toEqual([...usageList(), 'Command not found constructor']);
    expect(usageList()[1]).toBe('\tclose ');
    expect(usageList().slice(1)).toEqual([...usageList().slice(1)].sort());
  });

  it('help brings the list and what a later release brings', () => {
    const { rig } = shell();
    const lines = rig.type('help');
    expect(lines.slice(0, -1)).toEqual(usageList());
    expect(lines.at(-1)).toMatch(/^Not in this release: addWatch, .*whoami$/);
  });

  it.each(['getAcl /a', 'addauth digest a:b', 'config', 'whoami', 'setquota -n 1 /a'])(
    '%s is not in this release',
    (line) => {
      expect(shell().rig.type(line)).toEqual([`${line.split(' ')[0]!} is not in this release`]);
    },
  );

  it('history shows the last eleven lines, redo runs one of them again', () => {
    const { rig } = shell();
    for (let i = 0; i < 12; i++) rig.type('get /a');
    expect(rig.type('history')).toEqual([...Array.from({ length: 10 }, (_, i) => `${i + 2} - get /a`), '12 - history']);
    expect(rig.type('redo 5')).toEqual(['v1']);
    expect(rig.type('history').at(-2)).toBe('13 - get /a');
    expect(rig.type('redo 15')).toEqual(['Command index out of range']);
    expect(rig.type('redo x')).toEqual(['Command index out of range']);
    expect(rig.type('redo 15')).toEqual(['No redoing redos']);
    expect(rig.type('redo')).toEqual(['redo cmdno']);
  });

  it('printwatches tells and switches the printing of events', () => {
    const { rig } = shell();
    expect(rig.type('printwatches')).toEqual(['printwatches is on']);
    expect(rig.type('printwatches off')).toEqual([]);
    expect(rig.type('printwatches')).toEqual(['printwatches is off']);
    const before = rig.events.length;
    rig.hangUp();
    expect(rig.printed(before)).toEqual([]);
    expect(rig.watchEvents().at(-1)).toBe('None Disconnected null');
  });

  it('version and its usage', () => {
    const { rig } = shell();
    expect(rig.type('version')).toEqual([expect.stringMatching(/^ZooKeeper CLI version: /)]);
    expect(rig.type('version 1')).toEqual(['version ']);
  });

  it('client.close: close ends the session; then there is only connect', () => {
    const { rig } = shell();
    expect(rig.type('close')).toEqual(['', 'WATCHER::', '', 'WatchedEvent state:Closed type:None path:null zxid: -1']);
    expect(rig.returned()).toEqual(['close OK']);
    expect(rig.type('get /a')).toEqual(['Not connected']);
    expect(rig.type('version')).toEqual(['Not connected']);
    expect(rig.type('history').at(-1)).toBe('Not connected');
    expect(rig.type('connect')).toEqual([]);
    expect(rig.connects.at(-1)).toMatchObject({ to: 's1' });
    rig.connected();
    rig.accept();
    expect(rig.type('get /a')).toEqual(['v1']);
  });

  it('connect closes the session and makes a new one on the servers named', () => {
    const { rig } = shell();
    rig.type('connect s3,2:2181');
    expect(rig.returned()).toEqual(['close OK']);
    expect(rig.connects.at(-1)).toMatchObject({ to: 's3' });
    rig.refuse();
    expect(rig.connects.at(-1)).toMatchObject({ to: 's2' });
    rig.connected();
    expect(rig.sent.at(-1)!.packet).toMatchObject({ type: 'ConnectRequest', sessionId: '0x0' });
  });

  it.each(['connect s9', 'connect localhost:2181', 'connect ,', 'connect s0', 'connect s999'])(
    '%s is refused',
    (line) => {
      const { rig } = shell();
      expect(rig.type(line)).toEqual(['connect takes servers of this lab: connect s1 or connect s1,s2']);
      expect(rig.states().at(-1)).toBe('CONNECTED s1');
    },
  );

  it('quit closes the session and ends the process', () => {
    const { rig } = shell();
    rig.type('quit');
    expect(rig.returned()).toEqual(['close OK']);
    expect(rig.exited).toBe('quit');
  });

  it('random lines never throw and end in output or a call', () => {
    const word = fc.oneof(
      fc.constantFrom(...Object.keys(COMMANDS), 'help', 'getAcl', 'x'),
      fc.constantFrom(
        '/',
        '/a',
        '/a/b',
        '/no',
        '-s',
        '-w',
        '-R',
        '-v',
        '-v1',
        '-1',
        '--',
        '-',
        '0',
        '3',
        '"',
        "'",
        '"a b"',
        's2',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    );
    const line = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), fc.boolean(), (lines, answering) => {
        const { rig } = shell();
        if (!answering) rig.server = null;
        for (const text of lines) {
          const before = rig.events.length;
          const busy = rig.of('call').length > rig.of('returned').length;
          rig.type(text);
          if (rig.exited !== null) break;
          // These have nothing to say when all is well, nor has a blank line; redo may be of them.
          const [command] = splitLine(text);
          if (busy || ['printwatches', 'connect', 'redo', undefined].includes(command)) continue;
          const kinds = rig.events.slice(before).map(({ body }) => body.kind);
          expect(
            kinds.some((kind) => kind === 'console-output' || kind === 'call'),
            JSON.stringify(text),
          ).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
