/**
 * Fast leader election: `VoteOrder` (`FastLeaderElection.totalOrderPredicate`), `ElectionQuorum` (`lookForLeader`), and of
 * `ObserverSilent` that votes are cast by voters, for voters (`validVoter`).
 * Its result is only a proposal; what makes a leader is the epoch handshake.
 */
import type { EventOf } from '../protocol/events.ts';
import type { ActorName, EventId, Sid } from '../protocol/ids.ts';
import { sidOf } from '../protocol/ids.ts';
import type { Vote } from '../protocol/packets.ts';
import { formatZxid } from '../protocol/zxid.ts';
import { hasQuorum } from './quorums.ts';
import type { Checker, Report } from './types.ts';

/** So many votes of one server are remembered: a notification may lie on its way for some rounds. */
const VOTES_MAX = 256;

interface Cast {
  readonly vote: Vote;
  readonly event: EventId;
}

export const elections: Checker = (world, report) => {
  /** What each server has voted, oldest first; also of former processes. */
  const votes = new Map<ActorName, Cast[]>();
  /** The vote that each server has counted last. */
  const counted = new Map<ActorName, EventOf<'vote-counted'>>();
  const cast = (actor: ActorName, vote: Vote, event: EventId): void => {
    const list = votes.get(actor) ?? [];
    votes.set(actor, list);
    list.push({ vote, event });
    if (list.length > VOTES_MAX) list.splice(0, VOTES_MAX / 2);
  };

  return {
    'election-started': ({ actor, vote, id }) => cast(actor, vote, id),
    'vote-changed': ({ actor, vote, id }) => {
      const last = votes.get(actor)?.at(-1);
      if (last && last.vote.electionEpoch === vote.electionEpoch) checkOrder(report, actor, last, vote, id);
      cast(actor, vote, id);
    },
    'vote-counted': (event) => {
      counted.set(event.actor, event);
      const { actor, from, vote, id } = event;
      const config = world.servers.get(actor)?.config;
      const isVoter = (sid: number): boolean =>
        !config || config.committed.voters.has(sid as Sid) || config.lastSeen.voters.has(sid as Sid);
      if (isVoter(from) && isVoter(vote.leader)) return;
      report({
        property: 'ObserverSilent',
        says: isVoter(from)
          ? `${actor} counts the vote of s${from} for s${vote.leader}, which has no vote; only voters should lead.`
          : `${actor} counts the vote of s${from}, which has none; only voters should count.`,
        proof: [id],
        about: `vote ${actor}`,
      });
    },
    elected: ({ actor, vote, by, state }) => {
      const own = sidOf(actor);
      const last = counted.get(actor);
      const config = world.servers.get(actor)?.config;
      if (by === 'settled' && state !== 'LEADING' && last && !hasQuorum(config, last.tally)) {
        report({
          property: 'ElectionQuorum',
          says: `${actor} joins s${vote.leader} because ${sidList(last.tally)} named it as leader: that is no quorum.`,
          proof: [last.id],
          about: `${actor} settled ${vote.electionEpoch}`,
        });
      }
      if (state !== 'LEADING' || own === null) return;
      const support: Sid[] = [];
      const proof: EventId[] = [];
      for (const [name, list] of votes) {
        const sid = sidOf(name);
        const found = list.findLast((one) => supports(one.vote, vote, by));
        if (sid === null || !found) continue;
        support.push(sid);
        proof.push(found.event);
      }
      if (hasQuorum(config, support)) return;
      const who = support.length === 0 ? 'nobody' : `only ${sidList(support.sort((a, b) => a - b))}`;
      report({
        property: 'ElectionQuorum',
        says: `${actor} leaves the election of round ${vote.electionEpoch} as leader, but ${who} voted for it: that is no quorum.`,
        proof,
        about: `${actor} ${vote.electionEpoch}`,
      });
    },
  };
};

function sidList(sids: readonly Sid[]): string {
  return sids.map((sid) => `s${sid}`).join(', ');
}

/** Members of a settled ensemble have brought the peerEpoch of their vote up to date since they cast it. */
function supports(cast: Vote, vote: Vote, by: 'quorum' | 'settled'): boolean {
  if (cast.leader !== vote.leader || cast.electionEpoch !== vote.electionEpoch) return false;
  return by === 'settled' || (cast.zxid === vote.zxid && cast.peerEpoch === vote.peerEpoch);
}

function checkOrder(report: Report, actor: ActorName, last: Cast, vote: Vote, event: EventId): void {
  const { vote: old } = last;
  const grows =
    vote.peerEpoch !== old.peerEpoch
      ? vote.peerEpoch > old.peerEpoch
      : vote.zxid !== old.zxid
        ? vote.zxid > old.zxid
        : vote.leader > old.leader;
  if (grows) return;
  report({
    property: 'VoteOrder',
    says: `${actor} changes its vote in round ${vote.electionEpoch} from ${named(old)} to ${named(vote)}, which is not better.`,
    proof: [last.event, event],
    about: actor,
  });
}

function named({ leader, zxid, peerEpoch }: Vote): string {
  return leader < 0 ? 'nobody' : `s${leader} (epoch ${peerEpoch}, ${formatZxid(zxid)})`;
}
