/**
 * Undo for what a person did: the actions that put things back, and honest words for them. A fault
 * cannot be made not to have happened: undoing a kill is a restart, and says so.
 */
import type { ActionBody } from '../../lab/index.ts';
import type { Scenario } from '../../lab/index.ts';
import { isClientName, serverName, sid, type ActorName } from '../../protocol/ids.ts';
import type { LabState } from '../../trace/index.ts';

export interface Inverse {
  /** What the button says, such as "Restart s3". */
  readonly label: string;
  readonly actions: readonly ActionBody[];
}

/** What an action needs to know of how things were. */
export interface Before {
  readonly state: Pick<LabState, 'servers' | 'clients' | 'links'>;
  readonly scenario: Pick<Scenario, 'network' | 'disk'>;
}

function isCut({ state }: Before, from: string, to: string): boolean {
  return state.links.get(`${from}>${to}`)?.cut ?? false;
}

/** Directions of a link that a two-way or one-way action is about. */
function directions(action: { readonly from: string; readonly to: string; readonly oneWay?: boolean }) {
  const forth = { from: action.from, to: action.to };
  return action.oneWay === true ? [forth] : [forth, { from: action.to, to: action.from }];
}

type Direction = { readonly from: string; readonly to: string };

/** One action for each direction, or a single one where both directions of a pair change. */
function linkActions(what: 'cut' | 'heal', changed: readonly Direction[]): ActionBody[] {
  const keys = new Set(changed.map(({ from, to }) => `${from}>${to}`));
  return changed.flatMap(({ from, to }): ActionBody[] => {
    if (!keys.has(`${to}>${from}`)) return [{ do: what, from, to, oneWay: true }];
    // A pair is named once, by its direction that comes first.
    const first = changed.find((d) => (d.from === from && d.to === to) || (d.from === to && d.to === from));
    return first?.from === from ? [{ do: what, from, to }] : [];
  });
}

/** All directions between different groups. */
export function acrossGroups(groups: readonly (readonly number[])[]): Direction[] {
  return groups.flatMap((group, i) =>
    groups.flatMap((other, j) =>
      i === j ? [] : group.flatMap((a) => other.map((b) => ({ from: serverName(sid(a)), to: serverName(sid(b)) }))),
    ),
  );
}

function undoCut(action: Direction & { readonly oneWay?: boolean }, before: Before): Inverse | null {
  const changed = directions(action).filter(({ from, to }) => !isCut(before, from, to));
  if (changed.length === 0) return null;
  return { label: `Heal ${linkName(action)}`, actions: linkActions('heal', changed) };
}

function undoHeal(action: Direction & { readonly oneWay?: boolean }, before: Before): Inverse | null {
  const changed = directions(action).filter(({ from, to }) => isCut(before, from, to));
  if (changed.length === 0) return null;
  return { label: `Cut ${linkName(action)} again`, actions: linkActions('cut', changed) };
}

function linkName({ from, to, oneWay }: Direction & { readonly oneWay?: boolean }): string {
  return oneWay === true ? `${from} → ${to}` : `${from} – ${to}`;
}

/**
 * @param action what is about to be done
 * @param before how things were right before it
 * @returns null where nothing changed, or where nothing can put it back (a lost packet, a request)
 */
export function inverse(action: ActionBody, before: Before): Inverse | null {
  const { state, scenario } = before;
  switch (action.do) {
    case 'kill':
      return { label: `Restart s${action.server}`, actions: [{ do: 'restart', server: action.server }] };
    case 'restart':
      return { label: `Kill s${action.server} again`, actions: [{ do: 'kill', server: action.server }] };
    case 'pause':
      return 'server' in action
        ? { label: `Resume s${action.server}`, actions: [{ do: 'resume', server: action.server }] }
        : { label: `Resume ${action.client}`, actions: [{ do: 'resume', client: action.client }] };
    case 'resume':
      return 'server' in action
        ? { label: `Pause s${action.server} again`, actions: [{ do: 'pause', server: action.server }] }
        : { label: `Pause ${action.client} again`, actions: [{ do: 'pause', client: action.client }] };
    case 'cut':
      return undoCut(action, before);
    case 'heal':
      return undoHeal(action, before);
    case 'partition': {
      const changed = acrossGroups(action.groups).filter(({ from, to }) => !isCut(before, from, to));
      return changed.length === 0 ? null : { label: 'Heal the partition', actions: linkActions('heal', changed) };
    }
    case 'heal-all': {
      const changed = [...state.links.values()].filter((link) => link.cut);
      const actions = linkActions('cut', changed);
      return actions.length === 0 ? null : { label: `Cut ${plural(actions.length, 'link')} again`, actions };
    }
    case 'latency': {
      const { from, to } = action;
      const latency = state.links.get(`${from}>${to}`)?.latency ?? scenario.network.latency;
      return { label: `Set the latency of ${linkName(action)} back`, actions: [{ do: 'latency', from, to, latency }] };
    }
    case 'disk': {
      const fsync = state.servers.get(sid(action.server))?.fsync ?? scenario.disk.fsync;
      return {
        label: `Set the disk of s${action.server} back`,
        actions: [{ do: 'disk', server: action.server, fsync }],
      };
    }
    case 'clock': {
      const rate = state.servers.get(sid(action.server))?.clockRate ?? 1;
      return {
        label: `Set the clock of s${action.server} back`,
        actions: [{ do: 'clock', server: action.server, rate }],
      };
    }
    case 'hold':
      return { label: `Release ${action.from} → ${action.to}`, actions: [{ ...filterOf(action), do: 'release' }] };
    case 'release':
      return { label: `Hold ${action.from} → ${action.to} again`, actions: [{ ...filterOf(action), do: 'hold' }] };
    case 'connect':
    case 'disconnect':
      return undoClient(action.do, action.client, before);
    case 'disk-full': {
      const full = !(action.full ?? true);
      const label = full ? `Fill the disk of s${action.server} again` : `Make room on the disk of s${action.server}`;
      return { label, actions: [{ do: 'disk-full', server: action.server, full }] };
    }
    case 'add-server':
      return { label: `Remove s${action.sid} again`, actions: [{ do: 'remove-server', sid: action.sid }] };
    case 'remove-server':
    case 'wipe':
    case 'corrupt':
    case 'remove-file':
    case 'drop':
    case 'drop-connection':
    case 'ask':
    case 'request':
    case 'console':
      return null;
  }
}

/** One inverse for several acts, undone in the opposite order. */
export function combine(inverses: readonly Inverse[]): Inverse | null {
  const [first] = inverses;
  if (first === undefined) return null;
  const actions = [...inverses].reverse().flatMap((one) => one.actions);
  return inverses.length === 1 ? first : { label: `${first.label} and ${inverses.length - 1} more`, actions };
}

/** Which packets a hold or release was about; how many is not put back. */
function filterOf(action: ActionBody & { readonly do: 'hold' | 'release' | 'drop' }) {
  const { from, to, type } = action;
  return type === undefined ? { from, to } : { from, to, type };
}

function undoClient(what: 'connect' | 'disconnect', client: string, { state }: Before): Inverse | null {
  if (!isClientName(client)) return null;
  const former = state.clients.get(client as ActorName);
  if (former === undefined) return null;
  if (former.state === 'DOWN') return { label: `Stop ${client} again`, actions: [{ do: 'disconnect', client }] };
  const server = former.server === null ? {} : { server: former.server };
  const place = former.server === null ? '' : ` to s${former.server}`;
  const words = what === 'disconnect' ? `Start ${client} again, with a new session` : `Connect ${client}${place} again`;
  return { label: words, actions: [{ do: 'connect', client, ...server }] };
}

export function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** What a person did, in the past tense of a log: "killed s3". */
export function actionWords(action: ActionBody): string {
  switch (action.do) {
    case 'kill':
      return `killed s${action.server}`;
    case 'restart':
      return `restarted s${action.server}`;
    case 'add-server':
      return `added s${action.sid}${action.role === 'observer' ? ' as an observer' : ''}`;
    case 'remove-server':
      return `removed s${action.sid}`;
    case 'wipe':
      return `wiped the disk of s${action.server}`;
    case 'pause':
      return `paused ${'server' in action ? `s${action.server}` : action.client}`;
    case 'resume':
      return `resumed ${'server' in action ? `s${action.server}` : action.client}`;
    case 'hold':
      return `held ${action.type ?? 'all packets'} ${action.from} → ${action.to}`;
    case 'release':
      return `released ${action.type ?? 'all packets'} ${action.from} → ${action.to}`;
    case 'drop':
      return `dropped ${action.type ?? 'the next packet'} ${action.from} → ${action.to}`;
    case 'cut':
      return `cut ${linkName(action)}`;
    case 'heal':
      return `healed ${linkName(action)}`;
    case 'partition':
      return `parted ${action.groups.map((group) => group.map((id) => `s${id}`).join(' ')).join(' | ')}`;
    case 'heal-all':
      return 'healed every cut';
    case 'latency':
      return `set the latency of ${linkName(action)} to ${action.latency.join('–')} ms`;
    case 'drop-connection':
      return `broke the connection ${linkName(action)}`;
    case 'disk':
      return `set fsync of s${action.server} to ${action.fsync.join('–')} ms`;
    case 'disk-full':
      return `${(action.full ?? true) ? 'filled' : 'made room on'} the disk of s${action.server}`;
    case 'remove-file':
      return `removed ${action.file} of s${action.server}`;
    case 'corrupt':
      return `changed bytes of ${action.file} on s${action.server}`;
    case 'clock':
      return `set the clock of s${action.server} to ${action.rate}×`;
    case 'ask':
      return `asked s${action.server} ${action.command}`;
    case 'connect':
      return `connected ${action.client}${action.server === undefined ? '' : ` to s${action.server}`}`;
    case 'disconnect':
      return `stopped ${action.client}`;
    case 'request':
      return `asked ${action.client} to ${action.op}${action.path === undefined ? '' : ` ${action.path}`}`;
    case 'console':
      return `typed “${action.line}” at ${action.client}`;
  }
}
