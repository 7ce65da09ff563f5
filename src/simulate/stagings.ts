/**
 * Stagings: moments that random faults seldom meet, brought about on purpose, with everything drawn that may vary. Packets
 * are held, servers die in the middle of a handshake or an fsync, disks begin apart. What each begins with is what a
 * history of crashes can leave behind.
 */
import type { PacketType } from '../protocol/network.ts';
import { READY, type Stage, type StagedDisk } from './stage.ts';

export type Staging = (stage: Stage) => void;

const NODES = ['/a', '/b', '/c', '/e', '/f', '/g', '/h', '/i'];

function zxid(epoch: number, counter: number): string {
  return `0x${(epoch * 2 ** 32 + counter).toString(16)}`;
}

function entry(epoch: number, counter: number, path: string): Readonly<Record<string, unknown>> {
  return { zxid: zxid(epoch, counter), op: 'create', path, data: 'x'.repeat(40) };
}

/** Transactions 1 to `count` of epoch 1; those up to `inSnapshot` in a snapshot only. */
function history(count: number, inSnapshot: number): StagedDisk {
  const nodes = NODES.slice(0, count);
  const log = nodes.slice(inSnapshot).map((path, i) => entry(1, inSnapshot + i + 1, path));
  return {
    ...(inSnapshot > 0
      ? {
          snapshot: {
            zxid: zxid(1, inSnapshot),
            nodes: nodes.slice(0, inSnapshot).map((path) => ({ path, data: 'x'.repeat(40) })),
          },
        }
      : {}),
    ...(log.length > 0 ? { log } : {}),
    acceptedEpoch: 1,
    currentEpoch: 1,
  };
}

/** One server has logged what nobody else has, another lacks the end of what is committed; they meet in any order. */
function divergedLogs(stage: Stage): void {
  const { dice, sids, disks } = stage;
  const count = dice.int(2, 4);
  // On all alike: of what a snapshot holds nobody remembers the transactions that made it.
  const inSnapshot = dice.pick([0, 0, count, dice.int(0, count)]);
  for (const sid of sids) disks[sid] = history(count, inSnapshot);
  const ahead = stage.anySid();
  const behind = dice.pick(sids.filter((sid) => sid !== ahead));
  const tail = dice.int(1, 2);
  const own = history(count, inSnapshot);
  const later = dice.pick(['same', 'others', 'own', 'own'] as const);
  const epoch = later === 'own' ? 2 : 1;
  const counter = later === 'own' ? 0 : count;
  const log = [...(own.log ?? []), ...NODES.slice(4, 4 + tail).map((path, i) => entry(epoch, counter + i + 1, path))];
  for (const sid of sids) {
    // An epoch was led by the server with the tail, or by others without it.
    const now = later === 'same' || (later === 'others' && sid === ahead) ? 1 : 2;
    disks[sid] = { ...disks[sid], acceptedEpoch: now, currentEpoch: now };
  }
  disks[ahead] = { ...own, log, acceptedEpoch: epoch, currentEpoch: epoch };
  if (dice.chance(0.5)) disks[behind] = { ...(inSnapshot > 0 ? {} : history(1, 0)), ...epochsOf(disks[behind]) };
  if (dice.chance(0.2)) return;
  const late = dice.pick([ahead, ahead, behind]);
  stage.begin(sids.filter((sid) => sid !== late));
  stage.restart(READY + dice.int(0, 400), late);
  if (dice.chance(0.5)) stage.writes(READY, stage.client(), 3);
}

/** One server led an epoch alone and logged in it, behind a snapshot. What that holds the others have in their logs. */
function aloneBehindSnapshot(stage: Stage): void {
  const { dice, sids, disks } = stage;
  const count = dice.int(1, 3);
  const alone = stage.anySid();
  const log = NODES.slice(4, 4 + dice.int(1, 2)).map((path, i) => entry(2, i + 1, path));
  for (const sid of sids) {
    const own = sid === alone ? { ...history(count, count), log } : history(count, 0);
    disks[sid] = { ...own, acceptedEpoch: 2, currentEpoch: 2 };
  }
  stage.begin(sids.filter((sid) => sid !== alone));
  stage.writes(READY, stage.client(), dice.int(1, 3));
  stage.restart(READY + dice.int(200, 800), alone);
}

function epochsOf({ acceptedEpoch = 0, currentEpoch = 0 }: StagedDisk = {}): StagedDisk {
  return { acceptedEpoch, currentEpoch };
}

/** What one server alone brought reaches a second one by DIFF; when the first is gone, a third needs it. */
function passedOn(stage: Stage): void {
  const { dice, sids, disks } = stage;
  if (sids.length > 3) return divergedLogs(stage);
  const late = dice.pick([1, 2]);
  const [other = 1] = sids.filter((sid) => sid !== late && sid !== 3);
  const count = dice.int(2, 4);
  for (const sid of sids) disks[sid] = history(sid === 3 ? count : 1, 0);
  stage.begin([other, 3]);
  stage.kill(READY, 3);
  stage.restart(READY + dice.int(0, 300), late);
  if (dice.chance(0.5)) stage.restart(READY + 1500, 3);
}

/** A server has promised an epoch to somebody who never led it; the others go on below it, until all begin anew. */
function promisedAlone(stage: Stage): void {
  const { dice, sids, disks } = stage;
  const count = dice.int(1, 3);
  for (const sid of sids) disks[sid] = history(count, 0);
  const late = stage.anySid();
  disks[late] = { ...disks[late], acceptedEpoch: dice.int(3, 6) };
  stage.begin(sids.filter((sid) => sid !== late));
  stage.restart(dice.int(800, READY), late);
  stage.writes(READY, stage.client(), 2);
  stage.kill(READY + 1500, ...sids);
  // It takes part in the next election, else it would stay outside.
  const quorum = [late, ...sids.filter((sid) => sid !== late)].slice(0, Math.floor(sids.length / 2) + 1);
  stage.restart(READY + 1600, ...quorum);
  stage.restart(READY + 3500, ...sids.filter((sid) => !quorum.includes(sid)));
}

const HANDSHAKE: readonly PacketType[] = ['LEADERINFO', 'NEWLEADER', 'UPTODATE', 'DIFF', 'COMMIT', 'PROPOSAL'];
const ANSWERS: readonly PacketType[] = ['FOLLOWERINFO', 'ACKEPOCH', 'ACK'];

/** The first handshakes get stuck, each at a step of its own, and then the leader dies. */
function stuckElection(stage: Stage): void {
  const { dice, sids, leader } = stage;
  const dies = dice.int(250, 900);
  for (const sid of sids.filter((each) => each !== leader)) {
    if (dice.chance(0.8)) stage.hold(leader, sid, dice.pick(['LEADERINFO', 'NEWLEADER', 'UPTODATE']), 0, dies + 50);
    else stage.hold(sid, leader, dice.pick(ANSWERS), 0, dies + 50);
  }
  stage.kill(dies, leader);
  stage.restart(dies + dice.span(50, 2000), leader);
}

/** A server comes late, needs a DIFF or a SNAP, and its handshake is cut off in the middle. */
function stuckHandshake(stage: Stage): void {
  const { dice, sids, disks, leader } = stage;
  const late = stage.follower();
  if (dice.chance(0.6)) {
    for (const sid of sids) if (sid !== late) disks[sid] = history(3, 3);
  } else for (const sid of sids) disks[sid] = history(sid === late ? 1 : 3, 0);
  stage.begin(sids.filter((sid) => sid !== late));
  const type = dice.pick(HANDSHAKE);
  const joins = READY;
  const breaks = joins + dice.int(20, 600);
  stage.hold(leader, late, type, joins - 100, breaks + dice.int(10, 40));
  if (dice.chance(0.4)) stage.writes(joins - dice.int(0, 100), stage.client(), dice.int(1, 4));
  stage.restart(joins, late);
  switch (dice.pick(['connection', 'connection', 'learner', 'leader'] as const)) {
    case 'connection':
      return stage.at(breaks, { do: 'drop-connection', from: `s${late}`, to: `s${leader}` });
    case 'learner':
      stage.kill(breaks, late);
      return stage.restart(breaks + dice.int(50, 500), late);
    case 'leader':
      stage.kill(breaks, leader);
      return stage.restart(breaks + dice.int(50, 2000), leader);
  }
}

/** The end of a SNAP is on its way when the connection breaks; the learner comes back at once. */
function halfSnapshot(stage: Stage): void {
  const { dice, sids, disks, leader } = stage;
  const late = stage.follower();
  for (const sid of sids) if (sid !== late) disks[sid] = history(3, 3);
  stage.begin(sids.filter((sid) => sid !== late));
  const breaks = READY + dice.int(200, 500);
  stage.hold(leader, late, 'NEWLEADER', READY - 100, breaks + 20);
  stage.restart(READY, late);
  stage.at(breaks, { do: 'drop-connection', from: `s${late}`, to: `s${leader}` });
  if (dice.chance(0.3)) {
    stage.kill(breaks + dice.int(20, 400), leader);
    stage.restart(breaks + 1500, leader);
  }
}

/** A server joins while proposals are under way: the leader’s log is ahead of its tree. */
function joinsUnderWay(stage: Stage): void {
  const { dice, sids, disks, leader } = stage;
  const late = stage.follower();
  const snap = dice.chance(0.6);
  for (const sid of sids) if (sid !== late) disks[sid] = history(3, snap ? 3 : 0);
  if (!snap) disks[late] = history(dice.int(1, 3), 0);
  const writes = READY + 100;
  const voters = sids.filter((sid) => sid !== leader && sid !== late);
  stage.begin([...voters, leader]);
  for (const sid of voters) stage.hold(sid, leader, 'ACK', READY, writes + dice.int(200, 700));
  stage.writes(writes, stage.client(), dice.int(1, 4));
  stage.restart(writes + dice.int(20, 200), late);
  if (dice.chance(0.3)) stage.kill(writes + dice.int(200, 900), leader);
}

/** A server that was away gets a DIFF, of which a packet is lost, and starts again soon after. */
function brokenDiff(stage: Stage): void {
  const { dice, leader } = stage;
  const away = stage.follower();
  const client = stage.client();
  stage.work(READY - 100, READY + 100);
  stage.kill(READY + 100, away);
  stage.writes(READY + 200, client, dice.int(1, 4));
  const back = READY + dice.int(300, 600);
  const type = dice.pick(['PROPOSAL', 'PROPOSAL', 'COMMIT', 'NEWLEADER'] as const);
  stage.at(back, { do: 'drop', from: `s${leader}`, to: `s${away}`, type, count: dice.int(1, 2) });
  stage.restart(back, away);
  if (dice.chance(0.5)) {
    const again = back + dice.int(100, 800);
    stage.kill(again, away);
    stage.restart(again + dice.int(20, 200), away);
  }
}

/** A slow disk: a server dies while the history that it was sent is not on it, and whoever else had it stays away. */
function diesAtSync(stage: Stage): void {
  const { dice, sids, disks, leader } = stage;
  if (sids.length > 3) return stuckHandshake(stage);
  const late = stage.follower();
  const other = stage.follower(late);
  for (const sid of sids) disks[sid] = history(sid === late ? 1 : dice.int(2, 4), 0);
  disks[other] = disks[leader] ?? {};
  stage.begin([other, leader]);
  stage.at(0, { do: 'disk', server: late, fsync: [60, dice.pick([60, 200])] });
  const first = dice.int(700, 1000);
  // Of two that know the same one goes away, so that its own epoch stays behind.
  const [stays, goes] = dice.chance(0.5) ? [other, leader] : [leader, other];
  stage.kill(first, goes);
  stage.restart(first + 100, late);
  const dies = first + dice.int(250, 900);
  stage.kill(dies, late, stays);
  stage.restart(dies + 100, late, goes);
  stage.restart(dies + 1800, stays);
}

/** The leader dies while proposals wait for a slow disk; then one more server dies, and comes back. */
function diesWithPending(stage: Stage): void {
  const { dice, sids, leader } = stage;
  const slow = stage.follower();
  for (const sid of sids) {
    if (sid !== slow && sid !== leader) stage.hold(leader, sid, 'PROPOSAL', READY - 100, READY + 1500);
  }
  stage.at(READY - 100, { do: 'disk', server: slow, fsync: [dice.pick([50, 100]), dice.pick([100, 200])] });
  const client = stage.client();
  stage.writes(READY, client, dice.int(2, 4));
  stage.kill(READY + dice.int(50, 250), leader);
  stage.writes(READY + 1400, client, 2);
  const again = READY + dice.int(1500, 1900);
  stage.kill(again, slow);
  stage.restart(again + 100, slow);
  stage.restart(again + 300, leader);
}

/** Some servers are cut off for longer than syncLimit, and clients go on asking them. */
function longSilence(stage: Stage): void {
  const { dice, sids } = stage;
  const side = dice.sample(sids, dice.int(1, sids.length - 1));
  stage.settings['syncLimit'] = 2;
  stage.at(READY, { do: 'partition', groups: [side, sids.filter((sid) => !side.includes(sid))] });
  const end = READY + dice.int(4, 9) * stage.tickTime;
  stage.work(READY, end);
  stage.at(end, { do: 'heal-all' });
}

/** A client moves while its request is on its way from the server that it has left, and asks the next one. */
function movedSession(stage: Stage): void {
  const { dice, leader } = stage;
  const first = stage.follower();
  const second = stage.sids.filter((sid) => sid !== first)[0] ?? leader;
  const client = stage.client();
  stage.place(client, first);
  const held = READY + 100;
  // It takes the client up to a second to go elsewhere.
  const released = held + dice.int(600, 1800);
  stage.hold(first, leader, 'REQUEST', held, released);
  stage.request(held + 10, client, { op: 'set', path: '/a', data: 'old' });
  stage.at(held + dice.int(40, 100), { do: 'connect', client, server: second });
  stage.request(held + 150, client, { op: 'set', path: '/a', data: 'new' });
}

/** A session ends while a request of it is on its way, and the end takes its time to be committed. */
function closingSession(stage: Stage): void {
  const { dice, sids, leader, tickTime } = stage;
  const server = stage.follower();
  const client = stage.client();
  const ticks = dice.pick([4, 8]);
  stage.place(client, server, ticks);
  const held = READY;
  stage.at(held, { do: 'hold', from: `s${server}`, to: `s${leader}`, type: 'REQUEST' });
  stage.request(held + 10, client, { op: 'create', path: '/e', mode: 'EPHEMERAL' });
  stage.at(held + 60, { do: 'disconnect', client });
  // Its server has told the leader of it for the last time by then; sessions end with a tick.
  const ends = (Math.floor((held + 200) / tickTime) + ticks + 1) * tickTime;
  for (const sid of sids) if (sid !== leader) stage.hold(sid, leader, 'ACK', ends - tickTime, ends + 3 * tickTime);
  stage.at(ends + dice.int(0, 2 * tickTime), { do: 'release', from: `s${server}`, to: `s${leader}`, type: 'REQUEST' });
  stage.at(ends + 4 * tickTime, { do: 'connect', client });
}

/** The others start anew behind a partition and have a new leader at once; who has seen what it did comes to the old one. */
function behindServer(stage: Stage): void {
  const { dice, sids, leader } = stage;
  stage.settings['syncLimit'] = 10;
  const client = stage.client();
  stage.place(client, stage.follower(), 20);
  const cut = READY + dice.int(0, 300);
  const others = sids.filter((sid) => sid !== leader);
  stage.at(cut, { do: 'partition', groups: [[leader], others] });
  stage.kill(cut + 50, ...others);
  stage.restart(cut + 100, ...others);
  for (let ms = 900; ms < 2600; ms += 100) stage.request(cut + ms, client, { op: 'set', path: '/a', data: `${ms}` });
  const moves = cut + dice.int(2000, 2600);
  for (const sid of others) stage.at(moves, { do: 'cut', from: client, to: `s${sid}` });
  stage.at(moves, { do: 'connect', client, server: leader });
  stage.at(cut + 5500, { do: 'heal-all' });
}

/** Two operators change the configuration at the same time. */
function twoReconfigs(stage: Stage): void {
  const { dice, sids, settings } = stage;
  Object.assign(settings, { reconfigEnabled: true, skipACL: true, standaloneEnabled: false });
  const at = READY + dice.int(0, 300);
  const [one, two] = dice.sample(sids, 2);
  stage.request(at, 'alice', { op: 'reconfig', leaving: `${one}` });
  stage.request(at + dice.int(0, 20), dice.pick(['alice', 'bob']), { op: 'reconfig', leaving: `${two}` });
  if (dice.chance(0.5)) stage.kill(at + dice.int(0, 60), stage.leader);
}

/** Somebody watches what only others may read. */
function secretWatch(stage: Stage): void {
  const { dice } = stage;
  const [mine, theirs] = dice.pick([
    ['alice', 'bob'],
    ['bob', 'alice'],
  ] as const);
  stage.request(READY, mine, { op: 'addauth', scheme: 'digest', auth: 'u:p' });
  stage.request(READY + 50, mine, { op: 'create', path: '/open' });
  const watch = dice.pick([
    { op: 'stat', path: '/open/secret', watch: true },
    { op: 'ls', path: '/open', watch: true },
    { op: 'addWatch', path: '/open', mode: 'PERSISTENT_RECURSIVE' },
  ]);
  if (dice.chance(0.5)) stage.request(READY + 150, theirs, watch);
  stage.request(READY + 250, mine, { op: 'create', path: '/open/secret', acl: 'auth::cdrwa' });
  stage.request(READY + 350, theirs, watch);
  stage.request(READY + 450, mine, { op: 'set', path: '/open/secret', data: 'x' });
  stage.request(READY + 550, mine, { op: 'delete', path: '/open/secret' });
}

/** A byte of a log changes while its server is away. What it holds the others have, too. */
function changedByte(stage: Stage): void {
  const { dice, sids, disks } = stage;
  for (const sid of sids) disks[sid] = history(4, 0);
  const server = stage.anySid();
  stage.kill(READY - 800, server);
  stage.writes(READY, stage.client(), 2);
  stage.writes(READY + 700, stage.client(), 2);
  stage.at(READY + 1200, { do: 'corrupt', server, file: 'version-2/log.*', offset: dice.int(16, 500) });
  stage.restart(READY + 1300, server);
}

export const STAGINGS: readonly Staging[] = [
  divergedLogs,
  divergedLogs,
  aloneBehindSnapshot,
  passedOn,
  promisedAlone,
  stuckElection,
  stuckHandshake,
  halfSnapshot,
  joinsUnderWay,
  brokenDiff,
  diesAtSync,
  diesWithPending,
  diesWithPending,
  longSilence,
  movedSession,
  closingSession,
  behindServer,
  twoReconfigs,
  secretWatch,
  changedByte,
];
