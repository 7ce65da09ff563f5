/** Permissions and identities on the console. */
import { describe, expect, it } from 'vitest';
import { aclLines, parseAcl, permString } from '../../../../src/client/console/acl-text.ts';
import { calls, shell, STAT_BLOCK, znode } from './server.ts';

const STAT_AFTER = STAT_BLOCK.with(7, 'aclVersion = 1');

describe('access control lists as text', () => {
  it.each([
    ['world:anyone:cdrwa', [['world', 'anyone', 31]], []],
    ['digest:u:h:ash:rw,ip:10.0.0.0/8:r', [['digest', 'u:h:ash', 3], ['ip', '10.0.0.0/8', 1]], []], // prettier-ignore
    ['auth::', [['auth', '', 0]], []],
    ['world:anyone:rx', [['world', 'anyone', 1]], ['Unknown perm type: x']],
    ['a,world:anyone:r,b:c', [['world', 'anyone', 1]], ['a does not have the form scheme:id:perm', 'b:c does not have the form scheme:id:perm']], // prettier-ignore
    ['', [], [' does not have the form scheme:id:perm']],
    [',', [], []],
    [',a:b:r,', [['a', 'b', 1]], [' does not have the form scheme:id:perm']],
  ] as const)('%j', (text, acl, complaints) => {
    expect(parseAcl(text)).toEqual({ acl: acl.map(([scheme, id, perms]) => ({ scheme, id, perms })), complaints });
  });

  it('permissions are printed in one order', () => {
    expect(permString(31)).toBe('cdrwa');
    expect(permString(3)).toBe('rw');
    expect(permString(0)).toBe('');
    expect(aclLines({ scheme: 'digest', id: 'a,b%\n}', perms: 20 })).toEqual(["'digest,'a%2Cb%25%0A%7D", ': ca']);
  });
});

describe('commands on permissions', () => {
  it.each([
    ['getAcl /a', ["'world,'anyone", ': cdrwa']],
    ['getAcl -s /a', ["'world,'anyone", ': cdrwa', ...STAT_BLOCK]],
    ['getAcl /no', ['Node does not exist: /no']],
    ['getAcl', ['getAcl [-s] path']],
    ['setAcl /a world:anyone:r', []],
    ['setAcl -s /a world:anyone:r', STAT_AFTER],
    ['setAcl -v x /a world:anyone:r', ['-v argument must be an int value']],
    ['setAcl /a/b world:anyone:r', ['Insufficient permission : /a/b']],
    ['setAcl /a anyone', ['anyone does not have the form scheme:id:perm', 'Acl is not valid : null']],
    ['setAcl /a', ['setAcl [-s] [-v version] [-R] path acl']],
    ['setAcl -R /a world:anyone:r', ['KeeperErrorCode = NoAuth for /a/b']],
    ['setAcl -R /no world:anyone:r', ['Node does not exist: /no']],
    ['setAcl -R /null x', ['x does not have the form scheme:id:perm', 'KeeperErrorCode = InvalidACL']],
    ['addauth digest a:b', []],
    ['addauth', ['addauth scheme auth']],
    ['whoami', ['Auth scheme: User', 'ip: 127.0.0.1']],
  ])('%s', (line, printed) => {
    expect(shell().rig.type(line)).toEqual(printed);
  });

  it('setAcl -R changes a subtree node by node', () => {
    const { rig, tree } = shell();
    rig.type('setAcl -R /a world:anyone:r');
    expect(calls(rig)).toEqual([
      'get /a',
      'setAcl /a',
      'ls /a',
      'setAcl /a/b',
      'setAcl /a/c',
      'ls /a/b',
      'setAcl /a/b/d',
      'ls /a/b/d',
      'ls /a/c',
    ]);
    expect(tree.get('/a/b/d')!.acl).toEqual([{ scheme: 'world', id: 'anyone', perms: 1 }]);
    expect(tree.get('/a/b')!.acl).toEqual(znode('').acl);
  });

  it('addauth does not wait for its answer', () => {
    const { rig } = shell();
    rig.server = null;
    rig.type('addauth digest a:b');
    rig.type('get /a');
    expect(calls(rig)).toEqual(['addauth', 'get /a']);
    expect(rig.of('call')[0]!.request).toEqual({ op: 'addauth', scheme: 'digest', auth: 'a:b' });
  });

  it('whoami prints its heading though the connection is lost', () => {
    const { rig } = shell();
    rig.server = null;
    rig.type('printwatches off');
    rig.type('whoami');
    rig.hangUp();
    expect(rig.printed().at(-1)).toBe('Auth scheme: User');
  });
});
