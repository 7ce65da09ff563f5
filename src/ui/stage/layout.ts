/**
 * Where servers and clients stand: servers on a ring in the order of their sids, clients outside of it
 * near the server they begin with. Nobody moves when roles change or clients reconnect.
 */
import type { ActorName, Sid } from '../../protocol/ids.ts';
import type { Point } from './geometry.ts';

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
  /** Little room: shorter words, smaller letters. */
  readonly compact: boolean;
}

/** Room for the phase ribbon and a leader's crown above the ring, and for log row and zxid below a server. */
const ABOVE = 82;
const BELOW = 54;
/** Small servers have their state written below them. */
const WORD_BELOW = 17;
const SMALL = 36;
/** Below this width clients stand above and below the ring instead of beside it. */
const NARROW = 560;
/** Room of a row of clients on a narrow stage, with session and watch written below. */
const CLIENT_ROW = 52;
/** Clients of one side stand at least this far apart. */
const CLIENT_GAP = 74;
const MARGIN = 14;
const ABOVE_NARROW = 68;
/** Clients in one row of a narrow stage. */
const ROW_MAX = 3;
/** Half the width of the words below a client, px. */
const SESSION_HALF = 56;
/** Clients on one side. */
const SIDE_MAX = 3;

/** Larger ensembles have smaller servers. */
function radiusFor(servers: number, room: number): number {
  const share = servers <= 3 ? 8 : servers <= 5 ? 10 : servers <= 7 ? 11.5 : 13;
  return Math.round(Math.min(46, Math.max(22, room / share)));
}

/** Angle of server `index` of `count`, radians, clockwise from the right: the ring is symmetric, s1 at the lower left. */
export function ringAngle(index: number, count: number): number {
  return Math.PI / 2 + Math.PI / count + (index * 2 * Math.PI) / count;
}

export function layoutStage(size: StageSize, sids: readonly Sid[], clients: readonly ClientPlace[]): StageLayout {
  const { width, height } = size;
  const narrow = width < NARROW;
  const pill = narrow ? { width: 76, height: 26 } : { width: 92, height: 30 };
  const sides = splitClients(sids, clients);
  const column = narrow ? 40 : pill.width + 2 * MARGIN + 24;
  const rows = narrow ? [clients.slice(0, ROW_MAX), clients.slice(ROW_MAX)] : [];
  const top = (narrow ? ABOVE_NARROW : ABOVE) + (rows[0]?.length ? CLIENT_ROW : 0);
  const lowest = height - BELOW - (rows[1]?.length ? CLIENT_ROW : 0);

  const room = Math.min(width - 2 * column, lowest - top);
  const compact = radiusFor(sids.length, room) < SMALL;
  const bottom = compact ? lowest - WORD_BELOW : lowest;
  const r = radiusFor(sids.length, compact ? room - WORD_BELOW : room);
  const single = sids.length === 1;
  const ry = single ? 0 : Math.max(r, (bottom - top) / 2 - r);
  const widest = (width - 2 * column) / 2 - Math.max(r, narrow ? 20 : 44);
  const rx = single ? 0 : Math.max(r, Math.min(widest, ry * 1.75));
  const center = { x: width / 2, y: top + r + ry };
  const servers = new Map(
    sids.map((id, i) => {
      const angle = ringAngle(i, sids.length);
      // Two servers stand side by side, on the middle line.
      return [id, { x: center.x + rx * Math.cos(angle), y: center.y + ry * Math.sin(angle) }] as const;
    }),
  );

  const placed = narrow
    ? [...placeInRow(rows[0] ?? [], width, 58), ...placeInRow(rows[1] ?? [], width, height - CLIENT_ROW + 10)]
    : [
        ...placeInColumn(sides.left, servers, Math.max(MARGIN + SESSION_HALF, center.x - rx - r - 150), height),
        ...placeInColumn(
          sides.right,
          servers,
          Math.min(width - MARGIN - SESSION_HALF, center.x + rx + r + 150),
          height,
        ),
      ];
  return { ...size, servers, clients: new Map(placed), r, pill, compact };
}

interface Sides {
  readonly left: readonly ClientPlace[];
  readonly right: readonly ClientPlace[];
}

/** Each client goes to the side of its home, as long as that side has room. */
function splitClients(sids: readonly Sid[], clients: readonly ClientPlace[]): Sides {
  const left: ClientPlace[] = [];
  const right: ClientPlace[] = [];
  const most = Math.max(SIDE_MAX, Math.ceil(clients.length / 2));
  for (const client of clients) {
    const index = Math.max(0, sids.indexOf(client.home));
    const lean = Math.cos(ringAngle(index, sids.length));
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

function placeInRow(clients: readonly ClientPlace[], width: number, y: number): [ActorName, Point][] {
  return clients.map(({ name }, i) => [name, { x: ((i + 0.5) * width) / clients.length, y }]);
}
