/**
 * Where messages are drawn: a function of (sent, arrives, playhead) and of the links they fly on, so
 * that scrubbing back gives the same picture. Messages of a burst fan out beside their link.
 */
import type { TraceEvent } from '../../protocol/events.ts';
import type { ActorName } from '../../protocol/ids.ts';
import type { VirtualTime } from '../../protocol/time.ts';
import type { MessageView } from '../../trace/index.ts';
import type { History } from '../state/history.ts';
import { along, distance, type Point, type Segment } from './geometry.ts';

export interface Flight {
  readonly message: MessageView;
  readonly at: Point;
  /** Where its trail begins. */
  readonly tail: Point;
  readonly status: 'flying' | 'held' | 'cut' | 'lost';
  /** 1, or less for one that dies. */
  readonly opacity: number;
  /** As many more wait behind it. */
  readonly more: number;
}

/** Finds the way between two actors, from edge to edge; null if one is not on the stage. */
export type WayOf = (from: ActorName, to: ActorName) => Segment | null;

/** Part of the way at which held packets wait, and at which a cut link is cut. */
export const GATE_AT = 0.24;
export const CUT_AT = 0.5;
/** Traffic keeps to the right of its link, px. */
const KEEP_RIGHT = 5;
const LANE = 11;
const LANES_MAX = 5;
/** Closer than this on the way, two messages take different lanes, px. */
const CLOSE = 15;
const TRAIL = 16;
const QUEUE_STEP = 9;
/** Of those that wait on a link, this many are drawn. */
const QUEUE_MAX = 3;
/** A lost message fades for so long, virtual ms. */
export const DYING_MS = 12;

function partOf({ sent, arrives }: Pick<MessageView, 'sent' | 'arrives'>, t: number): number {
  if (arrives === null || arrives <= sent) return 1;
  return Math.min(1, Math.max(0, (t - sent) / (arrives - sent)));
}

/** Messages of the state, in the order of their ids. */
export function flights(messages: Iterable<MessageView>, t: VirtualTime, wayOf: WayOf): Flight[] {
  const byLink = new Map<string, MessageView[]>();
  for (const message of messages) {
    const key = `${message.from}>${message.to}`;
    const others = byLink.get(key);
    if (others) others.push(message);
    else byLink.set(key, [message]);
  }
  return [...byLink.values()].flatMap((onLink) => flightsOnLink(onLink, t, wayOf));
}

function flightsOnLink(messages: readonly MessageView[], t: VirtualTime, wayOf: WayOf): Flight[] {
  const [first] = messages;
  const way = first ? wayOf(first.from, first.to) : null;
  if (way === null) return [];
  const length = distance(way.from, way.to);
  const lanes: number[] = [];
  const flying = messages.flatMap((message): Flight[] => {
    if (message.arrives === null) return [];
    const part = partOf(message, t);
    const lane = freeLane(lanes, part * length);
    const at = along(way, part, aside(lane, part));
    const before = Math.max(0, part - TRAIL / length);
    return [{ message, at, tail: along(way, before, aside(lane, before)), status: 'flying', opacity: 1, more: 0 }];
  });
  const waiting = (['held', 'cut'] as const).flatMap((status) => queue(messages, status, way, length));
  return [...waiting, ...flying];
}

/** Those that wait at a gate or a cut, the first one nearest to it. */
function queue(messages: readonly MessageView[], status: 'held' | 'cut', way: Segment, length: number): Flight[] {
  const waiting = messages.filter(
    (message) => message.arrives === null && (message.waits === 'cut') === (status === 'cut'),
  );
  const gate = status === 'cut' ? CUT_AT - 16 / length : GATE_AT;
  return waiting.slice(0, QUEUE_MAX).map((message, place) => {
    const at = along(way, Math.max(0.02, gate - (place * QUEUE_STEP) / length), KEEP_RIGHT);
    const more = place === QUEUE_MAX - 1 ? waiting.length - QUEUE_MAX : 0;
    return { message, at, tail: at, status, opacity: 1, more };
  });
}

/** The lowest lane whose last message is not close to `place`; remembers it. `lanes` holds each lane's last place. */
function freeLane(lanes: number[], place: number): number {
  const found = lanes.findIndex((last) => Math.abs(last - place) >= CLOSE);
  const lane = found >= 0 ? found : lanes.length < LANES_MAX ? lanes.length : LANES_MAX - 1;
  lanes[lane] = place;
  return lane;
}

/** Lanes leave their link softly and come back to it. */
function aside(lane: number, part: number): number {
  return KEEP_RIGHT + lane * LANE * Math.min(1, 2.5 * Math.sin(Math.PI * part));
}

/** Messages that were lost a moment ago, dying where that happened. */
export function dyingFlights(history: History, t: VirtualTime, wayOf: WayOf): Flight[] {
  const dying: Flight[] = [];
  for (let i = history.countUntil(t) - 1; i >= 0; i--) {
    const event = history.at(i);
    if (event === undefined || event.t < t - DYING_MS) break;
    if (event.kind !== 'lost') continue;
    const flight = dyingFlight(history.at(event.message), event.t, event.why === 'cut', t, wayOf);
    if (flight) dying.push(flight);
  }
  return dying;
}

function dyingFlight(
  send: TraceEvent | undefined,
  lostAt: VirtualTime,
  cut: boolean,
  t: VirtualTime,
  wayOf: WayOf,
): Flight | null {
  if (send?.kind !== 'send') return null;
  const from = send.actor;
  const way = wayOf(from, send.to);
  if (way === null) return null;
  const message: MessageView = {
    id: send.id,
    from,
    to: send.to,
    port: send.port,
    conn: send.conn,
    packet: send.packet,
    sent: send.t,
    arrives: send.arrives,
    waits: null,
  };
  const part = partOf(message, lostAt);
  const at = along(way, cut ? Math.min(part, CUT_AT) : part, KEEP_RIGHT);
  return { message, at, tail: at, status: 'lost', opacity: 1 - (t - lostAt) / DYING_MS, more: 0 };
}
