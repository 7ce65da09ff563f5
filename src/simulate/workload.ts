/** What clients ask for: all operations, on few paths, so that they meet. */
import type { ActionBody } from '../lab/index.ts';
import { ADMIN_COMMANDS, FOUR_LETTER_WORDS } from '../protocol/monitoring.ts';
import { CREATE_MODES, type CreateMode } from '../protocol/znode.ts';
import type { Dice } from './dice.ts';

type Request = Readonly<Record<string, unknown>> & { readonly op: string };

const PARENTS = ['/a', '/b', '/c'];
const CHILDREN = ['/a/x', '/a/y', '/b/x', '/a/x/p', '/c/e'];
const PATHS = [...PARENTS, ...PARENTS, ...CHILDREN];
const ACLS = ['world:anyone:cdrwa', 'world:anyone:cdrwa', 'world:anyone:r', 'world:anyone:cdrw', 'auth::cdrwa'];

/** What is there when the work begins. */
export const FIRST = [...PARENTS, ...CHILDREN];

export function creation(client: string, path: string): ActionBody {
  return { do: 'request', client, op: 'create', path, data: 'first' };
}

/** Names of all operations that a seed may draw, with how often they come. */
const OPERATIONS = {
  create: 12,
  sequential: 5,
  ephemeral: 5,
  set: 10,
  'set-version': 4,
  delete: 4,
  'delete-version': 2,
  get: 6,
  'get-watch': 5,
  stat: 2,
  'stat-watch': 4,
  ls: 3,
  'ls-watch': 4,
  addWatch: 3,
  removewatches: 2,
  removeWatches: 1,
  sync: 4,
  multi: 5,
  'multi-read': 2,
  container: 2,
  ttl: 2,
  getAcl: 1,
  setAcl: 1,
  addauth: 1,
  config: 1,
  whoami: 1,
  getEphemerals: 1,
  getAllChildrenNumber: 1,
  quota: 1,
  console: 1,
  wrong: 1,
  ask: 1,
} as const;
export type OperationKind = keyof typeof OPERATIONS;

/** Always drawn: without these nothing happens. */
const ALWAYS: readonly OperationKind[] = ['create', 'set', 'delete', 'get'];

/** Swarm: each seed has its own mixture of operations. */
export function drawMixture(dice: Dice, ttl: boolean): Readonly<Partial<Record<OperationKind, number>>> {
  const kinds = Object.keys(OPERATIONS) as readonly OperationKind[];
  return Object.fromEntries(
    kinds.flatMap((kind) =>
      kind === 'ttl' && !ttl
        ? []
        : ALWAYS.includes(kind) || dice.chance(0.6)
          ? [[kind, OPERATIONS[kind] * dice.pick([1, 1, 3])]]
          : [],
    ),
  );
}

/** One action of `client`. `sids`: whom an operator may ask. */
export function drawAction(dice: Dice, kind: OperationKind, client: string, sids: readonly number[]): ActionBody {
  if (kind === 'ask') {
    const words = [...FOUR_LETTER_WORDS.filter((word) => word !== 'stmk'), 'stmk 306'];
    const commands = Object.keys(ADMIN_COMMANDS).map((name) => `/commands/${name}`);
    return { do: 'ask', server: dice.pick(sids), command: dice.pick(dice.chance(0.5) ? words : commands) };
  }
  if (kind === 'quota' || kind === 'console') return { do: 'console', client, line: drawLine(dice, kind) };
  return { do: 'request', client, ...drawRequest(dice, kind) };
}

function drawRequest(dice: Dice, kind: Exclude<OperationKind, 'ask' | 'quota' | 'console'>): Request {
  const path = dice.pick(PATHS);
  const version = dice.int(0, 4);
  switch (kind) {
    case 'create':
      return { op: 'create', path, data: drawData(dice), ...(dice.chance(0.2) ? { stat: false } : {}) };
    case 'sequential': {
      const mode = dice.pick<CreateMode>(['PERSISTENT_SEQUENTIAL', 'EPHEMERAL_SEQUENTIAL']);
      return { op: 'create', path: `${dice.pick(PARENTS)}/${dice.pick(['n-', 'q-'])}`, data: drawData(dice), mode };
    }
    case 'ephemeral':
      return { op: 'create', path: dice.pick([...CHILDREN, '/e']), data: drawData(dice), mode: 'EPHEMERAL' };
    case 'container':
      return { op: 'create', path: dice.pick(PARENTS), mode: 'CONTAINER' };
    case 'ttl': {
      const mode = dice.pick<CreateMode>(['PERSISTENT_WITH_TTL', 'PERSISTENT_SEQUENTIAL_WITH_TTL']);
      return { op: 'create', path: dice.pick(CHILDREN), data: drawData(dice), mode, ttl: dice.pick([100, 2000]) };
    }
    case 'set':
      return { op: 'set', path, data: drawData(dice) };
    case 'set-version':
      return { op: 'set', path, data: drawData(dice), version };
    case 'delete':
      return { op: 'delete', path };
    case 'delete-version':
      return { op: 'delete', path, version };
    case 'get':
    case 'stat':
    case 'getAcl':
    case 'getAllChildrenNumber':
      return { op: kind, path };
    case 'get-watch':
      return { op: 'get', path, watch: true };
    case 'stat-watch':
      return { op: 'stat', path, watch: true };
    case 'ls':
      return { op: 'ls', path, stat: dice.chance(0.5) };
    case 'ls-watch':
      return { op: 'ls', path, watch: true };
    case 'addWatch':
      return { op: 'addWatch', path, mode: dice.pick(['PERSISTENT', 'PERSISTENT_RECURSIVE']) };
    case 'removewatches':
    case 'removeWatches':
      return { op: kind, path, type: dice.pick(['Any', 'Data', 'Children']), local: dice.chance(0.3) };
    case 'sync':
      return { op: 'sync', path: dice.pick(['/', path]) };
    case 'multi':
      return { op: 'multi', ops: Array.from({ length: dice.int(0, 4) }, () => drawPart(dice)) };
    case 'multi-read':
      return {
        op: 'multi',
        ops: Array.from({ length: dice.int(1, 3) }, () => ({ op: dice.pick(['get', 'ls']), path: dice.pick(PATHS) })),
      };
    case 'setAcl':
      return { op: 'setAcl', path: dice.pick(CHILDREN), acl: dice.pick(ACLS) };
    case 'addauth':
      return { op: 'addauth', scheme: 'digest', auth: dice.pick(['u:p', 'v:q']) };
    case 'config':
      return { op: 'config', watch: dice.chance(0.5) };
    case 'whoami':
      return { op: 'whoami' };
    case 'getEphemerals':
      return dice.chance(0.5) ? { op: 'getEphemerals' } : { op: 'getEphemerals', path: dice.pick(PARENTS) };
    case 'wrong':
      return dice.pick<Request>([
        { op: 'get', path: '/no//path' },
        { op: 'create', path: '/a/../b' },
        { op: 'create', path: '/', data: 'x' },
        { op: 'delete', path: '/' },
        { op: 'create', path: '/c/t', mode: dice.pick(CREATE_MODES), ttl: 0 },
        { op: 'setAcl', path, acl: 'auth::' },
        { op: 'create', path: '/a', acl: [] },
        { op: 'addauth', scheme: 'digest', auth: 'nocolon' },
        { op: 'set', path: '/zookeeper', data: 'x' },
        {
          op: 'multi',
          ops: [
            { op: 'get', path },
            { op: 'delete', path },
          ],
        },
        { op: 'reconfig', leaving: '99' },
      ]);
  }
}

function drawPart(dice: Dice): Request {
  const path = dice.pick(PATHS);
  switch (dice.pick(['create', 'create', 'set', 'delete', 'check'] as const)) {
    case 'create':
      return {
        op: 'create',
        path,
        data: drawData(dice),
        mode: dice.pick<CreateMode>(['PERSISTENT', 'EPHEMERAL', 'PERSISTENT_SEQUENTIAL']),
      };
    case 'set':
      return { op: 'set', path, data: drawData(dice) };
    case 'delete':
      return { op: 'delete', path };
    case 'check':
      return { op: 'check', path, version: dice.pick([-1, 0, 1]) };
  }
}

function drawLine(dice: Dice, kind: 'quota' | 'console'): string {
  const path = dice.pick(PARENTS);
  if (kind === 'quota') {
    const option = `-${dice.pick(['n', 'N', 'b', 'B'])}`;
    return dice.pick([`setquota ${option} ${dice.int(2, 9)} ${path}`, `delquota ${path}`, `listquota ${path}`]);
  }
  return dice.pick([
    `deleteall ${path}`,
    `ls -R ${path}`,
    `get -s ${path}`,
    `create -s ${path}/z-`,
    `stat -w ${path}`,
    'whoami',
    'config -s',
  ]);
}

function drawData(dice: Dice): string {
  return dice.chance(0.03) ? 'd'.repeat(dice.int(500, 3000)) : `d${dice.int(0, 999)}`;
}
