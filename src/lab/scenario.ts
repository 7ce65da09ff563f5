/**
 * Scenarios as JSON: validation with every default filled in, and the way back. What is wrong is told
 * in one line that names the key and the form expected there.
 */
import { isClientName, sid } from '../protocol/ids.ts';
import { ZOO_DEFAULTS, type MemberConfig, type ZooConfig } from '../protocol/config.ts';
import { validatePath } from '../protocol/paths.ts';
import { virtualTime } from '../protocol/time.ts';
import { EPOCH_MAX, parseZxid } from '../protocol/zxid.ts';
import type { Action } from './actions.ts';
import { Field, Findings, given } from './field.ts';
import { presetImages } from './preset.ts';
import {
  LATENCY_MAX,
  LATENCY_MIN,
  readAction,
  readActionBody,
  readRange,
  readSessionTimeout,
  readSid,
  TIME_MAX,
  type Cast,
} from './scenario-actions.ts';
import type { ActionBody } from './actions.ts';
import { SCENARIO_FORMAT, type DiskPreset, type Scenario, type ScenarioClient } from './scenario-types.ts';

export type ParsedScenario =
  { readonly ok: true; readonly scenario: Scenario } | { readonly ok: false; readonly message: string };

const DEFAULT_LATENCY = [15, 25] as const;
const DEFAULT_FSYNC = [2, 6] as const;
const DEFAULT_SESSION_TIMEOUT = 6000;
/** When the page opens a lab that starts by itself: the first election is over. */
const DEFAULT_START = 3000;
/** How long a headless run goes on after the last action. */
const DEFAULT_REST = 10_000;
const SERVERS_MAX = 16;
const CLIENTS_MAX = 16;
const ACTIONS_MAX = 10_000;
const ZNODES_MAX = 10_000;
const TEXT_MAX = 200;
const DATA_MAX = 1 << 20;

/** Name in the file, name in the engine, and how a value is read. */
const ZOO_KEYS: { readonly [K in keyof ZooConfig]: { readonly key: string; read(field: Field): ZooConfig[K] } } = {
  tickTime: { key: 'tickTime', read: (field) => field.number({ min: 10, max: 600_000, integer: true }) },
  initLimit: { key: 'initLimit', read: (field) => field.number({ min: 1, max: 1000, integer: true }) },
  syncLimit: { key: 'syncLimit', read: (field) => field.number({ min: 1, max: 1000, integer: true }) },
  snapCount: { key: 'snapCount', read: (field) => field.number({ min: 2, max: 1e9, integer: true }) },
  commitLogCount: { key: 'commitLogCount', read: (field) => field.number({ min: 1, max: 1e6, integer: true }) },
  snapshotSizeFactor: { key: 'snapshotSizeFactor', read: (field) => field.number({ min: -1, max: 1e6 }) },
  forceSync: { key: 'forceSync', read: (field) => field.flag() },
  leaderServes: { key: 'leaderServes', read: (field) => field.flag() },
  minSessionTimeout: { key: 'minSessionTimeout', read: readSessionLimit },
  maxSessionTimeout: { key: 'maxSessionTimeout', read: readSessionLimit },
  juteMaxBuffer: {
    key: 'jute.maxbuffer',
    read: (field) => field.number({ min: 1024, max: 2 ** 31 - 1, integer: true }),
  },
  reconfigEnabled: { key: 'reconfigEnabled', read: (field) => field.flag() },
  extendedTypesEnabled: { key: 'extendedTypesEnabled', read: (field) => field.flag() },
};
const ZOO_NAMES = Object.keys(ZOO_KEYS) as readonly (keyof ZooConfig)[];

/** Validates JSON that was parsed already. Never throws. */
export function parseScenario(json: unknown): ParsedScenario {
  const findings = new Findings();
  const scenario = readScenario(new Field(json, '', findings));
  if (findings.first !== null) return { ok: false, message: findings.first };
  const presets = presetImages(scenario.disks);
  return presets.ok ? { ok: true, scenario } : presets;
}

/** Validates the text of a file. Never throws. */
export function parseScenarioText(text: string): ParsedScenario {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { ok: false, message: `expected JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  return parseScenario(json);
}

/** Validates an action that is to be taken in a lab of this scenario. Never throws. */
export function parseAction(
  json: unknown,
  scenario: Pick<Scenario, 'ensemble' | 'clients'>,
): { readonly ok: true; readonly action: ActionBody } | { readonly ok: false; readonly message: string } {
  const findings = new Findings();
  const action = readActionBody(new Field(json, '', findings), {
    sids: scenario.ensemble.servers.map((server) => server.sid),
    clients: scenario.clients.map((client) => client.name),
  });
  return findings.first === null ? { ok: true, action } : { ok: false, message: findings.first };
}

/** JSON that {@link parseScenario} reads back; what is as by default is left out. */
export function serializeScenario(scenario: Scenario): Record<string, unknown> {
  const { ensemble, network, disk, disks, clients, actions, defects } = scenario;
  const zoo = ZOO_NAMES.filter((name) => ensemble[name] !== ZOO_DEFAULTS[name]);
  const latency = samePair(network.latency, DEFAULT_LATENCY) ? undefined : network.latency;
  const fsync = samePair(disk.fsync, DEFAULT_FSYNC) ? undefined : disk.fsync;
  const [first] = ensemble.servers;
  const start = defaultStart(ensemble.autoStart);
  return given({
    format: scenario.format,
    title: scenario.title === '' ? undefined : scenario.title,
    seed: scenario.seed === 0 ? undefined : scenario.seed,
    ensemble: given({
      servers: ensemble.servers.map(({ sid, role }) => given({ sid, role: role === 'participant' ? undefined : role })),
      ...Object.fromEntries(zoo.map((name) => [ZOO_KEYS[name].key, ensemble[name]])),
      autoStart: ensemble.autoStart ? undefined : false,
    }),
    start: scenario.start === start ? undefined : scenario.start,
    network: latency && { latency },
    disk: fsync && { fsync },
    disks: Object.keys(disks).length === 0 ? undefined : disks,
    clients:
      clients.length === 0
        ? undefined
        : clients.map(({ name, server, sessionTimeout }) =>
            given({
              name,
              server: server === first?.sid ? undefined : server,
              sessionTimeout: sessionTimeout === DEFAULT_SESSION_TIMEOUT ? undefined : sessionTimeout,
            }),
          ),
    actions: actions.length === 0 ? undefined : actions,
    defects: defects.length === 0 ? undefined : defects,
    until: scenario.until === defaultUntil(scenario.start, actions) ? undefined : scenario.until,
  });
}

function readScenario(field: Field): Scenario {
  // First of all: of another format the keys would be others, too.
  if (field.isObject) field.at('format').choice([SCENARIO_FORMAT]);
  const get = field.object(
    [
      ...(['format', 'title', 'seed', 'ensemble', 'start', 'network', 'disk', 'disks', 'clients', 'actions'] as const),
      ...(['defects', 'until'] as const),
    ],
    'a scenario',
  );
  const ensemble = readEnsemble(get('ensemble'));
  const sids = ensemble.servers.map((server) => server.sid);
  const clients = get('clients').or([], (list) => readClients(list, sids));
  const cast: Cast = { sids, clients: clients.map(({ name }) => name) };
  const actions = get('actions').or([], (list) =>
    list.list('a list of actions', ACTIONS_MAX).map((action) => readAction(action, cast)),
  );
  const start = get('start').or(defaultStart(ensemble.autoStart), readTime);
  return {
    format: SCENARIO_FORMAT,
    title: get('title').or('', (each) => each.text('text', TEXT_MAX)),
    seed: get('seed').or(0, (each) => each.number({ min: 0, max: Number.MAX_SAFE_INTEGER, integer: true })),
    ensemble,
    start,
    network: {
      latency: get('network').or(DEFAULT_LATENCY, (each) =>
        each
          .object(['latency'])('latency')
          .or(DEFAULT_LATENCY, (pair) => readRange(pair, LATENCY_MIN, LATENCY_MAX)),
      ),
    },
    disk: {
      fsync: get('disk').or(DEFAULT_FSYNC, (each) =>
        each
          .object(['fsync'])('fsync')
          .or(DEFAULT_FSYNC, (pair) => readRange(pair, 0, LATENCY_MAX)),
      ),
    },
    disks: get('disks').or({}, (each) => readDisks(each, cast)),
    clients,
    // Sorting is stable: actions of one instant keep their order.
    actions: [...actions].sort((a, b) => a.at - b.at),
    defects: get('defects').or([], readDefects),
    until: get('until').or(defaultUntil(start, actions), readTime),
  };
}

function defaultStart(autoStart: boolean): number {
  return autoStart ? DEFAULT_START : 0;
}

function defaultUntil(start: number, actions: readonly Action[]): number {
  return Math.min(TIME_MAX, actions.reduce((latest, { at }) => Math.max(latest, at), start) + DEFAULT_REST);
}

function readTime(field: Field): number {
  return virtualTime(field.number({ min: 0, max: TIME_MAX }));
}

function readSessionLimit(field: Field): number {
  const form = '-1 or an integer of at least 1';
  const value = field.number({ min: -1, max: 2 ** 31 - 1, integer: true, form });
  if (value === 0) field.expect(form);
  return value;
}

function readEnsemble(field: Field): Scenario['ensemble'] {
  const get = field.object<string>(['servers', ...ZOO_NAMES.map((name) => ZOO_KEYS[name].key), 'autoStart']);
  const servers = get('servers')
    .list('a list of servers', SERVERS_MAX, 1)
    .map((server): MemberConfig => {
      const of = server.object(['sid', 'role']);
      const n = of('sid').number({ min: 1, max: 255, integer: true });
      return { sid: sid(n), role: of('role').or('participant', (role) => role.choice(['participant', 'observer'])) };
    });
  const twice = servers.find((server, index) => servers.findIndex((other) => other.sid === server.sid) < index);
  if (twice) get('servers').note(`expected each sid once, got ${twice.sid} twice`);
  if (servers.length > 0 && servers.every(({ role }) => role === 'observer')) {
    get('servers').note('expected at least one participant, got observers only');
  }
  const zoo = Object.fromEntries(
    ZOO_NAMES.map((name) => {
      const form = ZOO_KEYS[name];
      return [name, get(form.key).or<unknown>(ZOO_DEFAULTS[name], (each) => form.read(each))];
    }),
  ) as unknown as ZooConfig;
  const { minSessionTimeout: min, maxSessionTimeout: max, tickTime } = zoo;
  if ((min < 0 ? 2 * tickTime : min) > (max < 0 ? 20 * tickTime : max)) {
    get('minSessionTimeout').note('expected no more than maxSessionTimeout');
  }
  return { ...zoo, servers, autoStart: get('autoStart').or(true, (each) => each.flag()) };
}

function readClients(field: Field, sids: readonly number[]): readonly ScenarioClient[] {
  const names = new Set<string>();
  return field.list('a list of clients', CLIENTS_MAX).map((client) => {
    const get = client.object(['name', 'server', 'sessionTimeout']);
    const name = get('name').text('a name', TEXT_MAX);
    if (!isClientName(name)) {
      get('name').expect('a letter, then up to 31 letters, digits, _ or -, and neither lab nor the name of a server');
    }
    if (names.has(name)) get('name').note(`expected each name once, got ${JSON.stringify(name)} twice`);
    names.add(name);
    return {
      name,
      server: get('server').or(sids[0] ?? 1, (each) => readSid(each, { sids, clients: [] })),
      sessionTimeout: get('sessionTimeout').or(DEFAULT_SESSION_TIMEOUT, readSessionTimeout),
    };
  });
}

function readDefects(field: Field): readonly string[] {
  const names = field.list('a list of names', 16);
  names[0]?.note('expected the name of a defect of this release, which has none');
  return [];
}

function readDisks(field: Field, { sids }: Cast): Readonly<Record<string, DiskPreset>> {
  return Object.fromEntries(
    field.entries(SERVERS_MAX, 'an object with a disk for a sid').map(([key, disk]) => {
      if (!sids.some((sid) => String(sid) === key))
        disk.note(`expected a sid of this ensemble (${sids.join(', ')}) as key`);
      return [key, readDisk(disk)];
    }),
  );
}

function readDisk(field: Field): DiskPreset {
  const get = field.object(['acceptedEpoch', 'currentEpoch', 'snapshot', 'log']);
  const epoch = (each: Field): number => each.number({ min: 0, max: EPOCH_MAX, integer: true });
  return given({
    acceptedEpoch: get('acceptedEpoch').or(undefined, epoch),
    currentEpoch: get('currentEpoch').or(undefined, epoch),
    snapshot: get('snapshot').or(undefined, (snapshot) => {
      const of = snapshot.object(['zxid', 'nodes']);
      return {
        zxid: readZxid(of('zxid')),
        nodes: of('nodes')
          .list('a list of znodes', ZNODES_MAX)
          .map((node) => {
            const each = node.object(['path', 'data']);
            return { path: readPath(each('path')), ...given({ data: readText(each('data')) }) };
          }),
      };
    }),
    log: get('log').or(undefined, (log) =>
      log.list('a list of transactions', ZNODES_MAX).map((txn) => {
        const op = txn.object(['zxid', 'op', 'path', 'data'])('op').choice(['create', 'set', 'delete']);
        const of = txn.object(op === 'delete' ? ['zxid', 'op', 'path'] : ['zxid', 'op', 'path', 'data']);
        const common = { zxid: readZxid(of('zxid')), path: readPath(of('path')) };
        return op === 'delete' ? { op, ...common } : { op, ...common, ...given({ data: readText(of('data')) }) };
      }),
    ),
  });
}

function readZxid(field: Field): string {
  const text = field.text('a zxid such as "0x100000001"', TEXT_MAX);
  const zxid = parseZxid(text);
  if (zxid === null || zxid < 0) field.expect('a zxid such as "0x100000001"');
  return text;
}

function readPath(field: Field): string {
  const path = field.text('a path', 1000);
  const problem = validatePath(path, false);
  if (problem !== null || path === '/') field.expect('the path of a znode');
  return path;
}

function readText(field: Field): string | undefined {
  return field.or<string | undefined>(undefined, (each) => each.text('text', DATA_MAX));
}

function samePair(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] === b[0] && a[1] === b[1];
}
