/** Replays a case of a suite, or a random one, step by step, and compares each line. */
import { createClient } from '../../client/index.ts';
import { unreachable } from '../../protocol/assert.ts';
import type { KeeperError } from '../../protocol/errors.ts';
import { sessionId, sid, type SessionId } from '../../protocol/ids.ts';
import { parseZxid, ZXID_ZERO } from '../../protocol/zxid.ts';
import { leaderOf } from '../../trace/index.ts';
import { Acls } from './acls.ts';
import { compare, withoutOrder, type Difference } from './compare.ts';
import { finalOf } from './final.ts';
import { ASKER, fourLetterWord } from './four-letter.ts';
import type { RecordedCase, RecordedOperation, RecordedStep } from './recording.ts';
import { requestOf, resultOf } from './requests.ts';
import { modeOf, Stage, StageError, usualSettings } from './stage.ts';
import type { Station, Told } from './station.ts';
import { Names, spelledOut } from './values.ts';
import { RawClients, withoutBodies } from './wire.ts';

/** Virtual ms that a reply may take. */
const REPLY_MS = 60_000;

/** With these errors the recordings have no zxid, be they a server's answer or the client's own. */
const NO_REPLY: readonly (KeeperError | null)[] = ['CONNECTIONLOSS', 'SESSIONEXPIRED', 'AUTHFAILED'];
/** Virtual ms that a session may take to come back while its server runs. */
const COMEBACK_MS = 20_000;

/** What a step came to, as it would have been recorded. */
interface Outcome {
  readonly res?: unknown;
  readonly z?: unknown;
  readonly reqHex?: string;
  /** What the step's own session was told of it, in order: events and replies. */
  readonly replies?: ReadonlyMap<number, string>;
}

/** Differences of a case; `step` null: the header or the final line. */
export interface CaseDifference extends Difference {
  readonly step: number | null;
}

/** Plays the case on fresh servers. Never throws for what the engine does: that is a difference. */
export async function replayCase(recorded: RecordedCase): Promise<readonly CaseDifference[]> {
  const differences: CaseDifference[] = [];
  let step: number | null = null;
  try {
    const player = await Player.open(recorded);
    differences.push(...player.start().map((each) => ({ step, ...each })));
    for (const each of recorded.steps) {
      step = each.n;
      for (const difference of await player.step(each)) differences.push({ step, ...difference });
    }
    step = null;
    if (recorded.final) {
      for (const each of await player.final(recorded.final)) differences.push({ step, ...each });
    }
  } catch (error) {
    const got =
      error instanceof StageError
        ? error.message
        : error instanceof Error
          ? `${error.name}: ${error.message}`
          : String(error);
    differences.push({ step, place: '', expected: 'a lab that runs', got });
  }
  return differences;
}

class Player {
  readonly #recorded: RecordedCase;
  readonly #stage: Stage;
  readonly #names = new Names();
  readonly #acls = new Acls();
  readonly #raw: RawClients;
  /** Of the last `times` step of a path. */
  readonly #times = new Map<string, { readonly ctime: number; readonly mtime: number }>();

  private constructor(recorded: RecordedCase, stage: Stage) {
    this.#recorded = recorded;
    this.#stage = stage;
    this.#raw = new RawClients(stage, this.#names);
  }

  static async open(recorded: RecordedCase): Promise<Player> {
    const { server, steps } = recorded;
    const labels = new Set(
      steps.flatMap(({ op, s }) => (s !== undefined && (op === 'open' || op === 'rawOpen') ? [s] : [])),
    );
    if (steps.some(({ op }) => op === '4lw')) labels.add(ASKER);
    const standalone = server.servers === 0;
    const stage = await Stage.open({ servers: server, labels: [...labels], settings: usualSettings(standalone) });
    const groups = server.startOrder ?? [Array.from({ length: Math.max(1, server.servers) }, (_, index) => index + 1)];
    for (const group of groups) {
      await stage.actAll(group.map((server) => ({ do: 'restart', server })));
      const serving = await stage.until(() => group.every((each) => stage.server(each).serving));
      if (!serving) throw new StageError(`servers ${group.join(', ')} do not come to serve`);
    }
    // Whatever the servers still say to each other.
    await stage.run(50);
    return new Player(recorded, stage);
  }

  /** Compares who leads, and the last zxid. */
  start(): readonly Difference[] {
    const { leader, base } = this.#recorded;
    const leads = leaderOf(this.#stage.state);
    const last = this.#stage.server(leads ?? 1).lastProcessed;
    this.#names.base = base === undefined ? last : (parseZxid(base) ?? ZXID_ZERO);
    return [
      ...(leader === undefined ? [] : compare('leader', leader, leads)),
      ...(base === undefined ? [] : compare('base', this.#names.base, last)),
    ];
  }

  async step(step: RecordedStep): Promise<readonly Difference[]> {
    const marks = new Map([...this.#stage.stations].map(([label, station]) => [label, station.told.length]));
    this.#acls.note(step);
    const outcome = await this.#do(step);
    await this.#settle();
    const got = this.#seen(marks, step, outcome.replies ?? new Map());
    return [
      ...compare('z', step.z, outcome.z),
      ...compare('reqHex', step.reqHex, outcome.reqHex),
      ...compare('res', this.#expected(step.res), this.#acls.tolerate(step.res, outcome.res)),
      ...this.#compareSeen(step, got),
    ];
  }

  async final(final: Readonly<Record<string, unknown>>): Promise<readonly Difference[]> {
    await this.#raw.closeAll();
    const { approximateDataSize: _, ...expected } = final;
    const got = finalOf(this.#stage, this.#names, this.#recorded.server.servers === 0);
    return compare('final', this.#expected(expected), this.#acls.tolerate(expected, got));
  }

  /** Data written out, messages left out (tolerance 2). */
  #expected(res: unknown): unknown {
    const spelled = spelledOut(res);
    const plain = (each: unknown): unknown => {
      if (typeof each !== 'object' || each === null) return each;
      if (!('throws' in each)) return withoutBodies(each);
      return { throws: each.throws };
    };
    return Array.isArray(spelled) ? spelled.map(plain) : plain(spelled);
  }

  async #do(step: RecordedStep): Promise<Outcome> {
    const stage = this.#stage;
    switch (step.op) {
      case 'open':
        return this.#open(step);
      case 'cut': {
        const { label, station } = this.#own(step);
        const from = station.told.length;
        await stage.order(label, { do: 'cut' });
        return { res: { done: await stage.until(() => toldState(station, from, ['Disconnected'])) } };
      }
      case 'heal': {
        const { label, station } = this.#own(step);
        const from = station.told.length;
        await stage.order(label, { do: 'heal', server: step.server === undefined ? null : serverOf(step.server) });
        const done = await stage.until(() =>
          toldState(station, from, ['SyncConnected', 'ConnectedReadOnly', 'Expired']),
        );
        return { res: { done, state: stateOf(station) } };
      }
      case 'await': {
        const wanted = Object.entries(step.for).map(([label, count]) => ({ station: stage.station(label), count }));
        const from = new Map(wanted.map(({ station }) => [station, station.told.length]));
        const came = (): boolean =>
          wanted.every(({ station, count }) => eventsSince(station, from.get(station) ?? 0).length >= count);
        return { res: { done: await stage.until(came, step.within) } };
      }
      case 'sleep':
        await stage.run(step.ms);
        return {};
      case 'kill':
        await stage.act({ do: 'kill', server: serverOf(step.server) });
        // Connections to it break before anything else happens.
        await stage.run(20);
        return {};
      case 'start': {
        await stage.act({ do: 'restart', server: serverOf(step.server) });
        if (!step.noWait && !(await stage.until(() => stage.server(serverOf(step.server)).serving))) {
          throw new StageError(`server ${step.server} does not come to serve`);
        }
        return {};
      }
      case 'restart': {
        const server = serverOf(step.server);
        const clients = [...stage.stations.values()].filter(connected);
        const from = clients.map((station) => station.told.length);
        await stage.act({ do: 'kill', server });
        await stage.run(20);
        await stage.act({ do: 'restart', server });
        return {
          res: {
            done: await stage.until(() => clients.every((each, index) => lostAndRegained(each, from[index] ?? 0))),
          },
        };
      }
      case 'failover': {
        const clients = step.sessions.map((label) => stage.station(label));
        const from = clients.map((station) => station.told.length);
        await stage.act({ do: 'kill', server: serverOf(step.server) });
        return {
          res: {
            done: await stage.until(() => clients.every((each, index) => lostAndRegained(each, from[index] ?? 0))),
          },
        };
      }
      case 'join':
        await stage.act({ do: 'add-server', sid: step.server, role: step.role });
        if (!(await stage.until(() => stage.server(serverOf(step.server)).serving))) {
          throw new StageError(`server ${step.server} does not come to serve`);
        }
        return {};
      case 'mode': {
        const recorded = (step.res as { readonly modes?: readonly unknown[] } | undefined)?.modes ?? [];
        // Null as the recording writes it.
        const modes = step.servers.map(
          (server, at) => modeOf(stage.server(serverOf(server))) ?? (recorded[at] === null ? null : 'null'),
        );
        return { res: { modes } };
      }
      case 'awaitMode':
        return {
          res: { done: await stage.until(() => String(modeOf(stage.server(serverOf(step.server)))) === step.mode) },
        };
      case '4lw':
        return { res: { text: await fourLetterWord(stage, serverOf(step.server), step.cmd) } };
      case 'times':
        return this.#timesStep(step);
      case 'getState':
        return { res: { state: stateOf(this.#own(step).station) } };
      case 'batch': {
        const { station } = this.#own(step);
        const from = station.told.length;
        const calls = await this.#call(step, step.ops);
        const replies = calls.map((returned, index) => [station.told.indexOf(returned) - from, `r${index}`] as const);
        return {
          res: calls.map((returned, index) => this.#result(step.ops[index], returned)),
          replies: new Map(replies),
        };
      }
      case 'rawOpen':
      case 'raw':
      case 'rawClose':
        return this.#raw.step(step);
      default: {
        const { station } = this.#own(step);
        const from = station.told.length;
        const [returned] = await this.#call(step, [step]);
        if (!returned) return { res: { done: false } };
        const { zxid, error, throws } = returned;
        const recorded =
          throws === undefined && step.op !== 'close' && step.op !== 'addAuth' && !NO_REPLY.includes(error);
        return {
          res: this.#result(step, returned),
          // What the client answers by itself has the zxid that it saw last.
          ...(recorded && { z: this.#names.zxid(zxid ?? station.lastZxid) }),
          replies: new Map([[station.told.indexOf(returned) - from, 'r']]),
        };
      }
    }
  }

  #own(step: RecordedStep): { readonly label: string; readonly station: Station } {
    if (step.s === undefined) throw new StageError(`${step.op} has no session`);
    return { label: step.s, station: this.#stage.station(step.s) };
  }

  #result(operation: RecordedOperation | undefined, returned: Returned): unknown {
    return operation && resultOf(operation, returned, this.#names);
  }

  async #open(step: Extract<RecordedStep, { readonly op: 'open' }>): Promise<Outcome> {
    const { label, station } = this.#own(step);
    const from = station.told.length;
    const { timeout, chroot, readOnly } = step;
    const server = serverOf(step.server);
    const resume = step.resume === undefined ? undefined : this.#credentials(step.resume, step);
    station.session = null;
    await this.#stage.order(label, {
      do: 'open',
      server,
      create: (refs, incarnation) =>
        createClient({
          name: this.#stage.actor(label),
          servers: [sid(server)],
          sessionTimeout: timeout,
          seed: 1,
          incarnation,
          refs,
          chroot,
          readOnly,
          // Clients of the recordings' release try for ever.
          localExpiry: false,
          ...(resume && { resume }),
        }),
    });
    const done = await this.#stage.until(() =>
      toldState(station, from, ['SyncConnected', 'ConnectedReadOnly', 'Expired', 'AuthFailed']),
    );
    const session = station.session as Station['session'];
    const state = stateOf(station);
    if (!connected(station) || !session) return { res: { done, state } };
    return { res: { done, state, timeout: session.timeout, session: this.#names.enter(session.id, label) } };
  }

  #credentials(
    label: string,
    { badPassword, badId }: { readonly badPassword: boolean; readonly badId: boolean },
  ): { readonly sessionId: SessionId; readonly passwd: string } {
    const session = this.#stage.station(label).session;
    if (!session) throw new StageError(`session ${label} was never open`);
    const last = (Number.parseInt(session.passwd.slice(-1), 16) ^ 1).toString(16);
    return {
      sessionId: badId ? sessionId(BigInt(session.id) + 0x7777n) : session.id,
      passwd: badPassword ? session.passwd.slice(0, -1) + last : session.passwd,
    };
  }

  async #timesStep(step: Extract<RecordedStep, { readonly op: 'times' }>): Promise<Outcome> {
    const [returned] = await this.#call(step, [{ op: 'exists', path: step.path, watch: false }]);
    const stat = returned?.result?.stat;
    if (!stat) return { res: { error: returned?.error } };
    const { ctime, mtime } = stat;
    const last = this.#times.get(step.path);
    this.#times.set(step.path, { ctime, mtime });
    const mtimeToCtime = Math.sign(mtime - ctime);
    if (!last) return { res: { mtimeToCtime } };
    return {
      res: {
        mtimeToCtime,
        ctimeToLast: Math.sign(ctime - last.ctime),
        mtimeToLast: Math.sign(mtime - last.mtime),
      },
    };
  }

  /** All are asked for at one instant; what they returned, in the order of the calls. */
  async #call(step: RecordedStep, operations: readonly RecordedOperation[]): Promise<readonly Returned[]> {
    const { label, station } = this.#own(step);
    const from = station.told.length;
    const before = connected(station);
    await this.#stage.actAll(operations.map((each) => this.#stage.request(label, requestOf(each))));
    await this.#stage.until(() => returnsSince(station, from).length >= operations.length, REPLY_MS);
    // A request that cost the connection, such as one too large: the client takes another.
    if (before && returnsSince(station, from).some(({ error }) => error === 'CONNECTIONLOSS')) {
      await this.#stage.until(() => lostAndRegained(station, from), REPLY_MS);
    }
    return [...returnsSince(station, from)].sort((a, b) => a.call - b.call);
  }

  /** One unrecorded read by every connected session: what the step caused has come to all. */
  async #settle(): Promise<void> {
    // Who lost a connection that can be made again is waited for, as a read of the real client waits.
    const away = (station: Station): boolean => {
      const { server } = station;
      return lastState(station) === 'Disconnected' && server !== null && this.#stage.server(server).state !== 'DOWN';
    };
    await this.#stage.until(() => ![...this.#stage.stations.values()].some(away), COMEBACK_MS);
    const stations = [...this.#stage.stations].filter(([, station]) => connected(station));
    const reads = this.#recorded.server.servers === 0 ? ['stat'] : ['sync', 'stat'];
    for (const op of reads) {
      const from = stations.map(([, station]) => station.told.length);
      await this.#stage.actAll(stations.map(([label]) => this.#stage.request(label, { op, path: '/' })));
      await this.#stage.until(
        () => stations.every(([, station], index) => returnsSince(station, from[index] ?? 0).length > 0),
        REPLY_MS,
      );
    }
  }

  /** What each session was told since its mark: events, and for the step's own session its replies. */
  #seen(
    marks: ReadonlyMap<string, number>,
    step: RecordedStep,
    replies: ReadonlyMap<number, string>,
  ): Readonly<Record<string, readonly unknown[]>> {
    const seen: Record<string, readonly unknown[]> = {};
    for (const [label, station] of this.#stage.stations) {
      const told = station.told.slice(marks.get(label));
      const entries = told.flatMap((each, index): readonly unknown[] => {
        if (each.kind === 'watch-event') return [[each.type, each.state, each.path]];
        const reply = label === step.s ? replies.get(index) : undefined;
        return reply === undefined || each.throws !== undefined ? [] : [reply];
      });
      if (entries.some((each) => typeof each !== 'string')) seen[label] = entries;
    }
    return seen;
  }

  #compareSeen(step: RecordedStep, got: Readonly<Record<string, readonly unknown[]>>): readonly Difference[] {
    // addAuth has no reply on the wire (tolerance 8).
    const noReply = (index: number): boolean => step.op === 'batch' && step.ops[index]?.op === 'addAuth';
    const isNone = (each: unknown): boolean =>
      typeof each === 'string' && (step.op === 'addAuth' || (each.length > 1 && noReply(Number(each.slice(1)))));
    const plain = (label: string, list: readonly unknown[] | undefined): readonly unknown[] | undefined => {
      if (list === undefined) return undefined;
      const own = label === step.s ? list.filter((each) => !isNone(each)) : list;
      return step.anyOrder.includes(label) ? withoutOrder(own) : own;
    };
    const labels = [...new Set([...Object.keys(step.seen), ...Object.keys(got)])];
    return labels.flatMap((label) =>
      compare(`seen.${label}`, plain(label, step.seen[label]), plain(label, got[label])),
    );
  }
}

/** The sid of a server; a standalone one, recorded as 0, has 1 here. */
function serverOf(recorded = 1): number {
  return Math.max(1, recorded);
}

type Returned = Extract<Told, { readonly kind: 'returned' }>;
type State = Extract<Told, { readonly kind: 'watch-event' }>['state'];

function returnsSince(station: Station, from: number): readonly Returned[] {
  return station.told.slice(from).filter((each) => each.kind === 'returned');
}

function eventsSince(station: Station, from: number): readonly Told[] {
  return station.told.slice(from).filter((each) => each.kind === 'watch-event');
}

function toldState(station: Station, from: number, states: readonly State[]): boolean {
  return station.told
    .slice(from)
    .some((each) => each.kind === 'watch-event' && each.type === 'None' && states.includes(each.state));
}

/** What the session was told last of its own state. */
function lastState(station: Station): State | null {
  const last = station.told.findLast((each) => each.kind === 'watch-event' && each.type === 'None');
  return last?.kind === 'watch-event' ? last.state : null;
}

function connected(station: Station): boolean {
  const state = lastState(station);
  return state === 'SyncConnected' || state === 'ConnectedReadOnly';
}

function lostAndRegained(station: Station, from: number): boolean {
  const lost = station.told.findIndex(
    (each, index) => index >= from && each.kind === 'watch-event' && each.state === 'Disconnected',
  );
  return lost >= 0 && toldState(station, lost + 1, ['SyncConnected', 'ConnectedReadOnly', 'Expired']);
}

/** `ZooKeeper.getState`, from what the session was told. */
function stateOf(station: Station): string {
  const state = lastState(station);
  switch (state) {
    case 'SyncConnected':
      return 'CONNECTED';
    case 'ConnectedReadOnly':
      return 'CONNECTEDREADONLY';
    case 'Expired':
    case 'Closed':
      return 'CLOSED';
    case 'AuthFailed':
      return 'AUTH_FAILED';
    case 'Disconnected':
    case null:
      return 'CONNECTING';
    default:
      return unreachable(state);
  }
}
