import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MemberConfig } from '../../../src/protocol/config.ts';
import { sid, type Sid } from '../../../src/protocol/ids.ts';
import {
  changeServers,
  clashingAddress,
  formatConfig,
  initialConfig,
  labServer,
  parseConfig,
  parseProperties,
  parseServer,
  sameConfig,
  type QuorumConfig,
} from '../../../src/protocol/quorum-config.ts';
import type { Zxid } from '../../../src/protocol/zxid.ts';

const NO_GROUPS = { groups: {}, weights: {} };
const QUORUM_CODE = { standaloneEnabled: false };
const members = (...sids: number[]): MemberConfig[] => sids.map((n) => ({ sid: sid(n), role: 'participant' }));
const three = initialConfig(members(1, 2, 3), NO_GROUPS);
const line = (n: number): string =>
  `server.${n}=127.0.0.1:${28880 + n}:${38880 + n}:participant;127.0.0.1:${21810 + n}`;

function read(text: string, zoo = QUORUM_CODE): QuorumConfig {
  const parsed = parseConfig(text, zoo);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value;
}

function refused(text: string, zoo = QUORUM_CODE): string {
  const parsed = parseConfig(text, zoo);
  return parsed.ok ? 'ok' : parsed.kind;
}

describe('reconfig.config-text', () => {
  test('servers, then the version in hexadecimal', () => {
    expect(formatConfig({ ...three, version: 0x100000000 as Zxid })).toBe(
      [line(1), line(2), line(3), 'version=100000000'].join('\n'),
    );
  });

  test('groups and weights stand between them; who has no weight has 1', () => {
    const config = initialConfig(members(1, 2, 3), { groups: { 1: [1, 2, 3] as Sid[] }, weights: { 3: 0 } });
    expect(formatConfig(config).split('\n').slice(3)).toEqual([
      'group.1=1:2:3',
      'weight.1=1',
      'weight.2=1',
      'weight.3=0',
      'version=0',
    ]);
  });

  test('what is printed is read back', () => {
    const config = fc
      .record({
        sids: fc.uniqueArray(fc.integer({ min: 1, max: 255 }), { minLength: 1, maxLength: 14 }),
        observers: fc.nat(),
        grouped: fc.boolean(),
        version: fc.integer({ min: 0, max: 2 ** 40 }),
      })
      .map(({ sids, observers, grouped, version }) => {
        const list = sids.map((n, i) => ({
          sid: sid(n),
          role: i > 0 && i % (observers + 2) === 0 ? ('observer' as const) : ('participant' as const),
        }));
        const voters = list.filter(({ role }) => role === 'participant').map((member) => member.sid);
        const groups: Record<string, Sid[]> = grouped ? { 1: voters.slice(0, 2), 2: voters.slice(2) } : {};
        if (groups[2]?.length === 0) delete groups[2];
        return { ...initialConfig(list, { groups, weights: {} }), version: version as Zxid };
      });
    fc.assert(
      fc.property(config, (config) => {
        const text = formatConfig(config);
        expect(formatConfig(read(text))).toBe(text);
        expect(sameConfig(read(text), config)).toBe(true);
      }),
    );
  });

  test('servers stand in the order of a Java hash table', () => {
    const sids = (config: Pick<QuorumConfig, 'servers'>): number[] => config.servers.map((server) => server.sid);
    expect(sids(initialConfig(members(17, 3, 16, 2), NO_GROUPS))).toEqual([16, 17, 2, 3]);
    // A leader copies the table of three servers, which is a small one, and adds to it.
    expect(
      sids({ servers: changeServers(three.servers, [], [labServer({ sid: sid(8), role: 'participant' })]) }),
    ).toEqual([8, 1, 2, 3]);
    // With four more it has grown.
    const more = [4, 5, 6, 8].map((n) => labServer({ sid: sid(n), role: 'participant' }));
    expect(sids({ servers: changeServers(three.servers, [], more) })).toEqual([1, 2, 3, 4, 5, 6, 8]);
  });

  test('any bytes are read or refused', () => {
    const part = fc.constantFrom(
      'server.1',
      '=',
      ':',
      ';',
      '127.0.0.1',
      '28881',
      'x',
      '\n',
      'group.1',
      'weight.1',
      '[',
      ']',
      '\\',
      '|',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const parsed = parseConfig(parts.join(''), QUORUM_CODE);
        expect(typeof parsed.ok).toBe('boolean');
      }),
    );
  });
});

describe('reading', () => {
  test('fle.one-group-each: a participant in no group or in two is refused', () => {
    expect(refused([line(1), line(2), 'group.1=1'].join('\n'))).toBe('config');
    expect(refused([line(1), line(2), 'group.1=1:2', 'group.2=2'].join('\n'))).toBe('config');
    expect(refused([line(1), line(2), 'group.1=1', 'group.2=2'].join('\n'))).toBe('ok');
  });

  test.each([
    ['nonsense', 'config'],
    [`${line(1)}\nclientPort=2181`, 'config'],
    ['server.x=127.0.0.1:1:2', 'argument'],
    ['server.1=127.0.0.1', 'config'],
    ['server.1=127.0.0.1:1:2:king', 'config'],
    ['server.1=127.0.0.1:1:1', 'config'],
    ['server.1=127.0.0.1:1:70000', 'argument'],
    ['server.1=127.0.0.1:1:2:observer', 'argument'],
    ['', 'argument'],
    ['server.1=127.0.0.1:1:2;3', 'ok'],
    ['server.1=127.0.0.1:1:2', 'ok'],
    [`${line(1)}\nversion=xyz`, 'argument'],
  ])('%j is %s', (text, kind) => expect(refused(text)).toBe(kind));

  test('forms of one server', () => {
    const of = (text: string): unknown => {
      const parsed = parseServer(sid(5), text);
      return parsed.ok ? parsed.value : parsed.kind;
    };
    const at = (host: string, port: number): unknown => ({ host, port });
    expect(of('h:1:2')).toMatchObject({ role: 'participant', quorum: at('h', 1), election: at('h', 2), client: null });
    expect(of('h:1:2:OBSERVER;3')).toMatchObject({ role: 'observer', client: at('0.0.0.0', 3) });
    expect(of('[::1]:1:2:participant;[::2]:3')).toMatchObject({ quorum: at('::1', 1), client: at('::2', 3) });
    expect(of('h:1:2;')).toMatchObject({ client: null });
    for (const bad of ['h:1', 'h:1:2:participant:4', 'h:1:2;3;4', 'h:1:2;a:b:3', 'h:x:2', '[::1:1:2', 'a:1:2|b:1:2'])
      expect(of(bad)).toBe('config');
    expect(of(';')).toBe('argument');
  });

  test('properties: other separators, comments, escapes, continued lines', () => {
    const text = '# no\n! no\n a : b\nc d\n\ne\\=f = g\\\n   h\na=last\r\n';
    expect([...parseProperties(text)]).toEqual([
      ['a', 'last'],
      ['c', 'd'],
      ['e=f', 'gh'],
    ]);
  });
});

describe('reconfig.duplicate-address', () => {
  const server = (n: number, text: string) => {
    const parsed = parseServer(sid(n), text);
    if (!parsed.ok) throw new Error(parsed.message);
    return parsed.value;
  };
  test('addresses of other machines must differ, in any of the three places', () => {
    const a = server(1, '10.0.0.1:1:2;10.0.0.1:3');
    expect(clashingAddress(a, server(2, '10.0.0.2:1:2;10.0.0.1:3'))).toEqual({ host: '10.0.0.1', port: 3 });
    expect(clashingAddress(a, server(2, '10.0.0.1:3:4;10.0.0.1:5'))).toEqual({ host: '10.0.0.1', port: 3 });
    expect(clashingAddress(a, server(2, '10.0.0.2:1:2;10.0.0.2:3'))).toBe(null);
  });
  test('loopback, wildcard and names are not compared', () => {
    for (const host of ['127.0.0.1', 'localhost', 'zoo1', '0.0.0.0', '[::1]', '[::]'])
      expect(clashingAddress(server(1, `${host}:1:2;3`), server(2, `${host}:1:2;3`))).toBe(null);
  });
});
