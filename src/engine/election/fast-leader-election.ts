/**
 * Fast leader election: how a server that is LOOKING finds out whom to follow, and how a server that
 * is not answers it. Source: `FastLeaderElection` (`lookForLeader`, `Messenger.WorkerReceiver`).
 *
 * The real server's threads are folded into steps: a notification is received and considered in the
 * step that brings it, and each wait on the receive queue is a timer. Safety does not come from here
 * but from the epoch handshake after it: two servers may end a round with different leaders.
 */
import { assert, unreachable } from '../../protocol/assert.ts';
import type { EventRef, Sid } from '../../protocol/ids.ts';
import type { Notification, ServerState, Vote } from '../../protocol/packets.ts';
import type { RuleId } from '../../protocol/rules/index.ts';
import { addMs } from '../../protocol/time.ts';
import { ZXID_UNKNOWN, type Epoch } from '../../protocol/zxid.ts';
import type { ElectionPeer, QuorumVerifier } from '../ports.ts';
import type { Timer } from '../../process/io.ts';
import type { ServerContext } from '../context.ts';
import type { QuorumCnxManager } from './quorum-cnx-manager.ts';
import { hasAllQuorums, verifiersOf } from './quorum-verifier.ts';
import { initialVote, NOTIFICATION_VERSION, totalOrderPredicate, votesEqual, type StatedVote } from './vote.ts';

/** ms of silence that end an election (`finalizeWait`). */
const FINALIZE_WAIT_MS = 200;
/** ms of the first wait for notifications, and of the longest. */
const MIN_NOTIFICATION_INTERVAL_MS = 200;
const MAX_NOTIFICATION_INTERVAL_MS = 60_000;

/** An entry of the receive queue. `cause`: the event that brought it. */
interface Received {
  readonly from: Sid;
  readonly notification: Notification;
  readonly cause: EventRef;
}

/** A vote in recvset or outofelection. `ref`: the event that tells of it. */
interface CountedVote extends StatedVote {
  readonly ref: EventRef;
}
type VoteSet = Map<Sid, CountedVote>;

interface Outcome {
  readonly vote: Vote;
  readonly by: 'quorum' | 'settled';
  readonly rule: RuleId;
  readonly causes: readonly EventRef[];
}

export class FastLeaderElection {
  readonly #ctx: ServerContext;
  readonly #peer: ElectionPeer;
  readonly #cnx: QuorumCnxManager;

  /** The round. Not persisted: a restarted server begins with round 1. */
  #logicalclock = 0;
  /** The own vote of this round; its electionEpoch is the round. */
  #proposal: Vote = { leader: -1, zxid: ZXID_UNKNOWN, electionEpoch: 0, peerEpoch: -1 as Epoch };
  /** Votes of this round. */
  #recvset: VoteSet = new Map();
  /** What servers that follow or lead say, whatever their round. */
  #outofelection: VoteSet = new Map();
  /** Not emptied while the server is LOOKING and `lookForLeader` has not begun. */
  #recvqueue: Received[] = [];

  #phase: 'idle' | 'looking' | 'finalizing' = 'idle';
  /** The wait on the receive queue. */
  #wait: Timer | null = null;
  /** Length of the wait while looking, in ms; only grows within one election. */
  #notTimeoutMs = MIN_NOTIFICATION_INTERVAL_MS;
  /** While finalizing: the votes that make the quorum. */
  #support: readonly EventRef[] = [];

  constructor(ctx: ServerContext, peer: ElectionPeer, cnx: QuorumCnxManager) {
    this.#ctx = ctx;
    this.#peer = peer;
    this.#cnx = cnx;
  }

  /** The round (`electionEpoch` of what this server sends). */
  get logicalclock(): number {
    return this.#logicalclock;
  }

  /** Begins an election. It ends with `peer.elected` in a later step, or with {@link stop}. */
  lookForLeader(): void {
    assert(this.#phase === 'idle', 'an election is running already');
    const early = this.#recvqueue.length > 0;
    this.#phase = 'looking';
    this.#recvset = new Map();
    this.#outofelection = new Map();
    this.#notTimeoutMs = MIN_NOTIFICATION_INTERVAL_MS;
    this.#logicalclock += 1;
    this.#proposal = initialVote(this.#peer, this.#logicalclock);
    const started = this.#ctx.emit(
      { kind: 'election-started', round: this.#logicalclock, vote: this.#proposal },
      { rule: this.#peer.learnerType === 'OBSERVER' ? 'fle.observer-vote' : 'fle.new-round' },
    );
    this.#sendNotifications('fle.broadcast', [started]);
    // Notifications that came before could end the election within this call.
    if (early) this.#wait = this.#ctx.setTimer(0, () => this.#run());
    else this.#run();
  }

  /** Ends a running election without result; does nothing if there is none. */
  stop(): void {
    this.#phase = 'idle';
    this.#wait?.cancel();
    this.#wait = null;
    this.#recvqueue = [];
  }

  /** A notification came in: answers it where that is due, and keeps it for the election (`WorkerReceiver.run`). */
  receive(from: Sid, notification: Notification): void {
    const { state, vote } = notification;
    // With another configuration this object has ended; the next one broadcasts, and gets an answer.
    if (from !== this.#peer.sid && this.#peer.learnConfig(notification.config)) return;
    if (!this.#isVoter(from)) {
      this.#send(from, { ...this.#peer.currentVote, electionEpoch: this.#logicalclock }, 'fle.answer-observer');
    } else if (this.#peer.state === 'LOOKING') {
      this.#recvqueue.push({ from, notification, cause: this.#ctx.cause });
      if (state === 'LOOKING' && vote.electionEpoch < this.#logicalclock) {
        this.#send(from, { ...this.#proposal, electionEpoch: this.#logicalclock }, 'fle.answer-lagging');
      }
      // The own vote comes back in the middle of a broadcast; what broadcasts goes on with the loop.
      if (from !== this.#peer.sid) this.#run();
    } else if (state === 'LOOKING') {
      this.#send(from, this.#peer.currentVote, 'fle.answer-settled');
    }
  }

  /** The loop of `lookForLeader`: takes what is in the receive queue, then waits. */
  #run(): void {
    if (this.#phase === 'idle') return;
    this.#wait?.cancel();
    for (let n = this.#recvqueue.shift(); n; n = this.#recvqueue.shift()) {
      if (this.#phase === 'finalizing') {
        this.#reconsider(n);
        continue;
      }
      const outcome = this.#consider(n);
      if (outcome) {
        this.#leave(outcome);
        return;
      }
    }
    if (this.#phase === 'finalizing') {
      const until = addMs(this.#ctx.now(), FINALIZE_WAIT_MS);
      this.#ctx.emit({ kind: 'election-waiting', until }, { rule: 'fle.finalize-wait', causes: this.#support });
      this.#wait = this.#ctx.setTimer(FINALIZE_WAIT_MS, () => this.#finalize());
    } else {
      this.#wait = this.#ctx.setTimer(this.#notTimeoutMs, () => this.#timedOut());
    }
  }

  #timedOut(): void {
    if (this.#cnx.haveDelivered()) this.#sendNotifications('fle.notification-timeout', []);
    else this.#cnx.connectAll();
    this.#notTimeoutMs = Math.min(2 * this.#notTimeoutMs, MAX_NOTIFICATION_INTERVAL_MS);
    this.#run();
  }

  #finalize(): void {
    this.#leave({ vote: this.#proposal, by: 'quorum', rule: 'fle.quorum', causes: this.#support });
  }

  /** `leaveInstance` */
  #leave({ vote, by, rule, causes }: Outcome): void {
    this.stop();
    const state = vote.leader === this.#peer.sid ? 'LEADING' : this.#learningState();
    this.#ctx.emit({ kind: 'elected', vote, by, state }, { rule, causes });
    this.#peer.elected(vote, state);
  }

  /** A notification during the final wait: only whether its vote is better matters, neither its round nor its sender's state. */
  #reconsider(n: Received): void {
    if (this.#isBetter(n.notification.vote, this.#proposal)) {
      this.#recvqueue.push(n);
      this.#phase = 'looking';
    } else {
      this.#ignore(n, 'no better than the vote that a quorum supports', 'fle.finalize-wait');
    }
  }

  /** One notification of the loop; returns the end of the election, if it is. */
  #consider(n: Received): Outcome | null {
    const { from, notification } = n;
    const { state, vote } = notification;
    if (!this.#isVoter(from) || !this.#isVoter(vote.leader)) {
      this.#ignore(
        n,
        this.#isVoter(from) ? 'its candidate is no voter' : 'its sender is no voter',
        'fle.invalid-voter',
      );
      return null;
    }
    switch (state) {
      case 'LOOKING':
        this.#considerLooking(n);
        return null;
      case 'OBSERVING':
        this.#ignore(n, 'its sender observes', 'fle.observing-ignored');
        return null;
      case 'FOLLOWING':
      case 'LEADING':
        return this.#considerSettled(n);
      default:
        return unreachable(state);
    }
  }

  #considerLooking(n: Received): void {
    const { vote } = n.notification;
    const initial = initialVote(this.#peer);
    if (initial.zxid === ZXID_UNKNOWN) return this.#ignore(n, "this server's zxid is unknown", 'fle.unknown-zxid');
    if (vote.zxid === ZXID_UNKNOWN) return this.#ignore(n, "the candidate's zxid is unknown", 'fle.unknown-zxid');
    const round = this.#logicalclock;
    if (vote.electionEpoch < round) {
      return this.#ignore(n, `round ${vote.electionEpoch} is over, this is round ${round}`, 'fle.lower-round');
    }
    if (vote.electionEpoch > round) {
      this.#logicalclock = vote.electionEpoch;
      this.#recvset.clear();
      this.#propose(this.#isBetter(vote, initial) ? vote : initial, n, 'fle.higher-round');
    } else if (this.#isBetter(vote, this.#proposal)) {
      this.#propose(vote, n, 'fle.vote-order');
    }
    const mine: StatedVote = { vote: this.#proposal, state: 'LOOKING', version: 0 };
    const entry: StatedVote = { vote, state: 'LOOKING', version: 0 };
    const tally = this.#count(this.#recvset, n, entry, mine, 'fle.count-vote');
    if (this.#isQuorum(tally) || (tally.length > 0 && this.#ctx.broken('elect-without-quorum'))) {
      this.#phase = 'finalizing';
      this.#support = this.#refs(this.#recvset, tally);
    }
  }

  /** A server that follows or leads told of its leader (`receivedFollowingNotification`). */
  #considerSettled(n: Received): Outcome | null {
    const { state, vote } = n.notification;
    const said: StatedVote = { vote, state, version: NOTIFICATION_VERSION };
    if (vote.electionEpoch === this.#logicalclock) {
      // The real recvset does not keep the version, so that of settled votes only the leader is compared in it.
      const tally = this.#count(this.#recvset, n, { ...said, version: 0 }, said, 'fle.join-same-round');
      if (this.#isQuorum(tally) && this.#checkLeader(this.#recvset, vote)) {
        return { vote, by: 'settled', rule: 'fle.join-same-round', causes: this.#refs(this.#recvset, tally) };
      }
    }
    const tally = this.#count(this.#outofelection, n, said, said, 'fle.join-established');
    const enough = this.#isQuorum(tally) || this.#ctx.broken('settle-for-any-leader');
    if (!enough || !this.#checkLeader(this.#outofelection, vote)) return null;
    this.#logicalclock = vote.electionEpoch;
    return { vote, by: 'settled', rule: 'fle.join-established', causes: this.#refs(this.#outofelection, tally) };
  }

  /** Enters the vote of `n` into `votes` and returns who in it agrees with `wanted`, ascending. */
  #count(votes: VoteSet, n: Received, entry: StatedVote, wanted: StatedVote, rule: RuleId): readonly Sid[] {
    votes.set(n.from, { ...entry, ref: n.cause });
    const tally = [...votes.keys()].filter((sid) => votesEqual(wanted, at(votes, sid))).sort((a, b) => a - b);
    const leaderSilent = wanted.state !== 'LOOKING' && this.#isQuorum(tally) && !this.#checkLeader(votes, wanted.vote);
    const ref = this.#ctx.emit(
      {
        kind: 'vote-counted',
        from: n.from,
        vote: n.notification.vote,
        tally,
        need: this.#peer.quorumVerifier.need,
      },
      { rule: leaderSilent ? 'fle.leader-must-lead' : rule, causes: [n.cause] },
    );
    votes.set(n.from, { ...entry, ref });
    return tally;
  }

  /** A leader is accepted on others' word only if it said itself that it leads; this server only in its own round. */
  #checkLeader(votes: VoteSet, vote: Vote): boolean {
    if (vote.leader === this.#peer.sid) return vote.electionEpoch === this.#logicalclock;
    return votes.get(vote.leader as Sid)?.state === 'LEADING';
  }

  /** Takes over `vote` for the current round, and tells everybody. */
  #propose(vote: Vote, n: Received, rule: RuleId): void {
    const old = this.#proposal;
    this.#proposal = { ...vote, electionEpoch: this.#logicalclock };
    const changed = this.#ctx.emit(
      { kind: 'vote-changed', round: this.#logicalclock, from: n.from, old, vote: this.#proposal },
      { rule, causes: [n.cause] },
    );
    this.#sendNotifications('fle.broadcast', [changed]);
  }

  #ignore({ from, notification, cause }: Received, why: string, rule: RuleId): void {
    this.#ctx.emit({ kind: 'vote-ignored', from, vote: notification.vote, why }, { rule, causes: [cause] });
  }

  #sendNotifications(rule: RuleId, causes: readonly EventRef[]): void {
    const packet: Notification = { type: 'NOTIFICATION', state: 'LOOKING', vote: this.#proposal, config: this.#config };
    for (const sid of this.#voters()) this.#cnx.toSend(sid, packet, { rule, causes });
  }

  #send(to: Sid, vote: Vote, rule: RuleId): void {
    this.#cnx.toSend(to, { type: 'NOTIFICATION', state: this.#peer.state, vote, config: this.#config }, { rule });
  }

  get #config(): string {
    return this.#peer.quorumVerifier.text;
  }

  #learningState(): ServerState {
    return this.#peer.learnerType === 'PARTICIPANT' ? 'FOLLOWING' : 'OBSERVING';
  }

  #isBetter(vote: Vote, current: Vote): boolean {
    return totalOrderPredicate(vote, current, this.#peer.quorumVerifier, this.#ctx);
  }

  #isQuorum(sids: readonly Sid[]): boolean {
    return hasAllQuorums(this.#verifiers(), sids);
  }

  /** The configurations that must all agree: the committed one, and the proposed one where there is one. */
  #verifiers(): readonly QuorumVerifier[] {
    return verifiersOf(this.#peer.quorumVerifier, this.#peer.lastSeenQuorumVerifier);
  }

  /** `getCurrentAndNextConfigVoters`, ascending. */
  #voters(): readonly Sid[] {
    const sids = this.#verifiers().flatMap((verifier) => verifier.votingMembers);
    return [...new Set(sids)].sort((a, b) => a - b);
  }

  #isVoter(sid: number): boolean {
    return this.#voters().includes(sid as Sid);
  }

  #refs(votes: VoteSet, sids: readonly Sid[]): readonly EventRef[] {
    return sids.map((sid) => at(votes, sid).ref);
  }
}

function at(votes: VoteSet, sid: Sid): CountedVote {
  const vote = votes.get(sid);
  assert(vote, `s${sid} has no vote here`);
  return vote;
}
