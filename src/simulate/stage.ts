/** What stagings are made of: an ensemble of equals with short times, and the hand that directs it. */
import type { Action, ActionBody, ScenarioClient } from '../lab/index.ts';
import type { PacketType } from '../protocol/network.ts';
import type { Dice } from './dice.ts';
import { drawAction, drawMixture } from './workload.ts';

/** What a disk holds, as in `disks` of a scenario. */
export interface StagedDisk {
  readonly acceptedEpoch?: number;
  readonly currentEpoch?: number;
  readonly snapshot?: Readonly<Record<string, unknown>>;
  readonly log?: readonly Readonly<Record<string, unknown>>[];
}

/** When an ensemble that starts at 0 serves, and its clients are there, ms. */
export const READY = 1600;

export class Stage {
  readonly dice: Dice;
  /** Voters, ascending. */
  readonly sids: readonly number[];
  readonly tickTime: number;
  readonly actions: Action[] = [];
  readonly disks: Record<string, StagedDisk> = {};
  readonly settings: Record<string, unknown> = {};
  readonly clients: readonly ScenarioClient[];
  /** The last instant that the staging speaks of. */
  end = READY;
  #autoStart = true;

  constructor(dice: Dice, voters: number | null) {
    this.dice = dice;
    const count = voters ?? dice.pick([3, 3, 3, 5]);
    this.sids = Array.from({ length: count }, (_, i) => i + 1);
    this.tickTime = dice.pick([400, 500]);
    this.clients = ['alice', 'bob'].map((name) => ({
      name,
      server: this.anySid(),
      sessionTimeout: dice.pick([4, 8]) * this.tickTime,
      readOnly: false,
      chroot: '',
    }));
  }

  /** Who leads if all start together and know the same. */
  get leader(): number {
    return this.sids.length;
  }

  get autoStart(): boolean {
    return this.#autoStart;
  }

  anySid(): number {
    return this.dice.pick(this.sids);
  }

  /** One that follows the leader, but not one of these. */
  follower(...others: readonly number[]): number {
    return this.dice.pick(this.sids.filter((sid) => sid !== this.leader && !others.includes(sid)));
  }

  client(): string {
    return this.dice.pick(this.clients).name;
  }

  at(ms: number, body: ActionBody): void {
    const at = Math.round(ms);
    this.actions.push({ at, ...body });
    this.end = Math.max(this.end, at);
  }

  /** Only these start at 0. */
  begin(sids: readonly number[]): void {
    this.#autoStart = false;
    for (const server of sids) this.at(0, { do: 'restart', server });
  }

  kill(ms: number, ...sids: readonly number[]): void {
    for (const server of sids) this.at(ms, { do: 'kill', server });
  }

  restart(ms: number, ...sids: readonly number[]): void {
    for (const server of sids) this.at(ms, { do: 'restart', server });
  }

  /** Holds packets of a type from one server to another. */
  hold(from: number, to: number, type: PacketType, begin: number, end: number): void {
    const link = { from: `s${from}`, to: `s${to}`, type };
    this.at(begin, { do: 'hold', ...link });
    this.at(end, { do: 'release', ...link });
  }

  /** A client that begins at this server, when there is a leader, with a session that lasts so many ticks. */
  place(client: string, server: number, ticks = this.dice.pick([4, 8])): void {
    this.at(0, { do: 'disconnect', client });
    this.at(1000, { do: 'connect', client, server, sessionTimeout: ticks * this.tickTime });
  }

  request(ms: number, client: string, op: Readonly<Record<string, unknown>> & { readonly op: string }): void {
    this.at(ms, { do: 'request', client, ...op });
  }

  /** Writes of one client, close together. */
  writes(ms: number, client: string, count: number): void {
    for (let i = 0; i < count; i++) {
      this.request(ms + i * this.dice.int(0, 30), client, { op: 'create', path: '/w-', mode: 'PERSISTENT_SEQUENTIAL' });
    }
  }

  /** What clients do beside, up to `end`. */
  work(begin: number, end: number): void {
    const mixture = drawMixture(this.dice, false);
    for (let ms = begin; ms < end; ms += this.dice.span(10, 200)) {
      this.at(ms, drawAction(this.dice, this.dice.weighted(mixture), this.client(), this.sids));
    }
  }
}
