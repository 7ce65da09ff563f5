/** What the page tells people to type, and what it offers of disks, is what the lab takes. */
import { expect, test } from 'vitest';
import { parseAction, parseScenario } from '../../../src/lab/index.ts';
import { sid } from '../../../src/protocol/ids.ts';
import { labServer, parseServer } from '../../../src/protocol/quorum-config.ts';
import { makeZxid } from '../../../src/protocol/zxid.ts';
import { DISK_FAULTS, diskAction, fileChoices, type DiskFault } from '../../../src/ui/guide/disk-faults.ts';
import { addLine, changesBetween, memberRows, nextSteps, obstacle } from '../../../src/ui/inspector/reconfig-lines.ts';

test('the line that adds a server has all that ZooKeeper asks for', () => {
  const member = { sid: sid(4), role: 'observer' } as const;
  expect(addLine(member)).toBe('reconfig -add server.4=127.0.0.1:28884:38884:observer;127.0.0.1:21814');
  const [, text = ''] = addLine(member).split('server.4=');
  expect(parseServer(sid(4), text)).toEqual({ ok: true, value: labServer(member) });
});

test('a stranger is to be added in the role in which it came, a member may change or go', () => {
  const server = { sid: sid(4), role: 'participant' } as const;
  const actions = [{ at: 0, do: 'add-server', sid: 4, role: 'observer' }] as const;
  expect(nextSteps(server, 'joining', { actions }).map(({ line }) => line)).toEqual([
    addLine({ sid: sid(4), role: 'observer' }),
  ]);
  expect(nextSteps(server, 'voter', { actions }).map(({ line }) => line)).toEqual([
    'reconfig -remove 4',
    addLine({ sid: sid(4), role: 'observer' }),
  ]);
});

test('what would be refused is said before', () => {
  expect(obstacle({ reconfigEnabled: false, skipACL: true }, null)).toContain('reconfigEnabled');
  expect(obstacle({ reconfigEnabled: true, skipACL: true }, { text: 'group.1=1:2' })).toContain('-members');
  expect(obstacle({ reconfigEnabled: true, skipACL: false }, { text: '' })).toContain('WRITE');
  expect(obstacle({ reconfigEnabled: true, skipACL: true }, { text: '' })).toBeNull();
});

test('members with groups and weights; what a new configuration changes', () => {
  const config = (...members: [number, 'participant' | 'observer'][]) => ({
    version: makeZxid(1, 0),
    text: 'server.1=x\ngroup.1=1:2\nweight.2=3\nversion=100000000',
    members: members.map(([id, role]) => ({ sid: sid(id), role })),
  });
  const before = config([1, 'participant'], [2, 'participant'], [3, 'observer']);
  expect(memberRows(before)).toEqual([
    { sid: 1, role: 'participant', group: 'group 1, weight 1' },
    { sid: 2, role: 'participant', group: 'group 1, weight 3' },
    { sid: 3, role: 'observer', group: '' },
  ]);
  const next = config([1, 'observer'], [3, 'observer'], [4, 'participant'], [5, 'observer']);
  expect(changesBetween(before, next)).toEqual(['s1 observer', '+ s4', '+ s5 observer', '− s2']);
});

test('every fault of a disk is an action that the lab knows', () => {
  const scenario = parseScenario({ format: 'zabscope/scenario@1', ensemble: { servers: [{ sid: 1 }] } });
  if (!scenario.ok) throw new Error(scenario.message);
  for (const fault of Object.keys(DISK_FAULTS) as DiskFault[]) {
    const action = diskAction(fault, { sid: sid(1), diskFull: true }, 'version-2/log.1', 3);
    expect(parseAction(action, scenario.scenario), fault).toMatchObject({ ok: true });
  }
  expect(diskAction('full', { sid: sid(1), diskFull: true }, '', 0)).toMatchObject({ full: false });
});

test('files are offered as a fault can use them', () => {
  const files = ['myid', 'version-2/log.1', 'version-2/log.5', 'version-2/snapshot.0'].map((name) => ({
    name,
    bytes: new Uint8Array(1),
  }));
  const names = (wants: Parameters<typeof fileChoices>[1]) => fileChoices(files, wants).map(({ name }) => name);
  expect(names('nothing')).toEqual([]);
  expect(names('log')).toEqual(['version-2/log.5', 'version-2/log.1']);
  expect(names('file and offset')).toEqual(['version-2/log.1', 'version-2/log.5', 'version-2/snapshot.0']);
  expect(names('files').slice(3)).toEqual(['version-2/log.*', 'version-2/*']);
});
