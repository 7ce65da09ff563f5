/** Watches on the console. */
import { describe, expect, it } from 'vitest';
import { shell } from './server.ts';

const USAGE =
  'addWatch [-m mode] path # optional mode is one of [PERSISTENT, PERSISTENT_RECURSIVE] - default is PERSISTENT_RECURSIVE';

describe('commands on watches', () => {
  it.each([
    ['addWatch /a', []],
    ['addWatch', [USAGE]],
    ['addWatch /a /b', [USAGE]],
    ['addWatch -m ONCE /a', [USAGE]],
    ['addWatch a', ['Path must start with / character']],
    ['removewatches', ['removewatches path [-c|-d|-a] [-l]']],
    ['removewatches a', ['Path must start with / character']],
  ])('%s', (line, printed) => {
    expect(shell().rig.type(line)).toEqual(printed);
  });

  it.each([
    ['addWatch /a', { op: 'addWatch', path: '/a', mode: 'PERSISTENT_RECURSIVE' }],
    ['addWatch -m persistent /a', { op: 'addWatch', path: '/a', mode: 'PERSISTENT' }],
    ['removewatches /a', { op: 'removewatches', path: '/a', type: 'Any', local: false }],
    ['removewatches /a -c -l', { op: 'removewatches', path: '/a', type: 'Children', local: true }],
    ['removewatches -d /a', { op: 'removewatches', path: '/a', type: 'Data', local: false }],
    ['removewatches -rp /a', { op: 'removewatches', path: '/a', type: 'Persistent', local: false }],
    ['removewatches -r /a', { op: 'removewatches', path: '/a', type: 'PersistentRecursive', local: false }],
    ['removewatches -a /a', { op: 'removewatches', path: '/a', type: 'Any', local: false }],
  ])('%s calls', (line, request) => {
    const { rig } = shell();
    rig.type(line);
    expect(rig.of('call').map((call) => call.request)).toEqual([request]);
  });

  it('a mode counts for its own line', () => {
    const { rig } = shell();
    rig.type('addWatch -m PERSISTENT /a');
    rig.type('addWatch /b');
    expect(rig.of('call').at(-1)!.request['mode']).toBe('PERSISTENT_RECURSIVE');
  });

  it('a watch that is removed says so; one that is not there does not', () => {
    const { rig } = shell();
    rig.type('get -w /a');
    expect(rig.type('removewatches /a -d').at(-1)).toMatch(
      /^WatchedEvent state:SyncConnected type:DataWatchRemoved path:\/a zxid: -1$/,
    );
    expect(rig.type('removewatches /b')).toEqual(['KeeperErrorCode = No such watcher for /b']);
  });
});
