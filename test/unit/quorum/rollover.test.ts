/** The counter of zxids runs out: a re-election, and a new epoch (ZOOKEEPER-1277), reached as the real server's tests do. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { createProcess, Lab, parseScenario } from '../../../src/lab/index.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { COUNTER_MAX, makeZxid } from '../../../src/protocol/zxid.ts';
import { Ensemble } from '../../helpers/ensemble.ts';

/** So many zxids are left to each leader. */
const near = (left: number): Readonly<Record<string, number>> => ({
  tickTime: 500,
  'testingonly.initialZxid': COUNTER_MAX - 1 - left,
});
const alice = { name: 'alice', server: 1, sessionTimeout: 10_000 };

describe('testingonly.initialZxid', () => {
  it('each new leader begins behind it, and its learners follow the jump, observers, too', async () => {
    const lab = await Ensemble.open({ servers: 3, observers: 1, clients: [alice], zoo: near(8) });
    const leader = await lab.settled();
    await lab.connected('alice');
    expect(await lab.create('alice', '/a')).toBeNull();
    const first = COUNTER_MAX - 8;
    expect(lab.events('proposed').map(({ zxid }) => zxid)).toEqual([makeZxid(1, first), makeZxid(1, first + 1)]);
    await lab.kill(leader);
    await lab.settled();
    await lab.connected('alice');
    expect(await lab.create('alice', '/b')).toBeNull();
    await lab.run(1000);
    expect(lab.events('proposed').at(-1)?.zxid).toBe(makeZxid(2, first));
    expect(lab.events('stepped-down').filter(({ why }) => why.includes('does not follow'))).toEqual([]);
    expect(lab.paths()).toEqual(['/a', '/b']);
    expect(lab.lab.violations).toEqual([]);
  });

  it('a learner that comes late, behind the jump, is synchronized', async () => {
    const lab = await Ensemble.open({ servers: 3, clients: [alice], zoo: near(20), autoStart: false });
    await lab.restart(1, 2);
    await lab.settled(1, 2);
    await lab.connected('alice');
    for (const path of ['/a', '/b', '/c']) expect(await lab.create('alice', path)).toBeNull();
    await lab.restart(3);
    await lab.settled();
    await lab.run(1000);
    expect(lab.paths()).toEqual(['/a', '/b', '/c']);
    expect(lab.lab.violations).toEqual([]);
  });

  it.each([[-1], [COUNTER_MAX], [0.5], ['0xfffffff0']])('is no number that the low 32 bits hold: %s', (value) => {
    const parsed = parseScenario({
      format: 'zabscope/scenario@1',
      ensemble: { servers: [{ sid: 1 }], 'testingonly.initialZxid': value },
    });
    expect(parsed).toMatchObject({ ok: false, message: expect.stringContaining('testingonly.initialZxid') as string });
  });
});

describe('request.rollover', () => {
  it('the leader steps down instead of the last zxid, and writes go on in the next epoch, again and again', async () => {
    const lab = await Ensemble.open({ servers: 3, clients: [alice], zoo: near(5) });
    await lab.settled();
    const acknowledged: string[] = [];
    for (let i = 0; i < 16; i++) {
      await lab.connected('alice');
      if ((await lab.create('alice', `/n${i}`)) === null) acknowledged.push(`/n${i}`);
      else await lab.settled();
    }
    await lab.settled();
    await lab.run(2000);
    const ends = lab.events('stepped-down').filter(({ rule }) => rule === 'request.rollover');
    // 4 of the first epoch's are left behind the session, 5 of each other's; every one is followed by a write that fails.
    expect(ends).toHaveLength(2);
    expect(acknowledged).toHaveLength(14);
    const zxids = lab.events('committed').map(({ zxid }) => zxid);
    const epochs = [1, 2, 3].map((e) => zxids.filter((zxid) => Math.floor(zxid / 2 ** 32) === e).length);
    expect(epochs).toEqual([5, 5, 5]);
    expect(Math.max(...zxids.map((zxid) => zxid % 2 ** 32))).toBe(COUNTER_MAX - 1);
    expect(lab.paths()).toEqual(acknowledged.sort());
    expect(lab.lab.violations).toEqual([]);
  });

  it('nothing of a request is proposed whose first half has ended the term', async () => {
    const zoo = { ...near(2), localSessionsEnabled: true, localSessionsUpgradingEnabled: true };
    const lab = await Ensemble.open({ servers: 3, clients: [{ ...alice, server: 3 }], zoo });
    expect(await lab.settled()).toBe(3);
    await lab.connected('alice');
    // A local session does not move: the first ends it, the second begins another at the leader.
    for (let i = 0; i < 2; i++) {
      await lab.lab.act({ do: 'connect', client: 'alice', server: 3 });
      await lab.run(1000);
    }
    for (const path of ['/a', '/b']) expect(await lab.create('alice', path)).toBeNull();
    // The upgrade of the local session takes the last zxid, the ephemeral, which fails, would have the one behind it.
    const error = await lab.request('alice', { op: 'create', path: '/a', data: '', mode: 'EPHEMERAL' });
    expect(error).toBe('CONNECTIONLOSS');
    expect(lab.events('stepped-down').filter(({ rule }) => rule === 'request.rollover')).toHaveLength(1);
    expect(Math.max(...lab.events('proposed').map(({ zxid }) => zxid))).toBe(makeZxid(1, COUNTER_MAX - 1));
    expect(lab.lab.violations).toEqual([]);
  });

  it('a scenario: one more election, no violation, and every acknowledged write is there', async () => {
    const parsed = parseScenario(JSON.parse(readFileSync('test/scenarios/rollover.json', 'utf8')));
    if (!parsed.ok) throw new Error(parsed.message);
    const lab = await Lab.open(parsed.scenario, () => new InlineHost(createProcess));
    await lab.advance(virtualTime(parsed.scenario.until));
    const events = [...lab.trace.events()];
    const led = events.flatMap((event) => (event.kind === 'elected' && event.state === 'LEADING' ? [event.actor] : []));
    expect(led).toEqual(['s3', 's3']);
    const returned = events.flatMap((event) => (event.kind === 'returned' ? [event] : []));
    expect(returned.map(({ error }) => error)).toEqual([null, null, null, null, 'CONNECTIONLOSS', null, null, null]);
    const applied = events.flatMap((event) => (event.kind === 'applied' ? [`${event.actor} ${event.zxid}`] : []));
    for (const { zxid, error } of returned) {
      if (error === null) expect(applied).toEqual(expect.arrayContaining([1, 2, 3].map((sid) => `s${sid} ${zxid}`)));
    }
    expect(lab.violations).toEqual([]);
  });
});
