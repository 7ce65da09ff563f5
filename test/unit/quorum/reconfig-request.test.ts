/** What a request to reconfigure asks for, and why it may not (reference/reconfig.md, sections 2 and 4). */
import { describe, expect, test } from 'vitest';
import { quorumVerifier } from '../../../src/engine/election/index.ts';
import type { ReconfigOperation } from '../../../src/engine/ports.ts';
import { nextConfiguration, type ReconfigLeader } from '../../../src/engine/quorum/reconfig-request.ts';
import { NO_RULE_BROKEN } from '../../../src/protocol/defects.ts';
import { ZOO_DEFAULTS, type MemberConfig, type QuorumGroups } from '../../../src/protocol/config.ts';
import { sid, type Sid } from '../../../src/protocol/ids.ts';
import { initialConfig } from '../../../src/protocol/quorum-config.ts';
import type { Zxid } from '../../../src/protocol/zxid.ts';

const ZXID = 0x100000005 as Zxid;
const VERSION = 0x100000000 as Zxid;
const NO_GROUPS = { groups: {}, weights: {} };
const line = (n: number, role = 'participant'): string =>
  `server.${n}=127.0.0.1:${28880 + n}:${38880 + n}:${role};127.0.0.1:${21810 + n}`;

interface Options {
  readonly members?: readonly MemberConfig[];
  readonly quorums?: QuorumGroups;
  readonly lastSeen?: number;
  readonly synced?: readonly number[];
  readonly standaloneEnabled?: boolean;
}

/** The members that come of it, observers in brackets, or the error. */
function ask(request: Partial<ReconfigOperation>, options: Options = {}): string {
  const { quorums = NO_GROUPS, lastSeen = VERSION, synced = [1, 2, 3], standaloneEnabled = false } = options;
  const members = options.members ?? [1, 2, 3].map((n) => ({ sid: sid(n), role: 'participant' }));
  const config = { ...initialConfig(members, quorums), version: VERSION };
  const leader: ReconfigLeader = {
    ctx: NO_RULE_BROKEN,
    quorumVerifier: quorumVerifier(config),
    lastSeenQuorumVerifier: quorumVerifier({ ...config, version: lastSeen as Zxid }),
    isQuorumSynced: (verifier) =>
      verifier.containsQuorum(new Set(verifier.votingMembers.filter((voter) => synced.includes(voter)))),
  };
  const operation = {
    op: 'reconfig',
    joiningServers: null,
    leavingServers: null,
    newMembers: null,
    curConfigId: -1 as Zxid,
    ...request,
  } as const;
  const next = nextConfiguration(operation, ZXID, { ...ZOO_DEFAULTS, standaloneEnabled }, leader);
  if (typeof next === 'string') return next;
  expect(next.version).toBe(ZXID);
  return next.allMembers.map(({ sid, role }) => (role === 'observer' ? `(${sid})` : sid)).join(' ');
}

describe('forms', () => {
  test('reconfig.incremental, reconfig.version: those that leave go first, then each that joins is added or replaces', () => {
    expect(ask({ leavingServers: '3' })).toBe('1 2');
    expect(ask({ joiningServers: line(4) })).toBe('1 2 3 4');
    expect(
      ask({ joiningServers: ` ${line(3, 'observer')} , ${line(4)},`, leavingServers: '1, 9' }, { synced: [2, 4] }),
    ).toBe('2 (3) 4');
    expect(ask({ joiningServers: line(3), leavingServers: '3' })).toBe('1 2 3');
    expect(ask({ joiningServers: '', leavingServers: '' })).toBe('1 2 3');
    expect(ask({})).toBe('1 2 3');
  });

  test('reconfig.bulk: the list is all that counts, groups included', () => {
    expect(ask({ newMembers: `${line(1)},${line(2)}`, joiningServers: line(4), leavingServers: '1' })).toBe('1 2');
    expect(ask({ newMembers: `${line(1)}\n${line(3)},group.1=1:3,weight.3=0` })).toBe('1 3');
  });
});

describe('errors, in order', () => {
  test('reconfig.in-progress comes before the condition', () => {
    expect(ask({ curConfigId: 7 as Zxid, leavingServers: '3' }, { lastSeen: VERSION + 1 })).toBe('RECONFIGINPROGRESS');
  });

  test('reconfig.from-config comes before the text', () => {
    expect(ask({ curConfigId: 7 as Zxid, newMembers: 'nonsense' })).toBe('BADVERSION');
    expect(ask({ curConfigId: 0 as Zxid })).toBe('BADVERSION');
    expect(ask({ curConfigId: VERSION })).toBe('1 2 3');
  });

  test('reconfig.bulk-text: what the real server refuses itself, and what it stumbles over', () => {
    expect(ask({ newMembers: 'nonsense' })).toBe('BADARGUMENTS');
    expect(ask({ newMembers: 'server.x=127.0.0.1:1:2' })).toBe('MARSHALLINGERROR');
    expect(ask({ newMembers: line(1, 'observer') })).toBe('MARSHALLINGERROR');
  });

  test('reconfig.majority-only comes before the strings', () => {
    const quorums = { groups: { 1: [1, 2, 3] as Sid[] }, weights: {} };
    expect(ask({ leavingServers: 'x' }, { quorums })).toBe('BADARGUMENTS');
    expect(ask({ newMembers: `${line(1)},${line(2)}` }, { quorums })).toBe('1 2');
  });

  describe('reconfig.server-string', () => {
    test.each([
      ['server.4=127.0.0.1', 'BADARGUMENTS'],
      ['server.4', 'BADARGUMENTS'],
      ['server.4=127.0.0.1:28884:38884:observer', 'BADARGUMENTS'],
      ['server.4=127.0.0.1:28884:38884:king;21814', 'BADARGUMENTS'],
      ['server.x=127.0.0.1:28884:38884;21814', 'MARSHALLINGERROR'],
      ['server.4=127.0.0.1:28884:99999;21814', 'MARSHALLINGERROR'],
      ['4=127.0.0.1:28884:38884;21814', '1 2 3 4'],
    ])('%s is %s', (text, answer) => expect(ask({ joiningServers: text })).toBe(answer));
  });

  test('reconfig.duplicate-address also among those that join; an own former address is free', () => {
    const at = (n: number, host: string): string => `server.${n}=${host}:1:2;${host}:3`;
    expect(ask({ joiningServers: `${at(4, '10.0.0.4')},${at(5, '10.0.0.4')}` })).toBe('BADARGUMENTS');
    expect(ask({ joiningServers: `${at(4, '10.0.0.4')},${at(4, '10.0.0.4')}` })).toBe('1 2 3 4');
  });

  test('reconfig.too-few-voters: two, or one with standaloneEnabled off; before the quorum', () => {
    expect(ask({ leavingServers: '2,3' }, { standaloneEnabled: true, synced: [] })).toBe('BADARGUMENTS');
    expect(ask({ leavingServers: '2,3' })).toBe('1');
    expect(ask({ leavingServers: '1,2,3' }, { synced: [] })).toBe('BADARGUMENTS');
  });

  test('reconfig.quorum-synced: a quorum of the new voters', () => {
    expect(ask({ joiningServers: [4, 5, 6].map((n) => line(n)).join() })).toBe('NEWCONFIGNOQUORUM');
    expect(ask({ joiningServers: [4, 5].map((n) => line(n)).join() })).toBe('1 2 3 4 5');
    expect(ask({ leavingServers: '3' }, { synced: [1, 3] })).toBe('NEWCONFIGNOQUORUM');
  });
});
