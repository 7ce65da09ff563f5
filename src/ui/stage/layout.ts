/**
 * Where servers and clients stand: servers on a ring in the order of their sids, clients outside of it
 * near the server they begin with. Nobody moves when roles change or clients reconnect.
 */
import type { ActorName, Sid } from '../../protocol/ids.ts';
import { along, type Point } from './geometry.ts';
import { layRing, type Detail } from './ring.ts';
import type { Slots } from './slots.ts';

export interface StageSize {
  readonly width: number;
  readonly height: number;
}

export interface ClientPlace {
  readonly name: ActorName;
  /** The server it begins with. */
  readonly home: Sid;
}

export interface StageLayout extends StageSize {
  readonly servers: ReadonlyMap<Sid, Point>;
  readonly clients: ReadonlyMap<ActorName, Point>;
  /** Radius of a server, px. */
  readonly r: number;
  /** Size of a client's pill, px. */
  readonly pill: StageSize;
  readonly detail: Detail;
}

/** Below this width clients stand above and below the ring instead of beside it. */
const NARROW = 560;
/** Room of a row of clients on a narrow stage, with session and watch written below. */
const CLIENT_ROW = 52;
/** Clients of one side stand at least this far apart. */
const CLIENT_GAP = 74;
const MARGIN = 14;
/** Room for the phase ribbon above the ring. */
const RIBBON = 50;
const RIBBON_NARROW = 40;
const RIBBON_LARGE = 64;
/** Clients in one row of a narrow stage. */
const ROW_MAX = 3;
/** Buttons stand in the lower corners of a narrow stage. */
const TOOLS = 50;
/** Half the width of the words below a client, px. */
const SESSION_HALF = 56;
/** Clients on one side. */
const SIDE_MAX = 3;

/** Angle of server `index` of `count` on a circle, radians, clockwise from the right: s1 is at the lower left. */
export function ringAngle(index: number, count: number): number {
  return Math.PI / 2 + Math.PI / count + (index * 2 * Math.PI) / count;
}

/**
 * @param slots the servers of each place of the ring
 * @param scale the stage is drawn so much larger than `size`, the ribbon is not
 */
export function layoutStage(size: StageSize, slots: Slots, clients: readonly ClientPlace[], scale = 1): StageLayout {
  const { width, height } = size;
  const narrow = width < NARROW;
  const pill = narrow ? { width: 76, height: 26 } : { width: 92, height: 30 };
  const rows = narrow ? [clients.slice(0, ROW_MAX), clients.slice(ROW_MAX)] : [];
  const column = narrow ? 4 : clients.length === 0 ? MARGIN : pill.width + 2 * MARGIN + 24;
  const top = (narrow ? RIBBON_NARROW : scale > 1 ? RIBBON_LARGE / scale : RIBBON) + (rows[0]?.length ? CLIENT_ROW : 0);
  const bottom = height - 6 - (rows[1]?.length ? CLIENT_ROW : 0);
  const ring = layRing(slots.length, { x: column, y: top, width: width - 2 * column, height: bottom - top });
  const { r, detail, center, rx } = ring;
  const servers = new Map(ring.places.flatMap((place, i) => (slots[i] ?? []).map((id) => [id, place] as const)));
  const sides = splitClients(slots, clients);

  const placed = narrow
    ? [
        ...placeInRow(rows[0] ?? [], MARGIN, width - 2 * MARGIN, 58),
        ...placeInRow(rows[1] ?? [], TOOLS, width - 2 * TOOLS, height - CLIENT_ROW + 10),
      ]
    : [
        ...placeInColumn(sides.left, servers, Math.max(MARGIN + SESSION_HALF, center.x - rx - r - 150), height),
        ...placeInColumn(
          sides.right,
          servers,
          Math.min(width - MARGIN - SESSION_HALF, center.x + rx + r + 150),
          height,
        ),
      ];
  return { ...size, servers, clients: new Map(placed), r, pill, detail };
}

const SCALE_MAX = 2;

/** How much larger all of the stage may be drawn without losing detail. */
export function presentScale(size: StageSize, slots: Slots, clients: readonly ClientPlace[]): number {
  const usual = layoutStage(size, slots, clients).detail;
  for (let scale = SCALE_MAX; scale > 1; scale -= 0.05) {
    const room = { width: size.width / scale, height: size.height / scale };
    if (room.width >= NARROW && layoutStage(room, slots, clients, scale).detail === usual) return scale;
  }
  return 1;
}

interface Sides {
  readonly left: readonly ClientPlace[];
  readonly right: readonly ClientPlace[];
}

/** Each client goes to the side of its home, as long as that side has room. */
function splitClients(slots: Slots, clients: readonly ClientPlace[]): Sides {
  const left: ClientPlace[] = [];
  const right: ClientPlace[] = [];
  const most = Math.max(SIDE_MAX, Math.ceil(clients.length / 2));
  for (const client of clients) {
    const index = slots.findIndex((sids) => sids.includes(client.home));
    const lean = Math.cos(ringAngle(Math.max(0, index), slots.length));
    const wishesLeft = Math.abs(lean) < 0.01 ? left.length <= right.length : lean < 0;
    const goesLeft = wishesLeft ? left.length < most : right.length >= most;
    (goesLeft ? left : right).push(client);
  }
  return { left, right };
}

/** As near as may be to the height of their homes, in that order, at least {@link CLIENT_GAP} apart. */
function placeInColumn(
  clients: readonly ClientPlace[],
  servers: ReadonlyMap<Sid, Point>,
  x: number,
  height: number,
): [ActorName, Point][] {
  const wished = clients
    .map((client) => ({ client, y: servers.get(client.home)?.y ?? height / 2 }))
    .sort((a, b) => a.y - b.y);
  const lowest = height - 96;
  let free = 92;
  return wished.map(({ client, y }, i) => {
    const latest = lowest - (wished.length - 1 - i) * CLIENT_GAP;
    const place = Math.min(Math.max(y - 46, free), latest);
    free = place + CLIENT_GAP;
    return [client.name, { x, y: place }];
  });
}

function placeInRow(clients: readonly ClientPlace[], left: number, width: number, y: number): [ActorName, Point][] {
  return clients.map(({ name }, i) => [name, { x: left + ((i + 0.5) * width) / clients.length, y }]);
}

/** Whether the same stage has got more servers. */
export function isGrown(before: StageLayout, after: StageLayout): boolean {
  const same = before.width === after.width && before.height === after.height && before.servers.size > 0;
  return (
    same && after.servers.size > before.servers.size && [...before.servers.keys()].every((id) => after.servers.has(id))
  );
}

/** Between two arrangements of the same stage; who is in one only stands there. Everything on the stage follows from a layout. */
export function between(before: StageLayout, after: StageLayout, part: number): StageLayout {
  if (part >= 1) return after;
  return {
    ...after,
    r: before.r + (after.r - before.r) * part,
    servers: mixed(before.servers, after.servers, part),
    clients: mixed(before.clients, after.clients, part),
  };
}

function mixed<K>(before: ReadonlyMap<K, Point>, after: ReadonlyMap<K, Point>, part: number): ReadonlyMap<K, Point> {
  return new Map([...after].map(([key, to]) => [key, along({ from: before.get(key) ?? to, to }, part)]));
}
