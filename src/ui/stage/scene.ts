/**
 * What the stage draws of servers and clients (links.ts: of links): plain values made from the state at
 * the playhead. Components draw them and know no more.
 */
import type { ActorName, Sid } from '../../protocol/ids.ts';
import { serverName } from '../../protocol/ids.ts';
import type { ZabState } from '../../protocol/packets.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import type { ClientView, LabState, ServerView } from '../../trace/index.ts';
import { isSlow, rangeWords } from '../state/acts.ts';
import { plural } from '../state/undo.ts';
import { ackRing, ringWords, type AckRing } from './ack-ring.ts';
import { durationWords, longZxid } from './format.ts';
import type { Point } from './geometry.ts';
import type { StageLayout } from './layout.ts';
import {
  configBadge,
  configWords,
  newestConfig,
  STANDING_WORDS,
  standingOf,
  type ConfigBadge,
  type Standing,
} from './membership.ts';

export type Usual = readonly [number, number];

export type CellKind = 'committed' | 'logged' | 'missing' | 'snapshot';
export interface LogCell {
  readonly zxid: Zxid;
  readonly kind: CellKind;
  /** Its epoch differs from that of the cell before it. */
  readonly newEpoch: boolean;
}

export interface Ballot {
  /** `s5`, or null for nobody (an observer). */
  readonly votesFor: string | null;
  readonly tally: number;
  readonly need: number;
  /** The quorum stands, the server waits for a better vote. */
  readonly settled: boolean;
}

export interface ServerScene extends Point {
  readonly sid: Sid;
  readonly name: ActorName;
  readonly standing: Standing;
  readonly state: ServerView['state'];
  /** Leading, be it frozen now. */
  readonly crowned: boolean;
  readonly epoch: number;
  readonly zxid: string;
  readonly ring: AckRing | null;
  readonly ballot: Ballot | null;
  readonly cells: readonly LogCell[];
  readonly syncing: boolean;
  readonly slowDisk: boolean;
  readonly readOnly: boolean;
  /** What is wrong or unusual, in a few words; the first of several. */
  readonly remark: Remark | null;
  readonly config: ConfigBadge | null;
  /** All of it in words, for who cannot see. */
  readonly says: string;
}

export interface ClientScene extends Point {
  readonly name: ActorName;
  readonly state: ClientView['state'];
  readonly server: Sid | null;
  readonly session: string;
  /** Paths, as far as there is room. */
  readonly watching: string | null;
  readonly pending: number;
  readonly says: string;
}

/** Zxids that the log rows show: the last `width` of all that any server has, ascending. */
export function logWindow(servers: Iterable<ServerView>, width: number): Zxid[] {
  const zxids = new Set<Zxid>();
  for (const server of servers) for (const entry of server.log.slice(-width)) zxids.add(entry.zxid);
  return [...zxids].sort((x, y) => x - y).slice(-width);
}

export function logCells(server: ServerView, window: readonly Zxid[]): LogCell[] {
  const has = new Set(server.log.map((entry) => entry.zxid));
  const first = server.log[0]?.zxid ?? Infinity;
  const snapshotted = Math.max(-1, ...server.snapshots, server.lastProcessed);
  return window.map((zxid, i) => ({
    zxid,
    kind: has.has(zxid)
      ? zxid <= server.lastCommitted
        ? 'committed'
        : 'logged'
      : zxid < first && zxid <= snapshotted
        ? 'snapshot'
        : 'missing',
    newEpoch: i > 0 && Math.floor(zxid / 2 ** 32) !== Math.floor((window[i - 1] ?? 0) / 2 ** 32),
  }));
}

function ballotOf({ election, serverState }: ServerView): Ballot | null {
  if (election === null || serverState !== 'LOOKING') return null;
  return {
    votesFor: election.vote.leader >= 0 ? `s${election.vote.leader}` : null,
    tally: election.tally.length,
    need: election.need,
    settled: election.waitingUntil !== null,
  };
}

/** Null: no process, or one without a leader over it. */
function phaseOf({ serverState, zabState }: ServerView): ZabState | null {
  return serverState === null || serverState === 'STANDALONE' ? null : zabState;
}

export interface Remark {
  readonly text: string;
  readonly tone: 'fault' | 'quiet';
}

/** What is unusual with a server: short for the stage, and in full. */
function remarksOf(server: ServerView, usualDisk: Usual): readonly (Remark & { readonly says: string })[] {
  const { exitReason, diskFull, readOnly, fsync } = server;
  const all = [
    exitReason === null ? null : { text: 'ended itself', tone: 'fault' as const, says: `ended itself: ${exitReason}` },
    diskFull ? { text: 'disk full', tone: 'fault' as const, says: 'its disk is full' } : null,
    readOnly ? { text: 'read-only', tone: 'quiet' as const, says: 'serves reads only, without a quorum' } : null,
    isSlow(fsync, usualDisk) ? { ...slowDiskRemark(fsync), tone: 'fault' as const } : null,
  ];
  return all.filter((remark) => remark !== null);
}

function slowDiskRemark(fsync: Usual): { readonly text: string; readonly says: string } {
  const text = `slow disk ${rangeWords(fsync)}`;
  return { text, says: text };
}

function serverWords(server: ServerView, standing: Standing, ring: AckRing | null, ballot: Ballot | null): string {
  const parts = [
    `Server s${server.sid}`,
    STANDING_WORDS[standing],
    server.state,
    server.state === 'PAUSED' && server.serverState ? `was ${server.serverState}` : null,
    server.state === 'DOWN' ? null : `epoch ${server.currentEpoch}`,
    phaseOf(server) === 'BROADCAST' ? null : phaseOf(server),
    ballot ? `votes for ${ballot.votesFor ?? 'nobody'}, ${ballot.tally} of ${ballot.need} votes` : null,
    ring ? ringWords(ring) : null,
    `last zxid ${longZxid(server.lastLogged)}`,
    configWords(server),
  ];
  return parts.filter((part) => part !== null).join(', ');
}

export function serverScenes(state: LabState, layout: StageLayout, usualDisk: Usual, cells: number): ServerScene[] {
  const servers = [...state.servers.values()];
  const newest = newestConfig(state.servers);
  const window = logWindow(servers, cells);
  return servers.flatMap((server) => {
    const place = layout.servers.get(server.sid);
    if (place === undefined) return [];
    const ring = ackRing(server, state.t);
    const ballot = ballotOf(server);
    const standing = standingOf(server, newest);
    const remarks = remarksOf(server, usualDisk);
    return {
      ...place,
      sid: server.sid,
      name: serverName(server.sid),
      standing,
      state: server.state,
      crowned: server.serverState === 'LEADING',
      epoch: server.currentEpoch,
      zxid: longZxid(server.lastLogged),
      ring,
      ballot,
      cells: logCells(server, window),
      syncing: server.fsyncing !== null,
      slowDisk: isSlow(server.fsync, usualDisk),
      readOnly: server.readOnly,
      remark: remarks[0] ?? null,
      config: configBadge(server, newest, state.t),
      says: [serverWords(server, standing, ring, ballot), ...remarks.map(({ says }) => says)].join(', '),
    };
  });
}

/** Paths that a session watches, over all servers, in their order. */
function watchedPaths(state: LabState, client: ClientView): string[] {
  const paths = new Set<string>();
  for (const server of state.servers.values()) {
    for (const [key, watchers] of server.watches) {
      if (client.sessionId !== null && watchers.has(client.sessionId)) paths.add(key.slice(key.indexOf(':') + 1));
    }
  }
  return [...paths];
}

/** Room for a watched path below a client, letters. */
const WATCH_LETTERS = 9;

/** The paths, cut to their room. */
function watchWords(paths: readonly string[]): string | null {
  const [first] = paths;
  if (first === undefined) return null;
  const more = paths.length === 1 ? '' : ` +${paths.length - 1}`;
  const room = WATCH_LETTERS - more.length;
  return `${first.length > room ? `${first.slice(0, room - 1)}…` : first}${more}`;
}

function sessionWords(client: ClientView): string {
  switch (client.state) {
    case 'CONNECTED':
      return `${durationWords(client.sessionTimeout)} session`;
    case 'CONNECTEDREADONLY':
      return 'read-only';
    case 'AUTH_FAILED':
      return 'auth failed';
    case 'NOT_CONNECTED':
      return 'not connected';
    case 'CONNECTING':
      return 'connecting …';
    case 'CLOSED':
    case 'EXPIRED':
      return `session ${client.state.toLowerCase()}`;
    default:
      return client.state;
  }
}

export function clientScenes(state: LabState, layout: StageLayout): ClientScene[] {
  return [...state.clients.values()].flatMap((client) => {
    const place = layout.clients.get(client.name);
    if (place === undefined) return [];
    const paths = watchedPaths(state, client);
    const session = sessionWords(client);
    const connected = client.clientState.startsWith('CONNECTED') && client.server !== null;
    const parts = [
      `Client ${client.name}`,
      client.state,
      connected ? `at s${client.server}` : null,
      session === client.state ? null : session,
      paths.length > 0 ? `watching ${paths.join(' ')}` : null,
      client.pending.size > 0 ? `${plural(client.pending.size, 'call')} without an answer` : null,
    ];
    return {
      ...place,
      name: client.name,
      state: client.state,
      server: connected ? client.server : null,
      session,
      watching: watchWords(paths),
      pending: client.pending.size,
      says: parts.filter((part) => part !== null).join(', '),
    };
  });
}

export const PHASES: readonly { readonly zab: ZabState; readonly word: string }[] = [
  { zab: 'ELECTION', word: 'Election' },
  { zab: 'DISCOVERY', word: 'Discovery' },
  { zab: 'SYNCHRONIZATION', word: 'Synchronization' },
  { zab: 'BROADCAST', word: 'Broadcast' },
];

/** Whose phase the ribbon shows: the selected server's if it lives, else that of the leader with the highest epoch, else the election. */
export function ribbonOf(state: LabState, selected: Sid | null): { phase: ZabState | null; whose: string | null } {
  const chosen = selected === null ? undefined : state.servers.get(selected);
  if (chosen && phaseOf(chosen) !== null) return { phase: phaseOf(chosen), whose: `s${chosen.sid}` };
  const leaders = [...state.servers.values()].filter((server) => server.state === 'LEADING');
  const [leader] = leaders.sort((x, y) => y.currentEpoch - x.currentEpoch);
  if (leader) return { phase: leader.zabState, whose: `s${leader.sid}` };
  const alive = [...state.servers.values()].some((server) => phaseOf(server) !== null);
  return { phase: alive ? 'ELECTION' : null, whose: null };
}
