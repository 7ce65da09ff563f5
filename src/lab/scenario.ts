/**
 * Scenarios as JSON: validation with every default filled in, and the way back. What is wrong is told
 * in one line that names the key and the form expected there.
 */
import * as v from 'valibot';
import { DEFECT_NAMES } from '../protocol/defects.ts';
import { isClientName, sid } from '../protocol/ids.ts';
import { settingName, ZOO_DEFAULTS, type ZooConfig } from '../protocol/config.ts';
import { validatePath } from '../protocol/paths.ts';
import { isBase64 } from '../protocol/trace-data.ts';
import { COUNTER_MAX, EPOCH_MAX, parseZxid } from '../protocol/zxid.ts';
import type { Action, ActionBody } from './actions.ts';
import {
  check,
  choice,
  expected,
  flag,
  integer,
  list,
  number,
  object,
  oneOf,
  text,
  together,
  type Schema,
} from '../protocol/json.ts';
import { DATA_DIR_MAX } from './datadir/index.ts';
import { presetImages } from './preset.ts';
import {
  addedSids,
  actionBodySchema,
  actionSchema,
  LATENCY_MAX,
  LATENCY_MIN,
  range,
  sessionTimeout,
  sidOf,
  time,
  TIME_MAX,
} from './scenario-actions.ts';
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

// ---- the ensemble

const member = object({
  sid: v.pipe(integer(1, 255), v.transform(sid)),
  role: v.optional(oneOf(['participant', 'observer']), 'participant'),
});

const SESSION_LIMIT = '-1 or an integer of at least 1';
const sessionLimit = v.pipe(
  integer(-1, 2 ** 31 - 1, SESSION_LIMIT),
  v.check((value) => value !== 0, expected(SESSION_LIMIT)),
);

const ANY_NUMBER = 2 ** 31 - 1;
const shortText = text('text', TEXT_MAX);

/** Every setting, under the engine's own name. */
const SETTINGS = {
  tickTime: integer(10, 600_000),
  initLimit: integer(1, 1000),
  syncLimit: integer(1, 1000),
  snapCount: integer(2, 1e9),
  snapSizeLimitInKb: integer(-1, ANY_NUMBER),
  commitLogCount: integer(1, 1e6),
  snapshotSizeFactor: number(-1, 1e6),
  forceSync: flag,
  preAllocSize: integer(1, 65_536),
  txnLogSizeLimitInKb: integer(-1, ANY_NUMBER),
  digestEnabled: flag,
  snapshotTrustEmpty: flag,
  dbAutocreate: flag,
  autopurgeSnapRetainCount: integer(3, 1000),
  autopurgePurgeInterval: integer(0, 10_000),
  leaderServes: flag,
  minSessionTimeout: sessionLimit,
  maxSessionTimeout: sessionLimit,
  localSessionsEnabled: flag,
  localSessionsUpgradingEnabled: flag,
  readonlymodeEnabled: flag,
  standaloneEnabled: flag,
  syncEnabled: flag,
  maxClientCnxns: integer(0, 10_000),
  juteMaxBuffer: integer(256, ANY_NUMBER),
  reconfigEnabled: flag,
  extendedTypesEnabled: flag,
  enforceQuota: flag,
  skipACL: flag,
  enableEagerACLCheck: flag,
  superDigest: shortText,
  containerCheckIntervalMs: integer(1, ANY_NUMBER),
  containerMaxPerMinute: integer(1, 1e6),
  containerMaxNeverUsedIntervalMs: integer(0, ANY_NUMBER),
  fourLetterWhitelist: shortText,
  // The last counter is never proposed.
  initialZxid: integer(0, COUNTER_MAX - 1),
} satisfies { readonly [S in keyof ZooConfig]: Schema<ZooConfig[S]> };
const SETTING_KEYS = Object.keys(SETTINGS) as (keyof ZooConfig)[];

const settingEntries = Object.fromEntries(
  SETTING_KEYS.map((setting) => [
    settingName(setting),
    v.optional(SETTINGS[setting] as Schema<ZooConfig[keyof ZooConfig]>, ZOO_DEFAULTS[setting]),
  ]),
);

const groups = v.record(
  v.pipe(v.string(), v.regex(/^[1-9]\d{0,8}$/, 'expected the number of a group as key')),
  list(v.pipe(integer(1, 255), v.transform(sid)), 'a list of sids', SERVERS_MAX, 1),
  expected('an object with a list of sids for a group'),
);
const weights = v.record(
  v.pipe(v.string(), v.regex(/^[1-9]\d{0,2}$/, 'expected a sid as key')),
  integer(0, 1e6),
  expected('an object with a weight for a sid'),
);

const ensemble = v.pipe(
  object({
    servers: v.pipe(list(member, 'a list of servers', SERVERS_MAX, 1), together(memberProblem)),
    groups: v.optional(groups, {}),
    weights: v.optional(weights, {}),
    autoStart: v.optional(flag, true),
    ...settingEntries,
  }),
  v.transform(({ servers, groups, weights, autoStart, ...settings }): Scenario['ensemble'] => {
    const given = settings as Readonly<Record<string, unknown>>;
    const zoo = Object.fromEntries(SETTING_KEYS.map((setting) => [setting, given[settingName(setting)]]));
    return { servers, groups, weights, autoStart, ...(zoo as unknown as ZooConfig) };
  }),
  together(({ minSessionTimeout: min, maxSessionTimeout: max, tickTime }) =>
    (min < 0 ? 2 * tickTime : min) > (max < 0 ? 20 * tickTime : max)
      ? [['minSessionTimeout'], 'expected no more than maxSessionTimeout']
      : null,
  ),
  together(groupProblem),
  // The first byte of a TTL node's owner is 255 (`EphemeralType.validateServerId`).
  together(({ servers, extendedTypesEnabled }) =>
    extendedTypesEnabled && servers.some((server) => server.sid === 255)
      ? [['servers'], 'expected sids up to 254 with extendedTypesEnabled']
      : null,
  ),
);

/** Each participant is in exactly one group, and nobody else is (`QuorumHierarchical.parse`). */
function groupProblem({ servers, groups, weights }: Scenario['ensemble']) {
  const sids = servers.map((server) => Number(server.sid));
  const stranger = Object.keys(weights).find((key) => !sids.includes(Number(key)));
  if (stranger !== undefined) return [['weights', stranger], 'expected the sid of a server'] as const;
  const grouped = Object.entries(groups).flatMap(([group, members]) => members.map((each) => [group, each] as const));
  if (grouped.length === 0) {
    return Object.keys(weights).length === 0
      ? null
      : ([['weights'], 'expected groups, too: weights count in groups only'] as const);
  }
  const voters = servers.filter(({ role }) => role === 'participant').map((server) => server.sid);
  for (const [group, each] of grouped) {
    if (!voters.includes(each)) return [['groups', group], `expected sids of participants, got ${each}`] as const;
    if (grouped.filter(([, other]) => other === each).length > 1)
      return [['groups', group], `expected each sid in one group, got ${each} again`] as const;
  }
  const missing = voters.find((voter) => !grouped.some(([, each]) => each === voter));
  return missing === undefined ? null : ([['groups'], `expected every participant, got none with ${missing}`] as const);
}

function memberProblem(servers: readonly v.InferOutput<typeof member>[]) {
  const twice = servers.find((server, index) => servers.findIndex((other) => other.sid === server.sid) < index);
  if (twice) return [[], `expected each sid once, got ${twice.sid} twice`] as const;
  const observers = servers.every(({ role }) => role === 'observer');
  return observers ? ([[], 'expected at least one participant, got observers only'] as const) : null;
}

// ---- disks

const zxid = v.custom<string>(
  (input) => typeof input === 'string' && (parseZxid(input) ?? -1) >= 0,
  expected('a zxid such as "0x100000001"'),
);
const path = v.pipe(
  text('a path', 1000),
  v.check((value) => value !== '/' && validatePath(value) === null, expected('the path of a znode')),
);
const data = v.exactOptional(text('text', DATA_MAX));

const FILE_NAME =
  /^(?:version-2\/(?:(?:log|snapshot)\.[0-9a-f]{1,16}(?:\.gz)?|acceptedEpoch|currentEpoch)|myid|initialize|zoo\.cfg\S{0,100})$/;
const base64File = object({
  base64: v.pipe(text('base64', 2 * DATA_DIR_MAX), v.check(isBase64, expected('base64'))),
});
const files = v.record(
  v.pipe(v.string(), v.regex(FILE_NAME, 'expected the name of a file of a data directory, such as version-2/log.1')),
  base64File,
  expected('an object with a file for a name'),
);

const disk = v.pipe(
  object({
    files: v.exactOptional(files),
    acceptedEpoch: v.exactOptional(integer(0, EPOCH_MAX)),
    currentEpoch: v.exactOptional(integer(0, EPOCH_MAX)),
    snapshot: v.exactOptional(object({ zxid, nodes: list(object({ path, data }), 'a list of znodes', ZNODES_MAX) })),
    log: v.exactOptional(
      list(
        choice('op', {
          create: object({ zxid, op: v.literal('create'), path, data }),
          set: object({ zxid, op: v.literal('set'), path, data }),
          delete: object({ zxid, op: v.literal('delete'), path }),
        }),
        'a list of transactions',
        ZNODES_MAX,
      ),
    ),
  }),
  together((preset: DiskPreset) =>
    preset.files && Object.keys(preset).length > 1 ? [['files'], 'expected no other key beside files'] : null,
  ),
) satisfies Schema<DiskPreset>;

// ---- what speaks of the ensemble's servers, and of the clients

function disksSchema(sids: readonly number[]): Schema<Readonly<Record<string, DiskPreset>>> {
  const known = v.picklist(
    [...sids.map(String), '*'],
    `expected a sid of this ensemble (${sids.join(', ')}) or * as key`,
  );
  return v.record(known, disk, expected('an object with a disk for a sid'));
}

function clientsSchema(sids: readonly number[]): Schema<readonly ScenarioClient[]> {
  const form = 'a letter, then up to 31 letters, digits, _ or -, and neither lab nor the name of a server';
  const client = object({
    name: v.pipe(text('a name', TEXT_MAX), v.check(isClientName, expected(form))),
    server: v.optional(sidOf(sids), sids[0] ?? 1),
    sessionTimeout: v.optional(sessionTimeout, DEFAULT_SESSION_TIMEOUT),
    readOnly: v.optional(flag, false),
    chroot: v.optional(v.union([v.literal(''), path], expected('the path of a znode')), ''),
  });
  return v.pipe(
    list(client, 'a list of clients', CLIENTS_MAX),
    together((clients) => {
      const names = clients.map(({ name }) => name);
      const twice = names.findIndex((name, index) => names.indexOf(name) < index);
      return twice < 0 ? null : [[twice, 'name'], `expected each name once, got ${JSON.stringify(names[twice])} twice`];
    }),
  );
}

/** All but what speaks of others: see {@link parseScenario}. */
// First of all: of another format the keys would be others, too.
const outline = choice(
  'format',
  {
    [SCENARIO_FORMAT]: object({
      format: v.literal(SCENARIO_FORMAT),
      title: v.optional(text('text', TEXT_MAX), ''),
      seed: v.optional(integer(0, Number.MAX_SAFE_INTEGER), 0),
      ensemble,
      start: v.exactOptional(time),
      network: v.optional(object({ latency: v.optional(range(LATENCY_MIN, LATENCY_MAX), DEFAULT_LATENCY) }), {}),
      disk: v.optional(object({ fsync: v.optional(range(0, LATENCY_MAX), DEFAULT_FSYNC) }), {}),
      disks: v.optional(v.unknown(), {}),
      clients: v.optional(v.unknown(), []),
      actions: v.optional(v.unknown(), []),
      defects: v.optional(list(oneOf(DEFECT_NAMES), 'a list of names of defects', DEFECT_NAMES.length), []),
      until: v.exactOptional(time),
    }),
  },
  'a scenario',
);

/** Validates JSON that was parsed already. Never throws. */
export function parseScenario(json: unknown): ParsedScenario {
  const whole = check(outline, json);
  if (!whole.ok) return whole;
  const { disks, clients, actions, ...rest } = whole.value;
  const sids = rest.ensemble.servers.map((server) => server.sid);
  const crew = check(v.object({ clients: clientsSchema(sids), disks: disksSchema(sids) }), { clients, disks });
  if (!crew.ok) return crew;
  const cast = [...new Set([...sids, ...addedSids(actions)])];
  const action = actionSchema({ sids: cast, clients: crew.value.clients.map(({ name }) => name) });
  const play = check(v.object({ actions: list(action, 'a list of actions', ACTIONS_MAX) }), { actions });
  if (!play.ok) return play;
  const presets = presetImages(crew.value.disks, sids);
  if (!presets.ok) return presets;
  // Sorting is stable: actions of one instant keep their order.
  const sorted = play.value.actions.toSorted((a, b) => a.at - b.at);
  const start = rest.start ?? defaultStart(rest.ensemble.autoStart);
  const until = rest.until ?? defaultUntil(start, sorted);
  return { ok: true, scenario: { ...rest, ...crew.value, start, actions: sorted, until } };
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
  { ensemble, clients, actions }: Pick<Scenario, 'ensemble' | 'clients' | 'actions'>,
): { readonly ok: true; readonly action: ActionBody } | { readonly ok: false; readonly message: string } {
  const sids = new Set([...ensemble.servers.map((server) => Number(server.sid)), ...addedSids(actions)]);
  const cast = { sids: [...sids], clients: clients.map(({ name }) => name) };
  const checked = check(actionBodySchema(cast), json);
  return checked.ok ? { ok: true, action: checked.value } : checked;
}

/** JSON that {@link parseScenario} reads back; what is as by default is left out. */
export function serializeScenario(scenario: Scenario): Record<string, unknown> {
  const { ensemble, network, disk, disks, clients, actions, defects } = scenario;
  const zoo = (Object.keys(ZOO_DEFAULTS) as (keyof ZooConfig)[]).filter(
    (name) => ensemble[name] !== ZOO_DEFAULTS[name],
  );
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
      ...Object.fromEntries(zoo.map((name) => [settingName(name), ensemble[name]])),
      groups: Object.keys(ensemble.groups).length === 0 ? undefined : ensemble.groups,
      weights: Object.keys(ensemble.weights).length === 0 ? undefined : ensemble.weights,
      autoStart: ensemble.autoStart ? undefined : false,
    }),
    start: scenario.start === start ? undefined : scenario.start,
    network: latency && { latency },
    disk: fsync && { fsync },
    disks: Object.keys(disks).length === 0 ? undefined : disks,
    clients:
      clients.length === 0
        ? undefined
        : clients.map(({ name, server, sessionTimeout, readOnly, chroot }) =>
            given({
              name,
              server: server === first?.sid ? undefined : server,
              sessionTimeout: sessionTimeout === DEFAULT_SESSION_TIMEOUT ? undefined : sessionTimeout,
              readOnly: readOnly || undefined,
              chroot: chroot || undefined,
            }),
          ),
    actions: actions.length === 0 ? undefined : actions,
    defects: defects.length === 0 ? undefined : defects,
    until: scenario.until === defaultUntil(scenario.start, actions) ? undefined : scenario.until,
  });
}

function defaultStart(autoStart: boolean): number {
  return autoStart ? DEFAULT_START : 0;
}

function defaultUntil(start: number, actions: readonly Action[]): number {
  return Math.min(TIME_MAX, actions.reduce((latest, { at }) => Math.max(latest, at), start) + DEFAULT_REST);
}

function samePair(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

/** An object without the keys whose value is undefined. */
function given(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
