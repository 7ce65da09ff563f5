/**
 * What the stage draws of links: where they run, what they carry, which faults are in force on them, and
 * the words beside them.
 */
import type { ActorName, Sid } from '../../protocol/ids.ts';
import { serverName } from '../../protocol/ids.ts';
import type { LabState, LinkView } from '../../trace/index.ts';
import { isSlow, rangeWords } from '../state/acts.ts';
import { tally } from './ack-ring.ts';
import { CUT_AT, GATE_AT } from './flights.ts';
import { along, trim, type Point, type Segment } from './geometry.ts';
import type { StageLayout } from './layout.ts';
import type { ServerScene, Usual } from './scene.ts';

export interface LinkScene {
  readonly a: ActorName;
  readonly b: ActorName;
  readonly segment: Segment;
  /** The best of its connections: quorum traffic, elections only, none. */
  readonly carries: 'quorum' | 'election' | 'client' | 'none';
  readonly cutForth: boolean;
  readonly cutBack: boolean;
  readonly heldForth: string | null;
  readonly heldBack: string | null;
  readonly slow: string | null;
  readonly says: string;
}

/** The way from edge to edge between two actors of the stage. */
export function wayBetween(layout: StageLayout, from: ActorName, to: ActorName): Segment | null {
  const start = placeOf(layout, from);
  const end = placeOf(layout, to);
  if (start === null || end === null) return null;
  return trim({ from: start.at, to: end.at }, start.room, end.room);
}

function placeOf(layout: StageLayout, name: ActorName): { at: Point; room: number } | null {
  const client = layout.clients.get(name);
  if (client) return { at: client, room: layout.pill.height / 2 + 8 };
  const server = layout.servers.get(Number(name.slice(1)) as Sid);
  return server && /^s\d+$/.test(name) ? { at: server, room: layout.r + 7 } : null;
}

function heldWords(link: LinkView | undefined): string | null {
  if (link === undefined || link.holds.length === 0) return null;
  return link.holds.map(({ type }) => type ?? 'all').join(', ');
}

const RANKS = ['none', 'election', 'client', 'quorum'] as const;

/** Between all pairs of servers, and from each client to the server that it is connected to or cut off from. */
export function linkScenes(state: LabState, layout: StageLayout, usualLatency: Usual): LinkScene[] {
  const carries = new Map<string, (typeof RANKS)[number]>();
  for (const { initiator, acceptor, port } of state.connections.values()) {
    const key = pairKey(initiator, acceptor);
    const before = carries.get(key) ?? 'none';
    if (RANKS.indexOf(port) > RANKS.indexOf(before)) carries.set(key, port);
  }
  const servers = [...state.servers.keys()].map((id) => serverName(id));
  const pairs = servers.flatMap((a, i) => servers.slice(i + 1).map((b) => [a, b] as const));
  const touched = [...state.links.values()].filter(
    (link) => link.cut || link.holds.length > 0 || link.latency !== null,
  );
  const clientPairs = [...state.clients.keys()].flatMap((client) =>
    servers
      .filter(
        (server) =>
          serverName(state.clients.get(client)?.server ?? (0 as Sid)) === server ||
          carries.has(pairKey(client, server)) ||
          touched.some(({ from, to }) => pairKey(from, to) === pairKey(client, server)),
      )
      .map((server) => [client, server] as const),
  );
  return [...pairs, ...clientPairs].flatMap(([a, b]) => {
    const segment = wayBetween(layout, a, b);
    return segment ? linkScene(a, b, segment, carries.get(pairKey(a, b)) ?? 'none', state, usualLatency) : [];
  });
}

function pairKey(a: string, b: string): string {
  return a < b ? `${a}|${b}` : `${b}|${a}`;
}

function linkScene(
  a: ActorName,
  b: ActorName,
  segment: Segment,
  carries: LinkScene['carries'],
  state: LabState,
  usual: Usual,
): LinkScene {
  const forth = state.links.get(`${a}>${b}`);
  const back = state.links.get(`${b}>${a}`);
  const cutForth = forth?.cut ?? false;
  const cutBack = back?.cut ?? false;
  const latency = [forth?.latency, back?.latency].find((range) => range && isSlow(range, usual));
  const slow = latency ? rangeWords(latency) : null;
  const heldForth = heldWords(forth);
  const heldBack = heldWords(back);
  const words = [
    `Link ${a} to ${b}`,
    cutForth && cutBack ? 'cut' : cutForth ? `cut from ${a} to ${b}` : cutBack ? `cut from ${b} to ${a}` : null,
    carries === 'none' ? 'no connection' : `carries ${carries} traffic`,
    slow ? `slow, ${slow}` : null,
    heldForth ? `holds ${heldForth} from ${a}` : null,
    heldBack ? `holds ${heldBack} from ${b}` : null,
  ];
  return {
    a,
    b,
    segment,
    carries,
    cutForth,
    cutBack,
    heldForth,
    heldBack,
    slow,
    says: words.filter((word) => word !== null).join(', '),
  };
}

/** Where packets are held on a link, and what is held there. */
export function gatesOf({ segment, heldForth, heldBack }: LinkScene): { readonly at: Point; readonly what: string }[] {
  return [
    ...(heldForth ? [{ at: along(segment, GATE_AT + 0.03), what: heldForth }] : []),
    ...(heldBack ? [{ at: along(segment, 1 - GATE_AT - 0.03), what: heldBack }] : []),
  ];
}

/** Words beside a link or a leader's ring; they find a place like labels of messages. */
export interface Note {
  readonly at: Point;
  readonly text: string;
  readonly short?: string;
  readonly tone: 'quiet' | 'ack';
}

export function notesOf(links: readonly LinkScene[], servers: readonly ServerScene[], r: number): Note[] {
  return [
    ...servers.flatMap(({ ring, x, y }): Note[] => {
      if (ring === null || ring.resting || (ring.acks.length === 0 && ring.next === null)) return [];
      const count = tally(ring);
      const text = ring.next ? `${ring.what} old ${count}, new ${tally(ring.next)}` : `${ring.what} ${count}`;
      const short = ring.next ? `${count} · ${tally(ring.next)}` : count;
      return [{ at: { x: x + r, y: y - r * 0.8 }, text, short, tone: 'ack' }];
    }),
    ...links.flatMap((link): Note[] => [
      ...gatesOf(link).map(({ at, what }): Note => ({ at, text: `holds ${what}`, short: what, tone: 'quiet' })),
      ...(link.slow && !link.cutForth && !link.cutBack
        ? [{ at: along(link.segment, CUT_AT), text: link.slow, tone: 'quiet' } as const]
        : []),
    ]),
  ];
}
