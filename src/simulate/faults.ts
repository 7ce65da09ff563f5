/**
 * Faults as episodes: each begins at an instant and is undone some time later, so that an ensemble gets to work between
 * them. Nobody knows at this point what will become of the run: an action that makes no sense when its instant comes is
 * refused there and changes nothing.
 */
import type { Action, ActionBody } from '../lab/index.ts';
import { unreachable } from '../protocol/assert.ts';
import type { Role } from '../protocol/config.ts';
import { PACKET_TYPES } from '../protocol/network.ts';
import type { Dice } from './dice.ts';
import type { Fault } from './profiles.ts';
import type { Setup } from './settings.ts';

/** As many as a configuration of a lab can use (src/lab/scenario.ts). */
const SID_MAX = 16;

export class Faults {
  readonly actions: Action[] = [];
  readonly #dice: Dice;
  readonly #setup: Setup;
  /** Those of the scenario, and those that may have joined by now. */
  readonly #sids: number[];
  /** Until then an episode has the process of this server, or this client, in its hand. */
  readonly #busyUntil = new Map<number | string, number>();
  #nextSid: number;

  constructor(dice: Dice, setup: Setup) {
    this.#dice = dice;
    this.#setup = setup;
    this.#sids = setup.servers.map(({ sid }) => sid);
    this.#nextSid = this.#sids.length + 1;
  }

  get sids(): readonly number[] {
    return this.#sids;
  }

  /** An episode of this kind that begins at `at`. */
  draw(fault: Fault, at: number): void {
    const dice = this.#dice;
    const { tickTime, latency, fsync } = this.#setup;
    /** From a blink to more than any timeout between servers. */
    const end = at + dice.span(tickTime / 5, 14 * tickTime);
    switch (fault) {
      case 'cut':
      case 'one-way-cut': {
        const link = this.#link();
        if (!link) return;
        const oneWay = fault === 'one-way-cut' ? { oneWay: true } : {};
        this.#at(at, { do: 'cut', ...link, ...oneWay });
        this.#at(end, { do: 'heal', ...link, ...oneWay });
        return;
      }
      case 'partition': {
        const side = dice.sample(this.#sids, dice.int(1, this.#sids.length - 1));
        this.#at(at, { do: 'partition', groups: [side, this.#sids.filter((sid) => !side.includes(sid))] });
        this.#at(end, { do: 'heal-all' });
        return;
      }
      case 'isolate': {
        const sid = this.#anySid();
        const oneWay = dice.chance(0.3) ? { oneWay: true } : {};
        for (const other of this.#sids.filter((each) => each !== sid)) {
          const link = dice.chance(0.5) ? { from: `s${sid}`, to: `s${other}` } : { from: `s${other}`, to: `s${sid}` };
          this.#at(at, { do: 'cut', ...link, ...oneWay });
          this.#at(end, { do: 'heal', ...link, ...oneWay });
        }
        return;
      }
      case 'client-cut': {
        const from = this.#client();
        const servers = dice.chance(0.5) ? this.#sids : [this.#anySid()];
        for (const sid of servers) {
          this.#at(at, { do: 'cut', from, to: `s${sid}` });
          this.#at(end, { do: 'heal', from, to: `s${sid}` });
        }
        return;
      }
      case 'latency-storm': {
        const slow = [latency[0], latency[1] + dice.span(10, 2 * tickTime)] as const;
        for (let links = dice.int(1, 4); links > 0; links--) {
          const link = this.#link();
          if (!link) return;
          this.#at(at, { do: 'latency', ...link, latency: slow });
          this.#at(end, { do: 'latency', ...link, latency });
        }
        return;
      }
      case 'drop-connection': {
        const link = dice.chance(0.3) ? { from: this.#client(), to: `s${this.#anySid()}` } : this.#link();
        if (link) this.#at(at, { do: 'drop-connection', ...link });
        return;
      }
      case 'hold':
      case 'drop': {
        const link = this.#link();
        if (!link) return;
        const type = dice.chance(0.8) ? { type: dice.pick(PACKET_TYPES) } : {};
        this.#at(at, { do: fault, ...link, ...type, count: dice.int(1, 3) });
        if (fault === 'hold') this.#at(end, { do: 'release', ...link, ...type });
        return;
      }
      case 'kill': {
        const sid = this.#freeSid(at, end);
        if (sid !== null) this.#killed(sid, at, end);
        return;
      }
      case 'kill-many': {
        const sids = dice.sample(this.#free(at), dice.int(2, Math.max(2, this.#sids.length - 1)));
        for (const sid of sids)
          this.#killed(sid, at + dice.pick([0, 0, dice.int(0, 100)]), end + dice.int(0, tickTime));
        return;
      }
      case 'ensemble-restart':
        for (const sid of this.#free(at))
          this.#killed(sid, at, end + (dice.chance(0.5) ? 0 : dice.int(0, 2 * tickTime)));
        return;
      case 'rolling-restart': {
        let next = at;
        for (const sid of this.#free(at)) {
          const up = next + dice.span(20, 4 * tickTime);
          this.#killed(sid, next, up);
          next = up + dice.span(20, 8 * tickTime);
        }
        return;
      }
      case 'slow-disk': {
        const server = this.#anySid();
        this.#at(at, { do: 'disk', server, fsync: [fsync[0], fsync[1] + dice.span(10, 2 * tickTime)] });
        this.#at(end, { do: 'disk', server, fsync });
        return;
      }
      case 'full-disk': {
        const server = this.#anySid();
        this.#at(at, { do: 'disk-full', server });
        this.#at(end, { do: 'disk-full', server, full: false });
        return;
      }
      case 'wipe':
      case 'lose-log':
      case 'lose-snapshots':
      case 'tear':
      case 'corrupt':
        return this.#lost(fault, at);
      case 'pause': {
        const server = this.#freeSid(at, end);
        if (server === null) return;
        this.#at(at, { do: 'pause', server });
        this.#at(end, { do: 'resume', server });
        return;
      }
      case 'join':
      case 'leave':
      case 'role':
      case 'members':
      case 'wrong-reconfig':
        return this.#reconfig(fault, at);
      case 'client-death': {
        const client = this.#client();
        this.#at(at, { do: 'disconnect', client });
        this.#at(end, { do: 'connect', client, server: this.#anySid() });
        return;
      }
      case 'client-move':
        this.#at(at, { do: 'connect', client: this.#client(), server: this.#anySid() });
        return;
      case 'client-pause': {
        const client = this.#client();
        this.#at(at, { do: 'pause', client });
        this.#at(at + dice.span(100, 20_000), { do: 'resume', client });
        return;
      }
      case 'client-close': {
        const client = this.#client();
        this.#at(at, { do: 'request', client, op: 'close' });
        this.#at(end, { do: 'connect', client, server: this.#anySid() });
        return;
      }
      case 'clock': {
        const server = this.#anySid();
        this.#at(at, { do: 'clock', server, rate: dice.pick([0.5, 0.8, 1.2, 2]) });
        this.#at(end, { do: 'clock', server, rate: 1 });
        return;
      }
      default:
        unreachable(fault);
    }
  }

  /** A server dies long enough for the others to go on without it, loses something, and comes back. */
  #lost(fault: Extract<Fault, 'wipe' | 'lose-log' | 'lose-snapshots' | 'tear' | 'corrupt'>, at: number): void {
    const { tickTime } = this.#setup;
    const lost = at + this.#dice.int(6, 16) * tickTime;
    const back = lost + this.#dice.span(1, 6 * tickTime);
    const server = this.#freeSid(at, back);
    if (server === null) return;
    this.#killed(server, at, back);
    // Which logs there are then is seen when the instant comes (src/simulate/loss.ts).
    const bodies: Readonly<Record<typeof fault, ActionBody>> = {
      wipe: { do: 'wipe', server },
      'lose-log': { do: 'remove-file', server, file: 'version-2/log.*' },
      'lose-snapshots': { do: 'remove-file', server, file: 'version-2/snapshot.*' },
      tear: { do: 'corrupt', server, file: 'version-2/log.*', offset: 'tail' },
      corrupt: { do: 'corrupt', server, file: 'version-2/log.*', offset: this.#dice.int(0, 400) },
    };
    this.#at(lost, bodies[fault]);
  }

  #reconfig(fault: Extract<Fault, 'join' | 'leave' | 'role' | 'members' | 'wrong-reconfig'>, at: number): void {
    const dice = this.#dice;
    const client = this.#client();
    const role = dice.pick<Role>(['participant', 'participant', 'observer']);
    const ask = (request: Readonly<Record<string, unknown>>): void =>
      this.#at(at + dice.int(0, 300), { do: 'request', client, op: 'reconfig', ...request });
    switch (fault) {
      case 'join': {
        const sid = this.#nextSid;
        if (sid > SID_MAX) return;
        this.#nextSid++;
        this.#sids.push(sid);
        this.#at(at, { do: 'add-server', sid, role });
        return ask({ joining: line(sid, role) });
      }
      case 'leave': {
        const sid = this.#anySid();
        ask({ leaving: String(sid) });
        if (dice.chance(0.4)) this.#at(at + dice.span(2000, 10_000), { do: 'remove-server', sid });
        return;
      }
      case 'role':
        return ask({
          joining: line(this.#anySid(), role),
          ...(dice.chance(0.3) ? { leaving: `${this.#anySid()}` } : {}),
        });
      case 'members': {
        const sids = dice.sample(this.#sids, dice.int(1, this.#sids.length));
        return ask({ members: sids.map((sid) => line(sid, dice.chance(0.8) ? 'participant' : 'observer')).join(',') });
      }
      case 'wrong-reconfig':
        return ask(
          dice.pick([
            { leaving: this.#sids.join(',') },
            { leaving: '99' },
            { joining: 'server.1=nonsense' },
            { joining: line(this.#anySid(), role), version: 1 },
            { joining: line(this.#anySid(), role), members: line(1, 'participant') },
            { members: this.#sids.map((sid) => line(sid, 'observer')).join(',') },
            { joining: line(77, 'participant') },
          ]),
        );
      default:
        unreachable(fault);
    }
  }

  #killed(server: number, at: number, end: number): void {
    this.#at(at, { do: 'kill', server });
    this.#at(end, { do: 'restart', server });
    this.#busyUntil.set(server, end);
  }

  #at(at: number, body: ActionBody): void {
    this.actions.push({ at: Math.round(at), ...body });
  }

  /** Often the one with the highest sid, who leads at first. */
  #anySid(): number {
    return this.#dice.chance(0.2)
      ? Math.max(...this.#setup.servers.map(({ sid }) => sid))
      : this.#dice.pick(this.#sids);
  }

  #free(at: number): readonly number[] {
    return this.#sids.filter((sid) => (this.#busyUntil.get(sid) ?? 0) < at);
  }

  /** A server that no episode has in its hand; from now on this one has. Null: there is none. */
  #freeSid(at: number, end: number): number | null {
    const free = this.#free(at);
    if (free.length === 0) return null;
    const any = this.#anySid();
    const sid = free.includes(any) ? any : this.#dice.pick(free);
    this.#busyUntil.set(sid, end);
    return sid;
  }

  #client(): string {
    return this.#dice.pick(this.#setup.clients).name;
  }

  /** Between two servers, or a client and a server; null: nobody has a link. */
  #link(): { readonly from: string; readonly to: string } | null {
    if (this.#sids.length < 2) return null;
    if (this.#dice.chance(0.1)) return { from: this.#client(), to: `s${this.#anySid()}` };
    const from = this.#anySid();
    const to = this.#dice.pick(this.#sids.filter((sid) => sid !== from));
    return { from: `s${from}`, to: `s${to}` };
  }
}

/** A server of a lab as a reconfig names it (`labServer` of src/protocol/quorum-config.ts). */
function line(sid: number, role: Role): string {
  return `server.${sid}=127.0.0.1:${28_880 + sid}:${38_880 + sid}:${role};127.0.0.1:${21_810 + sid}`;
}
