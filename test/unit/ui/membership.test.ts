/** Who is in the configuration of the ensemble, and which one each server follows, as the stage shows it. */
import { expect, test } from 'vitest';
import { sid } from '../../../src/protocol/ids.ts';
import { makeZxid, ZXID_ZERO, type Zxid } from '../../../src/protocol/zxid.ts';
import type { ServerView } from '../../../src/trace/index.ts';
import { configBadge, configWords, newestConfig, standingOf } from '../../../src/ui/stage/membership.ts';

const z = (counter: number) => makeZxid(1, counter);
const view = (version: Zxid, ...sids: number[]) => ({
  version,
  text: '',
  members: sids.map((id) => ({ sid: sid(id), role: 'participant' as const })),
});
const server = (id: number, committed: ReturnType<typeof view>, more: object = {}) =>
  ({
    sid: sid(id),
    role: 'participant',
    joined: committed.members.some((member) => member.sid === sid(id)),
    config: { committed, lastSeen: committed, since: 0 },
    serving: true,
    serverState: 'FOLLOWING',
    ...more,
  }) as unknown as ServerView;
const mapOf = (...servers: ServerView[]) => new Map(servers.map((one) => [one.sid, one]));

test('the newest configuration is that of the highest version', () => {
  const servers = mapOf(server(1, view(z(0), 1, 2)), server(2, view(z(5), 1, 2, 3)));
  expect(newestConfig(servers)?.version).toBe(z(5));
  expect(newestConfig(new Map())).toBeNull();
});

test('without versions a serving leader says who is a member', () => {
  const lead = server(1, view(ZXID_ZERO, 1, 2), { serverState: 'LEADING' });
  const stranger = server(3, view(ZXID_ZERO, 1, 2, 3), { joined: false });
  for (const servers of [mapOf(lead, stranger), mapOf(stranger, lead)]) {
    expect(standingOf(stranger, newestConfig(servers))).toBe('joining');
    expect(standingOf(lead, newestConfig(servers))).toBe('voter');
  }
});

test('whoever is not named is joining, or was removed', () => {
  const now = view(z(5), 1, 2);
  expect(standingOf(server(3, now), now)).toBe('joining');
  expect(standingOf(server(3, now, { joined: true }), now)).toBe('removed');
  // It has not heard of its removal.
  expect(standingOf(server(3, view(z(0), 1, 2, 3)), now)).toBe('removed');
  expect(standingOf(server(2, now), now)).toBe('voter');
  expect(standingOf(server(2, now, { role: 'observer' }), now)).toBe('observer');
});

test('it becomes a member at its own activation', () => {
  const joiner = server(4, view(z(0), 1, 2), { joined: false });
  expect(standingOf(joiner, view(z(5), 1, 2, 4))).toBe('joining');
});

test('the badge has the version, one that is seen, and tells who is behind', () => {
  const [old, now] = [view(z(0), 1, 2), view(z(5), 1, 2)];
  const seen = server(1, old, { config: { committed: old, lastSeen: now, since: 0 } });
  expect(configBadge(seen, old, 0)).toMatchObject({ text: 'v…00→…05', open: true, behind: false, fresh: false });
  expect(configWords(seen)).toBe('configuration 0x100000000, has seen 0x100000005');
  expect(configBadge(server(1, old), now, 9000)).toMatchObject({ text: 'v…00', open: false, behind: true });
  expect(configBadge(server(1, now, { config: { committed: now, lastSeen: now, since: 900 } }), now, 1000)?.fresh).toBe(
    true,
  );
  expect(configBadge(server(1, now), now, 1000)?.fresh).toBe(false);
  expect(configBadge(server(1, view(ZXID_ZERO, 1)), view(ZXID_ZERO, 1), 0)).toBeNull();
});
