/**
 * What a person can do to a server, client or link now, as data: menus, toolbars and keys all read
 * these lists, so that a gesture, a button and a key are the same act.
 */
import type { ActionBody } from '../../lab/index.ts';
import type { ActorName } from '../../protocol/ids.ts';
import { PACKET_TYPES, type PacketType } from '../../protocol/network.ts';
import type { ClientView, LabState, LinkView, ServerView } from '../../trace/index.ts';
import { plural } from './undo.ts';

export interface Act {
  readonly type: 'act';
  readonly label: string;
  readonly action: ActionBody;
  /** The key that does it while its subject is selected. */
  readonly key?: string;
  readonly danger?: boolean;
}
export interface ActGroup {
  readonly type: 'group';
  readonly label: string;
  readonly acts: readonly Act[];
}
export type ActEntry = Act | ActGroup;

type Range = readonly [number, number];

/** fsync latencies that the menus offer, ms. */
export const SLOW_DISKS: readonly Range[] = [
  [50, 80],
  [200, 300],
  [1000, 1500],
];
/** Link latencies that the menus offer, ms. */
export const SLOW_LINKS: readonly Range[] = [
  [80, 120],
  [300, 500],
  [1000, 2000],
];
/** The one that the key D takes. */
const SLOW_DISK: Range = [200, 300];

export function rangeWords([lo, hi]: Range): string {
  return lo === hi ? `${lo} ms` : `${lo}–${hi} ms`;
}

/** Whether a disk or link is slower than the scenario's own. */
export function isSlow(now: Range, usual: Range): boolean {
  return now[0] + now[1] > usual[0] + usual[1];
}

function act(label: string, action: ActionBody, more: Pick<Act, 'key' | 'danger'> = {}): Act {
  return { type: 'act', label, action, ...more };
}

/** @param usual fsync latency of the scenario */
export function serverActs(server: ServerView, usual: Range): ActEntry[] {
  const { sid, state, fsync, diskFull } = server;
  const slow = isSlow(fsync, usual);
  const disk: ActEntry[] = [
    {
      type: 'group',
      label: 'Slow disk',
      acts: SLOW_DISKS.map((range) =>
        act(
          `fsync takes ${rangeWords(range)}`,
          { do: 'disk', server: sid, fsync: range },
          range === SLOW_DISK || (range[0] === SLOW_DISK[0] && !slow) ? { key: 'D' } : {},
        ),
      ),
    },
    diskFull
      ? act('Make room on its disk', { do: 'disk-full', server: sid, full: false })
      : act('Fill its disk', { do: 'disk-full', server: sid }, { danger: true }),
    ...(slow ? [act(`Usual disk, ${rangeWords(usual)}`, { do: 'disk', server: sid, fsync: usual }, { key: 'D' })] : []),
  ];
  const takeAway = act('Take it away, with its disk', { do: 'remove-server', sid }, { danger: true });
  if (state === 'DOWN') {
    return [
      act('Restart', { do: 'restart', server: sid }, { key: 'R' }),
      act('Wipe its disk', { do: 'wipe', server: sid }, { danger: true }),
      ...disk,
      takeAway,
    ];
  }
  return [
    act('Kill', { do: 'kill', server: sid }, { key: 'K', danger: true }),
    state === 'PAUSED'
      ? act('Resume', { do: 'resume', server: sid }, { key: 'P' })
      : act('Pause', { do: 'pause', server: sid }, { key: 'P' }),
    ...disk,
    takeAway,
  ];
}

export function clientActs(client: ClientView, servers: Iterable<ServerView>): ActEntry[] {
  const { name, state, server } = client;
  const connectTo: ActGroup = {
    type: 'group',
    label: state === 'DOWN' ? 'Start it at' : 'Connect to',
    acts: [...servers].map(({ sid }) => act(`s${sid}`, { do: 'connect', client: name, server: sid })),
  };
  if (state === 'DOWN') {
    return [act('Start, with a new session', { do: 'connect', client: name }, { key: 'R' }), connectTo];
  }
  return [
    ...(server === null
      ? []
      : [act('Drop its connection', { do: 'drop-connection', from: name, to: `s${server}` }, { key: 'X' })]),
    connectTo,
    state === 'PAUSED'
      ? act('Resume', { do: 'resume', client: name }, { key: 'P' })
      : act('Pause', { do: 'pause', client: name }, { key: 'P' }),
    act('Stop it without closing its session', { do: 'disconnect', client: name }, { key: 'K', danger: true }),
  ];
}

/** Packets worth holding or dropping by hand between servers, and between a client and its server. */
const BETWEEN_SERVERS: readonly PacketType[] = ['PROPOSAL', 'ACK', 'COMMIT', 'NOTIFICATION', 'PING', 'NEWLEADER'];
const WITH_CLIENT: readonly PacketType[] = PACKET_TYPES.filter((type) =>
  ['Request', 'Reply', 'WatchEvent'].includes(type),
);

function direction(from: ActorName, to: ActorName, link: LinkView | undefined, types: readonly PacketType[]): ActGroup {
  const held = link?.holds ?? [];
  return {
    type: 'group',
    label: `${from} → ${to}`,
    acts: [
      link?.cut
        ? act('Heal this way', { do: 'heal', from, to, oneWay: true })
        : act('Cut this way only', { do: 'cut', from, to, oneWay: true }),
      ...(held.length > 0
        ? held.map(({ type }) =>
            act(`Release ${type ?? 'all packets'}`, { do: 'release', from, to, ...(type === null ? {} : { type }) }),
          )
        : []),
      act('Hold all packets', { do: 'hold', from, to }),
      ...types.map((type) => act(`Hold ${type}`, { do: 'hold', from, to, type })),
      act('Drop the next packet', { do: 'drop', from, to, count: 1 }),
    ],
  };
}

/** @param usual link latency of the scenario */
export function linkActs(a: ActorName, b: ActorName, state: Pick<LabState, 'links'>, usual: Range): ActEntry[] {
  const forth = state.links.get(`${a}>${b}`);
  const back = state.links.get(`${b}>${a}`);
  const types = [a, b].every((name) => /^s\d+$/.test(name)) ? BETWEEN_SERVERS : WITH_CLIENT;
  const slow = forth?.latency !== null && forth?.latency !== undefined && isSlow(forth.latency, usual);
  return [
    forth?.cut || back?.cut
      ? act('Heal', { do: 'heal', from: a, to: b }, { key: 'C' })
      : act('Cut', { do: 'cut', from: a, to: b }, { key: 'C', danger: true }),
    act('Break the TCP connection', { do: 'drop-connection', from: a, to: b }, { key: 'X' }),
    {
      type: 'group',
      label: 'Slow link',
      acts: SLOW_LINKS.map((latency) =>
        act(`${rangeWords(latency)} each way`, { do: 'latency', from: a, to: b, latency }),
      ),
    },
    ...(slow ? [act(`Usual latency, ${rangeWords(usual)}`, { do: 'latency', from: a, to: b, latency: usual })] : []),
    direction(a, b, forth, types),
    direction(b, a, back, types),
  ];
}

/** The act of a key among entries, in groups too. */
export function actOfKey(entries: readonly ActEntry[], key: string): Act | null {
  const acts = entries.flatMap((entry) => (entry.type === 'group' ? entry.acts : [entry]));
  // An act outside a group goes first: D sets a slow disk back before it makes it slower.
  const outside = entries.find((entry): entry is Act => entry.type === 'act' && entry.key === key);
  return outside ?? acts.find((candidate) => candidate.key === key) ?? null;
}

/** Cuts that are in force, as links (not directions). */
export function cutLinks(state: Pick<LabState, 'links'>): string[] {
  const cut = [...state.links.values()].filter((link) => link.cut);
  return [...new Set(cut.map(({ from, to }) => [from, to].sort().join('–')))];
}

export function healAllLabel(state: Pick<LabState, 'links'>): string {
  return `Heal ${plural(cutLinks(state).length, 'cut')}`;
}
