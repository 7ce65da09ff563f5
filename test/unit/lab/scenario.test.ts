/** Scenarios: what is refused and in which words, what is filled in, and the way back to JSON. */
import { DEFECT_NAMES } from '../../../src/protocol/defects.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAction, parseScenario, parseScenarioText, serializeScenario } from '../../../src/lab/index.ts';
import { scenario, servers } from './fakes.ts';

const FORMAT = 'zabscope/scenario@1';
const three = { servers: servers(3) };

/** The scenario with one thing changed, and the line that refuses it. */
const REFUSED: readonly (readonly [json: unknown, line: string])[] = [
  [null, 'expected a scenario, got null'],
  [[], 'expected a scenario, got []'],
  [{ ensemble: three }, 'format: expected "zabscope/scenario@1", got nothing'],
  [
    { format: 'zabscope/scenario@2', ensembles: 1 },
    'format: expected "zabscope/scenario@1", got "zabscope/scenario@2"',
  ],
  [{ format: FORMAT }, 'ensemble: expected an object, got nothing'],
  [
    { ensemble: three, seeds: 1 },
    'seeds: unknown key; the keys here are format, title, seed, ensemble, start, network, disk, disks, clients, actions, defects, until',
  ],
  [{ ensemble: three, seed: -1 }, 'seed: expected an integer from 0 to 9007199254740991, got -1'],
  [{ ensemble: three, seed: 1.5 }, 'seed: expected an integer from 0 to 9007199254740991, got 1.5'],
  [{ ensemble: three, title: 7 }, 'title: expected text, got 7'],
  [{ ensemble: three, title: 'x'.repeat(201) }, 'title: expected at most 200 characters, got 201'],
  [{ ensemble: three, start: '3' }, 'start: expected a number from 0 to 1000000000, got "3"'],
  [{ ensemble: three, until: 1e10 }, 'until: expected a number from 0 to 1000000000, got 10000000000'],
  [{ ensemble: { servers: [] } }, 'ensemble.servers: expected 1 to 16 entries, got 0'],
  [{ ensemble: { servers: [{ sid: 0 }] } }, 'ensemble.servers[0].sid: expected an integer from 1 to 255, got 0'],
  [{ ensemble: { servers: [{ sid: 256 }] } }, 'ensemble.servers[0].sid: expected an integer from 1 to 255, got 256'],
  [{ ensemble: { servers: [{ sid: 2 }, { sid: 2 }] } }, 'ensemble.servers: expected each sid once, got 2 twice'],
  [
    { ensemble: { servers: [{ sid: 1, role: 'leader' }] } },
    'ensemble.servers[0].role: expected one of participant, observer, got "leader"',
  ],
  [
    { ensemble: { servers: [{ sid: 1, role: 'observer' }] } },
    'ensemble.servers: expected at least one participant, got observers only',
  ],
  [{ ensemble: { ...three, tickTime: 0 } }, 'ensemble.tickTime: expected an integer from 10 to 600000, got 0'],
  [{ ensemble: { ...three, forceSync: 'yes' } }, 'ensemble.forceSync: expected true or false, got "yes"'],
  [
    { ensemble: { ...three, maxSessionTimeout: 0 } },
    'ensemble.maxSessionTimeout: expected -1 or an integer of at least 1, got 0',
  ],
  [
    { ensemble: { ...three, minSessionTimeout: 90_000 } },
    'ensemble.minSessionTimeout: expected no more than maxSessionTimeout',
  ],
  [
    { ensemble: three, network: { latency: [0, 5] } },
    'network.latency: expected [low, high] in ms with 1 ≤ low ≤ high ≤ 60000, got [0,5]',
  ],
  [
    { ensemble: three, disk: { fsync: [6, 2] } },
    'disk.fsync: expected [low, high] in ms with 0 ≤ low ≤ high ≤ 60000, got [6,2]',
  ],
  [
    { ensemble: three, clients: [{ name: 's1' }] },
    'clients[0].name: expected a letter, then up to 31 letters, digits, _ or -, and neither lab nor the name of a server, got "s1"',
  ],
  [
    { ensemble: three, clients: [{ name: 'a' }, { name: 'a' }] },
    'clients[1].name: expected each name once, got "a" twice',
  ],
  [
    { ensemble: three, clients: [{ name: 'a', server: 9 }] },
    'clients[0].server: expected a sid of this ensemble (1, 2, 3), got 9',
  ],
  [
    { ensemble: three, clients: [{ name: 'a', timeout: 9 }] },
    'clients[0].timeout: unknown key; the keys here are name, server, sessionTimeout, readOnly, chroot',
  ],
  [{ ensemble: three, defects: ['x'] }, `defects[0]: expected one of ${DEFECT_NAMES.join(', ')}, got "x"`],
  [{ ensemble: three, disks: { 4: {} } }, 'disks.4: expected a sid of this ensemble (1, 2, 3) or * as key'],
  [
    { ensemble: three, disks: { 1: { log: [{ zxid: '7', op: 'create', path: '/a' }] } } },
    'disks.1.log[0].zxid: expected a zxid such as "0x100000001", got "7"',
  ],
  [
    {
      ensemble: three,
      disks: { 1: { log: [['0x100000002'], ['0x100000001']].map(([zxid]) => ({ zxid, op: 'create', path: '/a' })) } },
    },
    'disks.1: The log cannot hold 0x100000001 behind 0x100000002.',
  ],
  [
    { ensemble: three, disks: { 1: { log: [{ zxid: '0x1', op: 'delete', path: '/a', data: 'x' }] } } },
    'disks.1.log[0].data: unknown key; the keys here are zxid, op, path',
  ],
];

/** Likewise for one action. */
const REFUSED_ACTIONS: readonly (readonly [action: unknown, line: string])[] = [
  [{ do: 'kill', server: 1 }, 'actions[0].at: expected a number from 0 to 1000000000, got nothing'],
  [{ at: -1, do: 'kill', server: 1 }, 'actions[0].at: expected a number from 0 to 1000000000, got -1'],
  [{ at: 1, do: 'kill', server: 9 }, 'actions[0].server: expected a sid of this ensemble (1, 2, 3), got 9'],
  [{ at: 1, do: 'kill', server: 's1' }, 'actions[0].server: expected a sid of this ensemble (1, 2, 3), got "s1"'],
  [{ at: 1, do: 'kill', server: 1, sid: 2 }, 'actions[0].sid: unknown key; the keys here are do, at, server'],
  [{ at: 1, do: 'pause' }, 'actions[0]: expected either server or client'],
  [{ at: 1, do: 'pause', server: 1, client: 'alice' }, 'actions[0]: expected either server or client'],
  [{ at: 1, do: 'cut', from: 's1', to: 's9' }, 'actions[0].to: expected an actor (s1, s2, s3, alice, bob), got "s9"'],
  [{ at: 1, do: 'cut', from: 's1', to: 's1' }, 'actions[0].to: expected another actor than s1'],
  [
    { at: 1, do: 'cut', from: 'alice', to: 'bob' },
    'actions[0].to: expected a server: clients have no link to each other',
  ],
  [
    { at: 1, do: 'hold', from: 's1', to: 's2', count: 0 },
    'actions[0].count: expected an integer from 1 to 1000000, got 0',
  ],
  [
    { at: 1, do: 'partition', groups: [[1], [2, 1]] },
    'actions[0].groups[1][1]: expected each sid in one group, got 1 again',
  ],
  [{ at: 1, do: 'partition', groups: [[1, 2]] }, 'actions[0].groups: expected 2 to 16 entries, got 1'],
  [
    { at: 1, do: 'latency', from: 's1', to: 's2', latency: 5 },
    'actions[0].latency: expected [low, high] in ms with 1 ≤ low ≤ high ≤ 60000, got 5',
  ],
  [{ at: 1, do: 'clock', server: 1, rate: 0 }, 'actions[0].rate: expected a number from 0.1 to 10, got 0'],
  [
    { at: 1, do: 'corrupt', server: 1, file: 'x', offset: 'head' },
    'actions[0].offset: expected an offset in bytes or "tail", got "head"',
  ],
  [
    { at: 1, do: 'request', client: 'carol', op: 'ls' },
    'actions[0].client: expected a client of this scenario (alice, bob), got "carol"',
  ],
  [
    { at: 1, do: 'request', client: 'alice', op: 'get', path: '/a', version: 1 },
    'actions[0].version: unknown key; the keys here are do, at, client, op, path, watch',
  ],
  [
    { at: 1, do: 'request', client: 'alice', op: 'set', path: '/a', data: 7 },
    'actions[0].data: expected text, null or {"base64": "…"}, got 7',
  ],
  [
    { at: 1, do: 'request', client: 'alice', op: 'set', path: '/a', data: { base64: 'a' } },
    'actions[0].data: expected base64, got {"base64":"a"}',
  ],
  [
    { at: 1, do: 'request', client: 'alice', op: 'create', path: '/a', mode: 'TEMPORARY' },
    'actions[0].mode: expected one of PERSISTENT, EPHEMERAL, PERSISTENT_SEQUENTIAL, EPHEMERAL_SEQUENTIAL, CONTAINER, PERSISTENT_WITH_TTL, PERSISTENT_SEQUENTIAL_WITH_TTL, got "TEMPORARY"',
  ],
];

function message(json: unknown): string {
  const parsed = parseScenario(json);
  return parsed.ok ? 'accepted' : parsed.message;
}

describe('refusals are one line that names the key', () => {
  test.each(REFUSED)('%j', (json, line) => {
    const whole = typeof json === 'object' && json !== null && 'ensemble' in json && !('format' in json);
    const keyless = whole && Object.keys(json).length === 1 && line.startsWith('format');
    expect(message(whole && !keyless ? { format: FORMAT, ...json } : json)).toBe(line);
  });

  test.each(REFUSED_ACTIONS)('%j', (action, line) => {
    const clients = [{ name: 'alice' }, { name: 'bob' }];
    expect(message({ format: FORMAT, ensemble: three, clients, actions: [action] })).toBe(line);
  });

  test('an unknown action', () => {
    expect(message({ format: FORMAT, ensemble: three, actions: [{ at: 1, do: 'explode' }] })).toMatch(
      /^actions\[0\]\.do: expected one of kill, restart, .*, got "explode"$/,
    );
  });

  test('a client that nobody has', () => {
    expect(parseAction({ do: 'disconnect', client: 'x' }, scenario({ ensemble: three }))).toEqual({
      ok: false,
      message: 'client: expected a client of this scenario, which has none, got "x"',
    });
  });

  test('text that is not JSON', () => {
    const parsed = parseScenarioText('{');
    expect(parsed.ok ? '' : parsed.message).toMatch(/^expected JSON: /);
  });

  test('JSON that is too deep to be shown', () => {
    const deep: unknown = JSON.parse('['.repeat(1e5) + ']'.repeat(1e5));
    expect(message(deep)).toBe('expected a scenario, got something very deep');
    const act = { at: 1, do: 'request', client: 'alice', op: 'multi', ops: deep };
    expect(message({ format: FORMAT, ensemble: three, clients: [{ name: 'alice' }], actions: [act] })).toBe(
      'actions[0].ops[0]: expected an operation, got something very deep',
    );
  });

  test.each([
    [{ op: 'create', path: '/a', mode: 'PERSISTENT_WITH_TTL', ttl: 5, acl: 'world:anyone:r', stat: false }, null],
    [{ op: 'setAcl', path: '/a', acl: null }, null],
    [{ op: 'setAcl', path: '/a', acl: [{ scheme: 'ip', id: '10.0.0.1', perms: 'rw' }], version: -2 }, null],
    [
      {
        op: 'multi',
        ops: [
          { op: 'check', path: '/a', version: 0 },
          { op: 'delete', path: '/a' },
        ],
      },
      null,
    ],
    [{ op: 'addWatch', path: '/a', mode: 'PERSISTENT_RECURSIVE' }, null],
    [{ op: 'removewatches', path: '/a', type: 'Children', local: true }, null],
    [{ op: 'reconfig', joining: 'server.4=s4', version: 2 ** 40 }, null],
    [{ op: 'addauth', scheme: 'digest', auth: 'bob:pw' }, null],
    [{ op: 'config', watch: true }, null],
    [{ op: 'whoami' }, null],
    [{ op: 'addWatch', path: '/a', mode: 'EPHEMERAL' }, 'actions[0].mode: expected one of PERSISTENT,'],
    [{ op: 'setAcl', path: '/a', acl: [{ scheme: 'ip', id: 'x', perms: 'rx' }] }, 'actions[0].acl[0].perms: expected'],
    [{ op: 'multi', ops: [{ op: 'get', path: '/a', watch: true }] }, 'actions[0].ops[0].watch: unknown key'],
    [{ op: 'multi', ops: [{ op: 'sync', path: '/a' }] }, 'actions[0].ops[0].op: expected one of create,'],
    [{ op: 'whoami', path: '/a' }, 'actions[0].path: unknown key'],
  ])('a request: %j', (request, refusal) => {
    const action = { at: 1, do: 'request', client: 'alice', ...request };
    const parsed = parseScenario({ format: FORMAT, ensemble: three, clients: [{ name: 'alice' }], actions: [action] });
    if (refusal === null) expect(parsed).toMatchObject({ ok: true, scenario: { actions: [request] } });
    else expect(parsed.ok ? '' : parsed.message).toContain(refusal);
  });

  test('an unknown key is told before one that is missing for its sake', () => {
    expect(message({ format: FORMAT, ensmble: three })).toMatch(/^ensmble: unknown key; the keys here are format, /);
  });

  test('whatever the JSON, no throw and one line', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const line = message(json);
        expect(line).not.toContain('\n');
        expect(line.length).toBeLessThan(400);
      }),
    );
  });

  test('whatever one value of a good scenario becomes, no throw', () => {
    const good = JSON.parse(EXAMPLE) as Record<string, unknown>;
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (value, at) => {
        const places: (() => void)[] = [];
        const copy = structuredClone(good);
        const visit = (node: unknown): void => {
          if (typeof node !== 'object' || node === null) return;
          for (const key of Object.keys(node)) {
            places.push(() => ((node as Record<string, unknown>)[key] = value));
            visit((node as Record<string, unknown>)[key]);
          }
        };
        visit(copy);
        places[at % places.length]?.();
        expect(typeof message(copy)).toBe('string');
      }),
      { numRuns: 500 },
    );
  });
});

const EXAMPLE = `{
  "format": "zabscope/scenario@1", "title": "A leader dies mid-proposal", "seed": 42,
  "ensemble": {
    "servers": [{ "sid": 1 }, { "sid": 2 }, { "sid": 3 }, { "sid": 4, "role": "observer" }],
    "tickTime": 2000, "initLimit": 10, "syncLimit": 5, "snapCount": 100000, "autoStart": true
  },
  "start": 3000, "network": { "latency": [15, 25] }, "disk": { "fsync": [2, 6] },
  "clients": [{ "name": "alice", "server": 1, "sessionTimeout": 6000 }],
  "actions": [
    { "at": 3000, "do": "request", "client": "alice", "op": "create", "path": "/config", "data": "v1" },
    { "at": 4000, "do": "kill", "server": 3 },
    { "at": 9000, "do": "restart", "server": 3 }
  ],
  "until": 20000
}`;

describe('defaults', () => {
  test('the least scenario', () => {
    expect(scenario({ ensemble: { servers: [{ sid: 5 }, { sid: 2 }] }, clients: [{ name: 'a' }] })).toMatchObject({
      title: '',
      seed: 0,
      ensemble: { tickTime: 2000, initLimit: 10, syncLimit: 5, commitLogCount: 500, autoStart: true },
      start: 3000,
      network: { latency: [15, 25] },
      disk: { fsync: [2, 6] },
      clients: [{ name: 'a', server: 5, sessionTimeout: 6000 }],
      until: 13_000,
    });
  });

  test('a lab that does not start by itself opens at its begin', () => {
    expect(scenario({ ensemble: { ...three, autoStart: false } })).toMatchObject({ start: 0, until: 10_000 });
  });

  test('actions are sorted, those of one instant keep their order, and the run goes on after the last', () => {
    const kill = (at: number, server: number): object => ({ at, do: 'kill', server });
    const { actions, until } = scenario({ ensemble: three, actions: [kill(9000, 3), kill(5, 2), kill(5, 1)] });
    expect(actions).toEqual([kill(5, 2), kill(5, 1), kill(9000, 3)]);
    expect(until).toBe(19_000);
  });
});

describe('way back', () => {
  test('the example of the format comes back, without what is as by default', () => {
    const parsed = parseScenarioText(EXAMPLE);
    if (!parsed.ok) throw new Error(parsed.message);
    const json = serializeScenario(parsed.scenario);
    expect(parseScenario(json)).toEqual(parsed);
    expect(Object.keys(json)).toEqual(['format', 'title', 'seed', 'ensemble', 'clients', 'actions', 'until']);
  });
});

test('every setting is read under its name of zoo.cfg, and written back', () => {
  const ensemble = {
    servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }],
    'znode.container.checkIntervalMs': 300,
    'readonlymode.enabled': true,
    '4lw.commands.whitelist': '*',
    localSessionsEnabled: true,
  };
  const json = { format: 'zabscope/scenario@1', ensemble };
  const parsed = parseScenario(json);
  if (!parsed.ok) throw new Error(parsed.message);
  expect(parsed.scenario.ensemble).toMatchObject({
    containerCheckIntervalMs: 300,
    readonlymodeEnabled: true,
    fourLetterWhitelist: '*',
    localSessionsEnabled: true,
    standaloneEnabled: true,
  });
  expect(serializeScenario(parsed.scenario)).toEqual(json);
});

test.each([
  [{ weights: { '1': 2 } }, 'ensemble.weights: expected groups, too: weights count in groups only'],
  [{ groups: { '1': [1, 2] } }, 'ensemble.groups: expected every participant, got none with 3'],
  [{ groups: { '1': [1, 2], '2': [2, 3] } }, 'ensemble.groups.1: expected each sid in one group, got 2 again'],
  [{ groups: { '1': [1, 2, 3] }, weights: { '7': 1 } }, 'ensemble.weights.7: expected the sid of a server'],
  [
    { servers: [{ sid: 255 }], extendedTypesEnabled: true },
    'ensemble.servers: expected sids up to 254 with extendedTypesEnabled',
  ],
])('what a real server would not start on is refused: %j', (more, message) => {
  const ensemble = { servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }], ...more };
  expect(parseScenario({ format: 'zabscope/scenario@1', ensemble })).toEqual({ ok: false, message });
});

describe('disks with files as they are', () => {
  const file = (name: string, base64 = 'AAAA') => ({
    format: 'zabscope/scenario@1',
    ensemble: { servers: [{ sid: 1 }] },
    disks: { '*': { files: { [name]: { base64 } } } },
  });

  test('are read for every server, and written back', () => {
    const json = file('version-2/snapshot.100000001');
    const parsed = parseScenario(json);
    if (!parsed.ok) throw new Error(parsed.message);
    expect(serializeScenario(parsed.scenario)).toEqual(json);
  });

  test('may be large', () => {
    expect(parseScenario(file('version-2/log.1', 'AAAA'.repeat(3_000_000)))).toMatchObject({ ok: true });
  });

  test.each([
    [
      file('../../etc/passwd'),
      'disks."*".files."../../etc/passwd": expected the name of a file of a data directory, such as version-2/log.1',
    ],
    [file('version-2/log.1', '*'), 'disks."*".files."version-2/log.1".base64: expected base64, got "*"'],
  ])('are refused where they make no disk', (json, message) => {
    expect(parseScenario(json)).toEqual({ ok: false, message });
  });
});
