/** The shell itself: unknown words, history, session (`ZooKeeperMain`). */
import { describe, expect, it } from 'vitest';
import { usageList } from '../../../../src/client/console/commands.ts';
import { shell } from './server.ts';

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
  });

  it('there is no command help, and its list is the help', () => {
    const { rig } = shell();
    expect(rig.type('help')).toEqual([...usageList(), 'Command not found help']);
  });

  it('the list is that of ZooKeeper 3.9', () => {
    expect(usageList()).toEqual([
      'ZooKeeper -server host:port -client-configuration properties-file cmd args',
      '\taddWatch [-m mode] path # optional mode is one of [PERSISTENT, PERSISTENT_RECURSIVE] - default is PERSISTENT_RECURSIVE',
      '\taddauth scheme auth',
      '\tclose ',
      '\tconfig [-c] [-w] [-s]',
      '\tconnect host:port',
      '\tcreate [-s] [-e] [-c] [-t ttl] path [data] [acl]',
      '\tdelete [-v version] path',
      '\tdeleteall path [-b batch size]',
      '\tdelquota [-n|-b|-N|-B] path',
      '\tget [-s] [-w] [-b] [-x] path',
      '\tgetAcl [-s] path',
      '\tgetAllChildrenNumber path',
      '\tgetEphemerals path',
      '\thistory ',
      '\tlistquota path',
      '\tls [-s] [-w] [-R] path',
      '\tprintwatches on|off',
      '\tquit ',
      '\treconfig [-s] [-v version] [[-file path] | [-members serverID=host:port1:port2;port3[,...]*]] | [-add serverId=host:port1:port2;port3[,...]]* [-remove serverId[,...]*]',
      '\tredo cmdno',
      '\tremovewatches path [-c|-d|-a] [-l]',
      '\tset path data [-s] [-v version] [-b]',
      '\tsetAcl [-s] [-v version] [-R] path acl',
      '\tsetquota -n|-b|-N|-B val path',
      '\tstat [-w] path',
      '\tsync path',
      '\tversion ',
      '\twhoami ',
    ]);
  });

  it('a line of nothing but an open quote is no command', () => {
    expect(shell().rig.type('"')).toEqual([...usageList(), 'No command entered']);
  });

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
    expect(rig.type('redo -1')).toEqual(['Command index out of range']);
    // The history is kept whole.
    expect(rig.type('redo 0')).toEqual(['v1']);
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
    expect(rig.type('redo 1')).toEqual(['Not connected', 'Not connected']);
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
});
