/**
 * The ring around a leader: whose acknowledgements it has of what, and of how many configurations. While a
 * reconfiguration is open a quorum of the old and of the new one is needed. Pure.
 */
import type { SecondQuorum } from '../../protocol/events.ts';
import type { Sid } from '../../protocol/ids.ts';
import type { ServerView } from '../../trace/index.ts';
import { shortZxid } from './format.ts';
import { hasGroups } from './membership.ts';

/** Who has acknowledged, of one configuration. */
export interface Quorum {
  readonly voters: number;
  /** In the order in which they came. */
  readonly acks: readonly Sid[];
  readonly need: number;
  readonly full: boolean;
  /** Groups with weights decide, and so many acknowledgements as `need` need not be enough. */
  readonly grouped: boolean;
}

/** The ring around a leader: a segment for each voter, filled one after the other as acknowledgements come. */
export interface AckRing extends Quorum {
  /** While a reconfiguration is open, the quorum of the new configuration is needed, too: a second ring. */
  readonly next: Quorum | null;
  /** What is acknowledged, in a word or two. */
  readonly what: string | null;
  /** Committed a while ago: nothing is going on. */
  readonly resting: boolean;
}

const HANDSHAKES = { epoch: 'FOLLOWERINFO', ackepoch: 'ACKEPOCH', newleader: 'NEWLEADER' } as const;
/** A ring stays bright for so long after the commit, virtual ms. */
const REST_AFTER_MS = 150;

/** The oldest proposal without a quorum, the step of the handshake, or what was committed last. */
export function ackRing(server: RingOf, t: number): AckRing | null {
  if (server.serverState !== 'LEADING') return null;
  const { handshake, lastQuorum } = server;
  if (handshake) return openRing(server, handshake, HANDSHAKES[handshake.phase]);
  const [first] = server.outstanding;
  if (first) return openRing(server, first[1], shortZxid(first[0]));
  if (lastQuorum === null) return { ...quorumOf(server, [], null, false), next: null, what: null, resting: true };
  const { acks, need, next, voters, zxid, at } = lastQuorum;
  const what = shortZxid(zxid);
  const grown = next ? nextQuorum(server, next, true) : null;
  // The new configuration rules alone once it is activated.
  if (grown && t - at > REST_AFTER_MS) return { ...grown, next: null, what, resting: true };
  const old = quorumOf(server, acks, need, true);
  return { ...old, voters: voters ?? old.voters, next: grown, what, resting: t - at > REST_AFTER_MS };
}

type RingOf = Pick<ServerView, 'serverState' | 'handshake' | 'outstanding' | 'lastQuorum' | 'config'>;
type Acks = Pick<NonNullable<ServerView['handshake']>, 'acks' | 'need' | 'next'>;

function openRing(server: RingOf, { acks, need, next }: Acks, what: string): AckRing {
  const grown = next ? nextQuorum(server, next, false) : null;
  return { ...quorumOf(server, acks, need, false), next: grown, what, resting: false };
}

/** @param done it has its quorum, whatever the count */
function quorumOf({ config }: RingOf, acks: readonly Sid[], need: number | null, done: boolean): Quorum {
  const committed = config?.committed;
  const voters = committed?.members.filter(({ role }) => role === 'participant').length ?? acks.length;
  const grouped = committed ? hasGroups(committed) : false;
  const needed = need ?? Math.floor(voters / 2) + 1;
  return { voters, acks, need: needed, full: done || (!grouped && acks.length >= needed), grouped };
}

function nextQuorum({ config }: RingOf, { members, acks, need }: SecondQuorum, done: boolean): Quorum {
  const grouped = config ? hasGroups(config.lastSeen) : false;
  return { voters: members.length, acks, need, full: done || (!grouped && acks.length >= need), grouped };
}

export function ringWords({ what, next, ...old }: AckRing): string | null {
  if (old.acks.length === 0 && !next?.acks.length) return null;
  if (next === null) return `${what} acknowledged by ${quorumWords(old)}`;
  return `${what} acknowledged in the old configuration by ${quorumWords(old)}; in the new one by ${quorumWords(next)}`;
}

function quorumWords({ acks, need, full, grouped }: Quorum): string {
  const who = acks.length === 0 ? 'nobody' : acks.map((id) => `s${id}`).join(' ');
  return `${who}, ${full ? 'a quorum' : grouped ? 'more groups are needed' : `${need} are needed`}`;
}

/** `2/3`, `3/3 ✓`; where groups decide, how many have acknowledged. */
export function tally({ acks, need, full, grouped }: Quorum): string {
  const count = grouped
    ? `${acks.length} ack${acks.length === 1 ? '' : 's'}`
    : `${Math.min(acks.length, need)}/${need}`;
  return `${count}${full ? ' ✓' : ''}`;
}
