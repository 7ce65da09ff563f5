import { describe, expect, test } from 'vitest';
import { checkACL, digestId, fixupACL, handleAuthentication, userName } from '../../../src/engine/auth/index.ts';
import { OPEN_ACL_UNSAFE, PERMS, type Acl, type AuthId } from '../../../src/protocol/znode.ts';

const ADDRESS: AuthId = { scheme: 'ip', id: '127.0.0.1' };
const BOB: AuthId = { scheme: 'digest', id: 'bob:fyVmFCwVbTJYrznoSu1koqYEYF0=' };
const CAROL: AuthId = { scheme: 'digest', id: digestId('carol:pw') };
const SUPER: AuthId = { scheme: 'super', id: '' };
const entry = (perms: number, scheme: string, id: string): Acl => ({ perms, scheme, id });
const asks = (acl: readonly Acl[], perm: number, ...authInfo: AuthId[]): boolean =>
  checkACL({ skipACL: false }, acl, perm, [ADDRESS, ...authInfo]);
const authenticate = (scheme: string, text: string | null, superDigest = ''): readonly AuthId[] | null =>
  handleAuthentication({ superDigest }, scheme, text === null ? null : new TextEncoder().encode(text), ADDRESS.id);

describe('what a list grants', () => {
  test('acl.granted: one entry must have the permission and mean the connection', () => {
    const acl = [entry(PERMS.READ, 'world', 'anyone'), entry(PERMS.WRITE | PERMS.CREATE, 'digest', BOB.id)];
    expect(asks(acl, PERMS.READ)).toBe(true);
    expect(asks(acl, PERMS.WRITE)).toBe(false);
    expect(asks(acl, PERMS.WRITE, BOB)).toBe(true);
    expect(asks(acl, PERMS.WRITE, CAROL)).toBe(false);
    expect(asks(acl, PERMS.DELETE, BOB)).toBe(false);
    expect(asks([entry(PERMS.ADMIN, 'world', 'anyone')], PERMS.READ | PERMS.ADMIN)).toBe(true);
  });

  test('acl.empty: no entry, no bounds', () => {
    expect(asks([], PERMS.ADMIN)).toBe(true);
  });

  test('acl.skip: nothing is checked', () => {
    const locked = [entry(0, 'world', 'anyone')];
    expect(checkACL({ skipACL: true }, locked, PERMS.READ, [ADDRESS])).toBe(true);
    expect(checkACL({ skipACL: false }, locked, PERMS.READ, [ADDRESS])).toBe(false);
  });

  test('acl.super: may do everything', () => {
    expect(asks([entry(0, 'world', 'anyone')], PERMS.ADMIN, SUPER)).toBe(true);
  });

  test('acl.world: only anyone is everybody', () => {
    expect(asks(OPEN_ACL_UNSAFE, PERMS.ALL)).toBe(true);
    expect(fixupACL([entry(31, 'world', 'someone')], [ADDRESS])).toBeNull();
  });

  describe('acl.ip: what means 127.0.0.1', () => {
    test.each([
      ['127.0.0.1', true],
      ['127.0.0.0/8', true],
      ['127.0.1.0/24', false],
      ['10.0.0.1', false],
      ['10.0.0.0/0', true],
      ['127.0.0.1/32', true],
      ['126.0.0.1/7', true],
      ['126.0.0.1/8', false],
    ])('%s: %s', (id, matches) => {
      const acl = [entry(PERMS.READ, 'ip', id)];
      expect(fixupACL(acl, [ADDRESS])).toEqual(acl);
      expect(asks(acl, PERMS.READ)).toBe(matches);
    });
  });

  test('acl.digest: the whole id must be the same', () => {
    expect(digestId('bob:secret')).toBe(BOB.id);
    expect(asks([entry(PERMS.READ, 'digest', BOB.id)], PERMS.READ, BOB)).toBe(true);
    // Not a digest at all, but nobody looks.
    expect(fixupACL([entry(31, 'digest', 'bob:secret')], [])).not.toBeNull();
    expect(asks([entry(PERMS.READ, 'digest', 'bob:secret')], PERMS.READ, BOB)).toBe(false);
  });
});

describe('what may be stored', () => {
  test('acl.auth: stands for the ids that were proved, not for the address', () => {
    expect(fixupACL([entry(5, 'auth', 'ignored')], [ADDRESS, SUPER, BOB, CAROL])).toEqual([
      { perms: 5, ...BOB },
      { perms: 5, ...CAROL },
    ]);
  });

  test('acl.duplicates: dropped before auth is replaced', () => {
    const any = entry(1, 'world', 'anyone');
    const address = entry(31, 'ip', '127.0.0.1');
    expect(fixupACL([address, any, address, entry(2, 'world', 'anyone')], [])).toEqual([
      address,
      any,
      entry(2, 'world', 'anyone'),
    ]);
    const bob = { perms: 31, ...BOB };
    expect(fixupACL([entry(31, 'auth', ''), bob, entry(31, 'auth', 'x')], [BOB])).toEqual([bob, bob, bob]);
  });

  describe('acl.invalid', () => {
    test.each<readonly [what: string, acl: readonly Acl[] | null]>([
      ['no list', null],
      ['no entries', []],
      ['auth of a stranger', [entry(31, 'auth', '')]],
      ['super', [entry(31, 'super', '')]],
      ['an unknown scheme', [entry(31, 'nosuch', 'x')]],
      ['a scheme that every object has', [entry(31, 'constructor', 'x')]],
      ...['bob', 'bob:a:b', '', ':', 'bob:'].map((id) => [`digest ${id}`, [entry(31, 'digest', id)]] as const),
      ...[
        '127.0.0',
        '127.0.0.256',
        '127.0.0.1/33',
        '127.0.0.1/-1',
        'localhost',
        '',
        '127.0.0.1/8/8',
        '127.0.0.1/',
        '::1',
      ].map((id) => [`ip ${id}`, [entry(31, 'ip', id)]] as const),
    ])('%s', (_what, acl) => {
      expect(fixupACL(acl, [ADDRESS])).toBeNull();
      // One bad entry spoils the list.
      if (acl?.length) expect(fixupACL([...OPEN_ACL_UNSAFE, ...acl], [ADDRESS])).toBeNull();
    });
  });

  test('any permission bits are stored', () => {
    const odd = [entry(-1, 'world', 'anyone'), entry(32, 'world', 'anyone'), entry(31, 'digest', ':b')];
    expect(fixupACL(odd, [])).toEqual(odd);
  });
});

describe('who a connection is', () => {
  // As real servers have answered.
  test.each([
    ['bob:secret', BOB.id, 'bob'],
    ['bob:', 'bob:tK1fpNO1hB0F++FhHpSq0Fa4tv0=', 'bob'],
    ['nocolon', 'nocolon:Ra+cHr2ZoHvBjtNArFGNGlVie4g=', 'nocolon'],
    ['a:b:c', 'a:cLzgnoJ6mP5qz3w+mwvPE2vDgu0=', 'a'],
    ['', ':2jmj7l5rSw0yVb/vlWAYkK/YBwk=', ''],
  ])('acl.authenticated: digest %j', (auth, id, user) => {
    expect(authenticate('digest', auth)).toEqual([{ scheme: 'digest', id }]);
    expect(userName({ scheme: 'digest', id })).toBe(user);
  });

  test('acl.authenticated: ip is what the connection comes from, whatever the client says', () => {
    expect(authenticate('ip', '10.1.2.3')).toEqual([ADDRESS]);
    expect(userName(ADDRESS)).toBe('127.0.0.1');
  });

  test('acl.super: the digest of superDigest is the super user, and itself too', () => {
    const id = digestId('super:oracle');
    expect(authenticate('digest', 'super:oracle', id)).toEqual([SUPER, { scheme: 'digest', id }]);
    expect(authenticate('digest', 'super:wrong', id)).toHaveLength(1);
    expect(userName(SUPER)).toBe('');
  });

  test.each([
    ['nosuch', 'bob'],
    ['world', 'anyone'],
    ['auth', ''],
    ['super', 'super:oracle'],
    ['digest', null],
  ])('acl.auth-failed: scheme %s with %j', (scheme, auth) => {
    expect(authenticate(scheme, auth, digestId('super:oracle'))).toBeNull();
  });
});
