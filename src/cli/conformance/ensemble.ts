/**
 * Replays a scenario of an ensemble: faults, elections, epochs, synchronisation of learners. Compared is what
 * its format names: who leads and since which zxid, first votes, what each learner was sent, contents and disks.
 * Left out are `mntr` and the snapshots, of which an engine may have others.
 */
import { createClient } from '../../client/index.ts';
import { unreachable } from '../../protocol/assert.ts';
import type { EventKind, TraceEvent } from '../../protocol/events.ts';
import { sid, sidOf } from '../../protocol/ids.ts';
import { epochOf, formatZxid, makeZxid, type Zxid } from '../../protocol/zxid.ts';
import { leaderOf, type ServerView } from '../../trace/index.ts';
import { compare, equal, type Difference } from './compare.ts';
import { summarizeDisk } from './disk.ts';
import type { EnsembleRecording, EnsembleStep, RecordedServer, RecordedSync } from './ensemble-recording.ts';
import { modeOf, Stage, StageError, usualSettings } from './stage.ts';

/** Also of kinds that share one type of event. */
type EventsOf<K extends EventKind> = TraceEvent & { readonly kind: K };
type Settled = Extract<EnsembleStep, { readonly do: 'settled' }>;

/** The only session label. */
const WRITER = 'w';
/** Longer than any scenario, so that no session expires, as in the recordings. ms */
const SESSION_TIMEOUT = 300_000;
/** What the real leader logs on its way to a decision; our notes begin with the same words and say more. */
const LOGGED = ['Using committedLog', 'Use txnlog and committedLog', 'Cannot send TRUNC', 'Unhandled'];
/** What is on its way between servers has come to its end after this long. ms */
const REST_MS = 300;

/** Plays the scenario. Never throws for what the engine does: that is a difference; `step` counts from 1. */
export async function replayScenario(
  recorded: EnsembleRecording,
): Promise<readonly (Difference & { readonly step: number })[]> {
  const differences: (Difference & { readonly step: number })[] = [];
  let step = 0;
  try {
    const stage = await Stage.open({
      servers: recorded.server,
      labels: [WRITER],
      settings: usualSettings(false),
    });
    const player = new Player(stage);
    for (const each of recorded.steps) {
      step++;
      for (const difference of await player.step(each)) differences.push({ step, ...difference });
    }
  } catch (error) {
    const got = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    differences.push({ step, place: '', expected: 'a lab that runs', got });
  }
  return differences;
}

class Player {
  readonly #stage: Stage;
  /** Index of the first event after the last `settled`. */
  #mark = 0;
  /**
   * Of learners that got the tree where the recorded ones got an empty DIFF, or the other way round: after the tree
   * they have the first zxid of the epoch, after the DIFF the old end.
   */
  readonly #eitherEnd = new Map<string, readonly string[]>();
  /** `/w` is there. */
  #written = false;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async step(step: EnsembleStep): Promise<readonly Difference[]> {
    const stage = this.#stage;
    switch (step.do) {
      case 'start':
        await stage.actAll(step.servers.map((server) => ({ do: 'restart', server })));
        return [];
      case 'kill':
        await stage.actAll(step.servers.map((server) => ({ do: 'kill', server })));
        return [];
      case 'pause':
      case 'resume': {
        const { do: what, servers } = step;
        await stage.actAll(servers.map((server) => ({ do: what, server })));
        return [];
      }
      case 'wipe':
        await stage.act({ do: 'wipe', server: step.server });
        return [];
      case 'write':
        return this.#write(step);
      case 'tail':
        await this.#tail(step);
        return [];
      case 'awaitNotServing':
        await this.#until(() => step.servers.every((server) => !stage.server(server).serving));
        return [];
      case 'state':
        return this.#compareServers(step.servers);
      case 'settled':
        return this.#settled(step);
      default:
        return unreachable(step);
    }
  }

  async #until(done: () => boolean): Promise<void> {
    if (await this.#stage.until(done)) return;
    const states = [...this.#stage.state.servers.values()].map(
      ({ sid: id, state, zabState }) => `s${id} ${state} ${zabState}`,
    );
    throw new StageError(`what the step waits for does not come: ${states.join(', ')}`);
  }

  // ---- writing

  async #write({ through, prefix, creates, transactions }: Extract<EnsembleStep, { readonly do: 'write' }>) {
    const before = this.#stage.server(through).lastProcessed;
    await this.#connect(through);
    const requests = [
      ...(this.#written ? [] : [{ op: 'create', path: '/w', stat: false }]),
      ...nodes(prefix, creates),
      { op: 'close' },
    ];
    this.#written = true;
    const returned = await this.#ask(requests);
    await this.#stage.run(REST_MS);
    const server = this.#stage.server(through);
    const taken = server.lastProcessed - epochStart(before, server);
    return [...compare('errors', [], returned), ...compare('transactions', transactions, taken)];
  }

  /** Creates that some have in their logs and nobody commits. */
  async #tail({ leader, prefix, creates, pausedBefore, killedAfter }: Extract<EnsembleStep, { readonly do: 'tail' }>) {
    const stage = this.#stage;
    await this.#connect(leader);
    await stage.run(REST_MS);
    await stage.actAll(pausedBefore.map((server) => ({ do: 'pause', server })));
    await stage.actAll(nodes(prefix, creates).map((request) => stage.request(WRITER, request)));
    await stage.run(REST_MS);
    await stage.actAll(killedAfter.map((server) => ({ do: 'kill', server })));
    await stage.order(WRITER, { do: 'cut' });
  }

  /** A new session of the writer. */
  async #connect(server: number): Promise<void> {
    const station = this.#stage.station(WRITER);
    const from = station.told.length;
    await this.#stage.order(WRITER, {
      do: 'open',
      server,
      create: (refs, incarnation) =>
        createClient({
          name: this.#stage.actor(WRITER),
          servers: [sid(server)],
          sessionTimeout: SESSION_TIMEOUT,
          chroot: '',
          readOnly: false,
          seed: 1,
          incarnation,
          refs,
        }),
    });
    await this.#until(() =>
      station.told.slice(from).some((each) => each.kind === 'watch-event' && each.state === 'SyncConnected'),
    );
  }

  /** The errors of these requests, in order. */
  async #ask(requests: readonly { readonly op: string }[]): Promise<readonly string[]> {
    const station = this.#stage.station(WRITER);
    const from = station.told.length;
    const returned = () => station.told.slice(from).flatMap((each) => (each.kind === 'returned' ? [each] : []));
    await this.#stage.actAll(requests.map((request) => this.#stage.request(WRITER, request)));
    await this.#until(() => returned().length >= requests.length);
    return returned().flatMap(({ error }) => (error === null ? [] : [error]));
  }

  // ---- what is compared

  async #settled(step: Settled): Promise<readonly Difference[]> {
    const stage = this.#stage;
    const named = Object.entries(step.servers).filter(([, server]) => server.alive && !server.paused && server.mode);
    await this.#until(() => {
      const leader = leaderOf(stage.state);
      const leading = [...stage.state.servers.values()].filter(({ state }) => state === 'LEADING');
      const serves = ([id]: readonly [string, RecordedServer]): boolean => {
        const server = stage.server(Number(id));
        return server.serving && server.leader === leader;
      };
      return leader !== null && leading.length === 1 && named.every(serves);
    });
    await stage.run(REST_MS);
    const syncs = this.#syncs(step);
    const differences = [
      ...compare('leader', step.leader, leaderOf(stage.state)),
      ...compare('established', step.established, this.#established()),
      ...compare('firstVotes', step.firstVotes ?? {}, this.#firstVotes(step)),
      ...compare('syncs', step.syncs, syncs),
      ...Object.entries(step.contents ?? {}).flatMap(([id, contents]) =>
        compare(`contents.${id}`, contents, contentsOf(stage.server(Number(id)))),
      ),
      ...this.#compareServers(step.servers),
    ];
    this.#mark = stage.trace.length;
    return differences;
  }

  /** The last election since the mark. */
  #established(): unknown {
    const last = this.#events('serving').findLast((event) => event.leader === sidOf(event.actor));
    return last && { leader: last.leader, zxid: formatZxid(makeZxid(last.epoch, 0)) };
  }

  /** What each server that went looking voted for itself with, first of all. */
  #firstVotes(step: Settled): Readonly<Record<string, string>> {
    const votes: Record<string, string> = {};
    for (const { actor, vote } of this.#events('election-started')) {
      // An observer votes for nobody, with the smallest number of 64 bits.
      const id = String(sidOf(actor));
      votes[id] ??= vote.leader < 0 ? '0x8000000000000000' : this.#same(id, step.firstVotes?.[id], vote.zxid);
    }
    return votes;
  }

  /** How learners were synchronized since the mark. */
  #syncs(step: Settled): readonly RecordedSync[] {
    const received = this.#events('sync-received');
    const syncs = this.#events('sync-chosen')
      .map((event): RecordedSync => {
        const answer = received.find((each) => each.actor === `s${event.learner}` && each.id > event.id);
        return {
          leader: Number(sidOf(event.actor)),
          learner: Number(event.learner),
          peerLastZxid: formatZxid(event.peerLastZxid),
          minCommittedLog: formatZxid(event.minCommittedLog),
          maxCommittedLog: formatZxid(event.maxCommittedLog),
          leaderLastProcessed: formatZxid(event.lastProcessedZxid),
          notes: event.notes.flatMap((note) => LOGGED.filter((words) => note.startsWith(words))),
          sends: [[event.mode, formatZxid(event.zxid)]],
          received: answer ? [[answer.mode, formatZxid(answer.zxid)]] : [],
        };
      })
      .sort((a, b) => a.learner - b.learner);
    const epochStart = formatZxid(makeZxid(this.#stage.server(step.leader).currentEpoch, 0));
    return syncs.map((sync) => {
      const recorded = step.syncs.find((each) => each.learner === sync.learner);
      if (!recorded) return sync;
      const tolerated = tolerateArrival(recorded, sync, epochStart);
      if (!equal(tolerated.sends, sync.sends)) {
        this.#eitherEnd.set(String(sync.learner), [sync.peerLastZxid, epochStart]);
      }
      return tolerated;
    });
  }

  /** A server's zxid; the recorded one, if the two are those between which its arrival decided. */
  #same(id: string, recorded: string | undefined, zxid: Zxid): string {
    const got = formatZxid(zxid);
    const ends = this.#eitherEnd.get(id) ?? [];
    return recorded !== undefined && ends.includes(recorded) && ends.includes(got) ? recorded : got;
  }

  #compareServers(servers: Readonly<Record<string, RecordedServer>>): readonly Difference[] {
    return Object.entries(servers).flatMap(([id, recorded]) => {
      const place = `servers.${id}`;
      const server = this.#stage.server(Number(id));
      const disk = summarizeDisk(this.#stage.files(Number(id)));
      const serves = recorded.alive && !recorded.paused && recorded.mode;
      return [
        ...compare(`${place}.alive`, recorded.alive, server.state !== 'DOWN'),
        ...compare(`${place}.paused`, recorded.paused, server.state === 'PAUSED'),
        ...(recorded.alive && !recorded.paused ? compare(`${place}.mode`, recorded.mode ?? null, modeOf(server)) : []),
        ...(serves ? compare(`${place}.zxid`, recorded.zxid, this.#same(id, recorded.zxid, server.lastProcessed)) : []),
        // The root is counted twice.
        ...(serves ? compare(`${place}.nodeCount`, recorded.nodeCount, server.tree.size + 1) : []),
        ...(recorded.disk
          ? (['acceptedEpoch', 'currentEpoch', 'lastLogged', 'log'] as const).flatMap((key) =>
              compare(`${place}.disk.${key}`, recorded.disk?.[key], disk[key]),
            )
          : []),
      ];
    });
  }

  /** Events of a kind since the mark. */
  #events<K extends EventKind>(kind: K): readonly EventsOf<K>[] {
    // The kind is compared, but the compiler does not narrow by a type parameter.
    return [...this.#stage.trace.events(this.#mark)].filter(
      (event) => event.kind === kind,
    ) as unknown as readonly EventsOf<K>[];
  }
}

/**
 * A learner may arrive just before or just after its leader begins to serve, so the leader's last zxid is the old end
 * of its log or the first zxid of the epoch (README 2). A learner at the old end then has nothing to get, or finds its
 * place in the committed log; with an empty history it gets an empty DIFF or the tree. All that is the same here.
 */
function tolerateArrival(recorded: RecordedSync, sync: RecordedSync, epochStart: string): RecordedSync {
  const [a, b] = [recorded.leaderLastProcessed, sync.leaderLastProcessed];
  const oldEnd = a === epochStart ? b : a;
  const fitsLog =
    (recorded.maxCommittedLog === oldEnd || recorded.maxCommittedLog === '0x0') && BigInt(oldEnd) < BigInt(epochStart);
  if (a === b || (a !== epochStart && b !== epochStart) || !fitsLog) return sync;
  const swapped = { ...sync, leaderLastProcessed: a };
  if (sync.peerLastZxid !== oldEnd || recorded.peerLastZxid !== oldEnd) return swapped;
  const nothing = JSON.stringify([['DIFF', oldEnd]]);
  const tree = JSON.stringify([['SNAP', epochStart]]);
  const allowed = oldEnd === '0x0' ? [nothing, tree] : [nothing];
  const fits = ({ notes, sends, received }: RecordedSync): boolean =>
    allowed.includes(JSON.stringify(sends)) &&
    JSON.stringify(sends) === JSON.stringify(received) &&
    (notes.length === 0 || (notes.length === 1 && notes[0] === LOGGED[0]));
  if (!fits(recorded) || !fits(sync)) return swapped;
  const { notes, sends, received } = recorded;
  return { ...swapped, notes, sends, received };
}

/** The zxid before the first transaction of the server's epoch, or `before` if it is of that epoch. */
function epochStart(before: Zxid, { lastProcessed }: ServerView): Zxid {
  return epochOf(before) === epochOf(lastProcessed) ? before : makeZxid(epochOf(lastProcessed), 0);
}

function nodes(
  prefix: string,
  count: number,
): readonly { readonly op: string; readonly path: string; readonly data: string; readonly stat: boolean }[] {
  return Array.from({ length: count }, (_, index) => ({
    op: 'create',
    path: `/w/${prefix}-${String(index).padStart(4, '0')}`,
    data: '0123456789',
    stat: false,
  }));
}

/** Nodes under `/w` by prefix. */
function contentsOf(server: ServerView): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const path of server.tree.keys()) {
    const prefix = /^\/w\/(.+)-\d+$/.exec(path)?.[1];
    if (prefix !== undefined) counts[prefix] = (counts[prefix] ?? 0) + 1;
  }
  return counts;
}
