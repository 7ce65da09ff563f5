/** The ensemble's configuration on the console. */
import { describe, expect, it } from 'vitest';
import { clientConnectString } from '../../../../src/client/console/config.ts';
import { CONFIG, shell, STAT_BLOCK } from './server.ts';

const USAGE =
  'reconfig [-s] [-v version] [[-file path] | [-members serverID=host:port1:port2;port3[,...]*]] | ' +
  '[-add serverId=host:port1:port2;port3[,...]]* [-remove serverId[,...]*]';
const LINES = CONFIG.split('\n');
const MIXED =
  "Can't use -file or -members together with -add or -remove (mixing incremental and non-incremental modes is not allowed)";

describe('commands on the configuration', () => {
  it.each([
    ['config', LINES],
    ['config -s', [...LINES, ...STAT_BLOCK]],
    ['config -c', ['100000000 0.0.0.0:2181,s2:2182,']],
    ['reconfig', [USAGE]],
    ['reconfig -s', [USAGE]],
    ['reconfig -remove 2', ['Committed new configuration:', ...LINES]],
    [
      'reconfig -s -add server.4=s4:2888:3888;2181',
      ['Committed new configuration:', ...LINES, ...STAT_BLOCK.with(0, 'cZxid = 0x100000000')],
    ],
    ['reconfig -v x -remove 2', ['-v must be followed by a long (configuration version)']],
    ['reconfig -members 1=a:1:2;3 -remove 2', [MIXED]],
    ['reconfig -file f -add 1=a:1:2;3', [MIXED]],
    ['reconfig -file f -members 1=a:1:2;3', ["Can't use -file and -members together (conflicting non-incremental modes)"]], // prettier-ignore
    ['reconfig -file f', ['Error processing f: a page cannot read files, give the list with -members']],
    ['reconfig -remove 9', ['Arguments are not valid : ']],
    ['reconfig -remove 7', ['KeeperErrorCode = Reconfig is disabled']],
    ['reconfig -add=1', ['org.apache.commons.cli.UnrecognizedOptionException: Unrecognized option: -add=1']],
    [
      'reconfig -remove 8',
      [
        'No quorum of new config is connected and up-to-date with the leader of last commmitted config - ' +
          'try invoking reconfiguration after new servers are connected and synced',
      ],
    ],
  ])('%s', (line, printed) => {
    expect(shell().rig.type(line)).toEqual(printed);
  });

  it.each([
    ['config -w', { op: 'config', watch: true }],
    ['reconfig -remove 1,2', { op: 'reconfig', leaving: '1,2', version: -1 }],
    ['reconfig -v 10000000a -add SERVER.4=S4:1:2;3', { op: 'reconfig', joining: 'server.4=s4:1:2;3', version: 0x10000000a }], // prettier-ignore
    ['reconfig -members 1=a:1:2;3,2=b:1:2;3', { op: 'reconfig', members: '1=a:1:2;3,2=b:1:2;3', version: -1 }],
  ])('%s calls', (line, request) => {
    const { rig } = shell();
    rig.type(line);
    expect(rig.of('call').map((call) => call.request)).toEqual([request]);
  });

  it('a server that names no host for clients takes all addresses', () => {
    expect(clientConnectString('server.1=a:1:2:participant;2181\nversion=0')).toBe('0 0.0.0.0:2181');
  });
});
