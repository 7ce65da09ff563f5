/** The fields of an event or of its packet, as name and value. Pure. */
import type { SecondQuorum, TraceEvent } from '../../protocol/events.ts';
import type { Vote } from '../../protocol/packets.ts';
import { formatZxid, type Zxid } from '../../protocol/zxid.ts';
import type { LabState } from '../../trace/index.ts';
import { durationWords } from '../stage/format.ts';

export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly term?: string;
  readonly tone?: string;
}

/** What every event has, or what its sentence says already. */
const LEFT_OUT: ReadonlySet<string> = new Set(
  'id t actor kind causes rule packet nodes log changes sessions conn message text members'.split(' '),
);
const ZXIDS: ReadonlySet<string> = new Set(
  'zxid lastZxid peerLastZxid minCommittedLog maxCommittedLog lastProcessedZxid to snapshot config'.split(' '),
);

/** Fields in the order of the event. A message tells of its flight too, and of how it stands in `state`. */
export function eventFacts(event: TraceEvent, state: Pick<LabState, 'messages'>): readonly Fact[] {
  const fields = event.kind === 'send' ? { ...event.packet } : { ...event };
  const facts = Object.entries(fields).flatMap(([name, value]) => fact(name, value, event.kind));
  return event.kind === 'send' ? [...flight(event, state), ...facts.filter(({ name }) => name !== 'type')] : facts;
}

function flight(event: Extract<TraceEvent, { kind: 'send' }>, state: Pick<LabState, 'messages'>): Fact[] {
  const now = state.messages.get(event.id);
  const words =
    now === undefined ? '' : now.waits === 'held' ? 'held' : now.waits === 'cut' ? 'waits for the link' : 'in flight';
  return [
    { name: 'from', value: event.actor },
    { name: 'to', value: event.to },
    ...(event.arrives === null
      ? []
      : [{ name: 'takes', value: durationWords(Number((event.arrives - event.t).toFixed(3))) }]),
    ...(words === '' ? [] : [{ name: 'now', value: words, ...(now?.waits ? { tone: 'fault' } : {}) }]),
  ];
}

function fact(name: string, value: unknown, kind: string): Fact[] {
  if (LEFT_OUT.has(name) || value === undefined || value === null) return [];
  const text = textOf(name, value, kind);
  return text === '' ? [] : [{ name, value: text, term: name }];
}

function textOf(name: string, value: unknown, kind: string): string {
  if (typeof value === 'number') {
    const isZxid =
      (ZXIDS.has(name) && !(name === 'to' && kind !== 'log-truncated')) ||
      (name === 'version' && kind.startsWith('config-'));
    return isZxid ? formatZxid(value as Zxid) : String(value);
  }
  if (typeof value === 'string' || typeof value === 'boolean') return String(value);
  if (isVote(value)) return voteWords(value);
  if (isSecondQuorum(value)) return `${value.acks.join(' ')} (${value.acks.length} of ${value.need})`;
  if (Array.isArray(value)) return value.every((item) => typeof item !== 'object') ? value.join(' ') : '';
  return JSON.stringify(value);
}

function isVote(value: unknown): value is Vote {
  return typeof value === 'object' && value !== null && 'electionEpoch' in value;
}

function isSecondQuorum(value: unknown): value is SecondQuorum {
  return typeof value === 'object' && value !== null && 'acks' in value && 'need' in value;
}

/** `(epoch 1, 0x100000009, s3)`, in the order in which votes are compared. */
function voteWords({ leader, zxid, peerEpoch }: Vote): string {
  return leader < 0 ? 'nobody' : `(epoch ${peerEpoch}, ${formatZxid(zxid)}, s${leader})`;
}
