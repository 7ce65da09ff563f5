/**
 * Broken rules of quorums, synchronization and broadcast: each play is run as ZooKeeper is and with the rule broken,
 * and what it looks at differs in just that.
 */
import { describe, expect, it } from 'vitest';
import { planSync, type SyncSource } from '../../../src/engine/quorum/sync-plan.ts';
import type { Defect, Rules } from '../../../src/protocol/defects.ts';
import type { PacketSummary } from '../../../src/protocol/events.ts';
import { NO_SESSION, serverName, sid } from '../../../src/protocol/ids.ts';
import type { LoggedTxn } from '../../../src/protocol/txns.ts';
import { COUNTER_MAX, counterOf, epochOf, formatZxid, makeZxid, type Zxid } from '../../../src/protocol/zxid.ts';
import { Ensemble, type EnsembleOptions } from '../../helpers/ensemble.ts';

const alice = (server: number) => ({ name: 'alice', server, sessionTimeout: 20_000 });

/** What `look` finds in a lab that keeps the rule, and in one that breaks it. */
async function contrast<T>(
  defect: Defect,
  options: EnsembleOptions,
  look: (lab: Ensemble) => Promise<T>,
): Promise<{ kept: T; broken: T }> {
  const play = async (defects: readonly Defect[]): Promise<T> => look(await Ensemble.open({ ...options, defects }));
  return { kept: await play([]), broken: await play([defect]) };
}

/** Packets of a type from one server to another, in order. */
function sent(lab: Ensemble, from: number, to: number, type: PacketSummary['type'], since = 0) {
  const receiver = serverName(sid(to));
  return lab.events('send', { actor: from, from: since }).filter((e) => e.packet.type === type && e.to === receiver);
}

const hold = (from: number, to: number, type: 'ACK' | 'ACKEPOCH' | 'COMMIT' | 'NEWLEADER' | 'PROPOSAL') =>
  ({ do: 'hold', from: `s${from}`, to: `s${to}`, type }) as const;
const release = (from: number, to: number, type: 'ACK' | 'COMMIT' | 'PROPOSAL') =>
  ({ do: 'release', from: `s${from}`, to: `s${to}`, type }) as const;
const counters = (events: readonly { readonly zxid: Zxid }[]): number[] => events.map(({ zxid }) => counterOf(zxid));

/** s3 leads, alice is at s3, and the session is zxid (1,1). */
async function led(lab: Ensemble): Promise<number> {
  expect(await lab.settled()).toBe(3);
  await lab.attach('alice', 3);
  await lab.run(100);
  return lab.lab.trace.length;
}
const three: EnsembleOptions = { servers: 3, clients: [alice(3)] };

/** s1 was away while alice made two znodes, and has joined again. */
async function rejoined(lab: Ensemble): Promise<number> {
  await led(lab);
  await lab.kill(1);
  for (const path of ['/a', '/b']) expect(await lab.create('alice', path)).toBeNull();
  const from = lab.lab.trace.length;
  await lab.restart(1);
  await lab.settled();
  return from;
}

describe('quorums', () => {
  it('commit-without-quorum: the leader commits what it alone has logged', async () => {
    const found = await contrast('commit-without-quorum', three, async (lab) => {
      const from = await led(lab);
      await lab.act(hold(3, 1, 'PROPOSAL'), hold(3, 2, 'PROPOSAL'));
      await lab.create('alice', '/a', false);
      await lab.run(300);
      return counters(lab.events('committed', { from }));
    });
    expect(found).toEqual({ kept: [], broken: [2] });
  });

  it('count-observer-acks: the ACK of an observer makes the leader serve', async () => {
    const found = await contrast('count-observer-acks', { servers: 3, observers: 1 }, async (lab) => {
      await lab.act(hold(3, 1, 'NEWLEADER'), hold(3, 2, 'NEWLEADER'));
      await lab.run(3000);
      const acked = lab.events('newleader-acked', { actor: 3 }).map(({ from }) => from);
      return [acked, lab.events('serving', { actor: 3 }).length];
    });
    expect(found).toEqual({ kept: [[3], 0], broken: [[3, 4], 1] });
  });

  it('serve-before-newleader-quorum: the leader serves alone', async () => {
    const found = await contrast('serve-before-newleader-quorum', { servers: 3 }, async (lab) => {
      await lab.act(hold(3, 1, 'NEWLEADER'), hold(3, 2, 'NEWLEADER'));
      await lab.run(3000);
      return lab.events('serving', { actor: 3 }).length;
    });
    expect(found).toEqual({ kept: 0, broken: 1 });
  });

  it('lead-without-promises: the leader synchronizes without any promise', async () => {
    const found = await contrast('lead-without-promises', { servers: 3 }, async (lab) => {
      await lab.act(hold(1, 3, 'ACKEPOCH'), hold(2, 3, 'ACKEPOCH'));
      await lab.run(3000);
      return lab.server(3).zabState;
    });
    expect(found).toEqual({ kept: 'DISCOVERY', broken: 'SYNCHRONIZATION' });
  });

  it('leader-ignores-lost-quorum, learner-ignores-silence: who is alone serves on', async () => {
    const leader = await contrast('leader-ignores-lost-quorum', three, async (lab) => {
      await led(lab);
      await lab.kill(1, 2);
      await lab.run(20_000);
      return lab.server(3).state;
    });
    expect(leader).toEqual({ kept: 'LOOKING', broken: 'LEADING' });
    const learner = await contrast('learner-ignores-silence', three, async (lab) => {
      await led(lab);
      await lab.act({ do: 'partition', groups: [[1], [2, 3]] });
      await lab.run(20_000);
      return lab.server(1).state;
    });
    expect(learner).toEqual({ kept: 'LOOKING', broken: 'FOLLOWING' });
  });
});

describe('epochs', () => {
  it('unsaved-epoch, unsaved-promise: an epoch is told before it is saved as accepted', async () => {
    const saves = async (lab: Ensemble): Promise<number[]> => {
      await lab.settled();
      const saved = lab.events('epoch-saved').filter(({ file }) => file === 'acceptedEpoch');
      return saved.map(({ actor }) => Number(actor.slice(1))).sort();
    };
    expect(await contrast('unsaved-epoch', { servers: 3 }, saves)).toEqual({ kept: [1, 2, 3], broken: [1, 2] });
    expect(await contrast('unsaved-promise', { servers: 3 }, saves)).toEqual({ kept: [1, 2, 3], broken: [3] });
  });

  it('reuse-epoch, lowest-epoch: the new epoch is not above all that were accepted', async () => {
    const disks = { 1: { acceptedEpoch: 5 }, 2: { acceptedEpoch: 7 } };
    const epochs = async (lab: Ensemble): Promise<number[]> => {
      await lab.run(3000);
      return lab.events('epoch-proposed').map(({ epoch }) => epoch);
    };
    const reused = await contrast('reuse-epoch', { servers: 2, disks }, epochs);
    expect(reused).toEqual({ kept: [8], broken: [7] });
    expect((await contrast('lowest-epoch', { servers: 2, disks }, epochs)).broken).toEqual([6]);
  });

  it('forget-promise: a follower tells its currentEpoch for the epoch that it has promised', async () => {
    const disks = { 1: { acceptedEpoch: 5, currentEpoch: 0 } };
    const found = await contrast('forget-promise', { servers: 3, disks }, async (lab) => {
      await lab.settled();
      const epochs = sent(lab, 1, 3, 'FOLLOWERINFO').map(({ packet }) => packet.epoch);
      return [epochs, lab.epochs(3)];
    });
    expect(found.kept[0]).toEqual([5]);
    expect(found.broken[0]).toEqual([0]);
  });

  it('accept-old-leader: a follower that has promised epoch 5 follows the leader of epoch 1', async () => {
    const disks = { 1: { acceptedEpoch: 5, currentEpoch: 0 } };
    const found = await contrast('accept-old-leader', { servers: 3, disks, autoStart: false }, async (lab) => {
      await lab.restart(2, 3);
      await lab.settled(2, 3);
      await lab.restart(1);
      await lab.run(5000);
      return [lab.server(1).serving, lab.epochs(1)];
    });
    expect(found).toEqual({ kept: [false, '5/0'], broken: [true, '5/1'] });
  });

  it('zxid-of-old-epoch: the first zxid of a new leader follows the last one of the old', async () => {
    const alone = { servers: 1, clients: [alice(1)], zoo: { standaloneEnabled: false } };
    const found = await contrast('zxid-of-old-epoch', alone, async (lab) => {
      await lab.settled();
      await lab.until(() => lab.events('proposed').length > 0);
      return lab.events('proposed').map(({ zxid }) => epochOf(zxid))[0];
    });
    expect(found).toEqual({ kept: 1, broken: 0 });
  });

  it('counter-into-epoch: behind the last zxid of an epoch comes the first number of the next, and no election', async () => {
    const zoo = { 'testingonly.initialZxid': COUNTER_MAX - 2 };
    const found = await contrast('counter-into-epoch', { ...three, zoo }, async (lab) => {
      expect(await lab.settled()).toBe(3);
      await lab.connected('alice');
      for (const path of ['/a', '/b']) await lab.create('alice', path, false);
      await lab.run(3000);
      const elected = lab.events('elected').filter(({ state }) => state === 'LEADING').length;
      const [proposed, committed] = [lab.events('proposed'), lab.events('committed')];
      return [elected, ...[proposed, committed].map((each) => each.map(({ zxid }) => formatZxid(zxid)))];
    });
    const last = '0x1fffffffe';
    expect(found.kept).toEqual([2, [last], [last]]);
    // An ACK of (e, 0) is NEWLEADER's: nothing is ever committed again.
    expect(found.broken).toEqual([1, [last, '0x1ffffffff', '0x200000000'], [last, '0x1ffffffff']]);
  });
});

describe('synchronization', () => {
  const z = makeZxid;
  const txn = (zxid: Zxid): LoggedTxn => ({
    header: { clientId: NO_SESSION, cxid: 0, zxid, time: 0 },
    txn: { type: 'delete', path: '/x' },
  });
  /** What a leader with these transactions in memory sends to a learner, as it should and with the rule broken. */
  function plans(defect: Defect, log: readonly Zxid[], peer: Zxid): object {
    const committedLog = log.map(txn);
    const [min, max] = [log[0] ?? z(0, 0), log.at(-1) ?? z(0, 0)];
    const source: SyncSource = {
      lastProcessedZxid: max,
      committedLog,
      minCommittedLog: min,
      maxCommittedLog: max,
      txnLogSyncEnabled: false,
      proposalsFromTxnLog: () => ({ unusable: '' }),
    };
    const short = (rules?: Rules): string => {
      const { mode, zxid, txns } = planSync(source, peer, rules);
      return [mode, ...[zxid, ...txns.map(({ header }) => header.zxid)].map(formatZxid)].join(' ');
    };
    return { kept: short(), broken: short({ broken: (each) => each === defect }) };
  }

  it('skip-synchronization, trunc-too-far, trunc-across-epochs: what the leader sends', () => {
    const log = [z(1, 1), z(1, 2), z(1, 3)];
    expect(plans('skip-synchronization', log, z(1, 2))).toEqual({
      kept: 'DIFF 0x100000003 0x100000003',
      broken: 'DIFF 0x100000002',
    });
    expect(plans('trunc-too-far', log, z(1, 5))).toEqual({ kept: 'TRUNC 0x100000003', broken: 'TRUNC 0x100000001' });
    expect(plans('trunc-across-epochs', [z(1, 1), z(1, 2), z(3, 1)], z(2, 1))).toEqual({
      kept: 'SNAP 0x300000001',
      broken: 'TRUNC 0x100000002 0x300000001',
    });
  });

  it('skip-trunc: the learner keeps what it was told to cut', async () => {
    const [a, b] = [1, 2].map((n) => ({ zxid: formatZxid(z(1, n)), op: 'create', path: `/n${n}` }));
    const disks = { '*': { log: [a] }, 1: { log: [a, b] } };
    const found = await contrast('skip-trunc', { servers: 3, disks, autoStart: false }, async (lab) => {
      await lab.restart(2, 3);
      await lab.settled(2, 3);
      await lab.restart(1);
      await lab.settled();
      return [lab.syncs().at(-1), lab.events('log-truncated').length, lab.paths(1)];
    });
    const told = 's1 TRUNC 0x100000001';
    expect(found).toEqual({ kept: [told, 1, ['/n1']], broken: [told, 0, ['/n1', '/n2']] });
  });

  /** s1 is far behind when it joins, and what alice writes meanwhile waits for the ACK of s2. */
  const farBehind: EnsembleOptions = { ...three, zoo: { commitLogCount: 1, snapshotSizeFactor: -1 } };
  async function snapUnderLoad(lab: Ensemble): Promise<number> {
    await led(lab);
    await lab.kill(1);
    for (const path of ['/a', '/b', '/c']) await lab.create('alice', path);
    await lab.act(hold(2, 3, 'ACK'));
    await lab.create('alice', '/d', false);
    await lab.run(100);
    const from = lab.lab.trace.length;
    await lab.restart(1);
    return from;
  }

  it('snapshot-named-too-late: SNAP has the zxid of what is only proposed', async () => {
    const found = await contrast('snapshot-named-too-late', farBehind, async (lab) => {
      const from = await snapUnderLoad(lab);
      await lab.until(() => lab.events('sync-received', { actor: 1, from }).length > 0);
      return counters(lab.events('sync-received', { actor: 1, from }));
    });
    expect(found).toEqual({ kept: [4], broken: [5] });
  });

  it('unsynced-snapshot: the learner serves while its snapshot is not on disk', async () => {
    const found = await contrast('unsynced-snapshot', farBehind, async (lab) => {
      const from = await snapUnderLoad(lab);
      await lab.until(() => sent(lab, 1, 3, 'ACK', from).length > 0, 1);
      const synced = lab.events('fsync-done', { actor: 1, from }).filter(({ file }) => file.includes('snapshot'));
      return synced.length;
    });
    expect(found).toEqual({ kept: 1, broken: 0 });
  });

  it('keep-half-snapshot: the tree of a SNAP without NEWLEADER stays', async () => {
    const found = await contrast('keep-half-snapshot', farBehind, async (lab) => {
      await led(lab);
      await lab.kill(1);
      for (const path of ['/a', '/b', '/c']) await lab.create('alice', path);
      await lab.act(hold(3, 1, 'NEWLEADER'));
      const from = lab.lab.trace.length;
      await lab.restart(1);
      await lab.until(() => lab.events('sync-received', { actor: 1, from }).length > 0);
      await lab.kill(3);
      await lab.until(() => lab.events('stepped-down', { actor: 1, from }).length > 0);
      return lab.paths(1);
    });
    expect(found).toEqual({ kept: [], broken: ['/a', '/b', '/c'] });
  });

  it('epoch-before-log, ack-newleader-before-log: log, fsync, currentEpoch, ACK come in another order', async () => {
    const order = async (lab: Ensemble): Promise<string[]> => {
      const from = await rejoined(lab);
      await lab.until(() => lab.events('log-durable', { actor: 1, from }).length > 0);
      const steps: string[] = [];
      for (const event of lab.lab.trace.events(from)) {
        if (event.actor !== 's1') continue;
        if (event.kind === 'log-durable') steps.push('log');
        if (event.kind === 'epoch-saved' && event.file === 'currentEpoch') steps.push('currentEpoch');
        if (event.kind === 'send' && event.packet.type === 'ACK') steps.push('ACK');
      }
      return steps.slice(0, 3);
    };
    const epoch = await contrast('epoch-before-log', three, order);
    expect(epoch).toEqual({ kept: ['log', 'currentEpoch', 'ACK'], broken: ['currentEpoch', 'log', 'ACK'] });
    const { kept, broken } = await contrast('ack-newleader-before-log', three, order);
    expect([kept, broken.slice(0, 2)]).toEqual([epoch.kept, ['currentEpoch', 'ACK']]);
  });

  it('forget-pending-at-newleader: the COMMIT behind NEWLEADER finds nothing', async () => {
    const found = await contrast('forget-pending-at-newleader', three, async (lab) => {
      await led(lab);
      await lab.kill(1);
      await lab.act(hold(2, 3, 'ACK'));
      await lab.create('alice', '/a', false);
      await lab.run(100);
      const from = lab.lab.trace.length;
      await lab.restart(1);
      await lab.until(() => lab.events('newleader-acked', { actor: 3 }).length > 0 && lab.server(1).serving);
      await lab.act(release(2, 3, 'ACK'));
      await lab.run(200);
      return [counters(lab.events('commit-received', { actor: 1, from })), lab.paths(1)];
    });
    expect(found).toEqual({ kept: [[2], ['/a']], broken: [[2], []] });
  });

  it('hole-in-committed-log: what came by DIFF is not in memory for others', async () => {
    const found = await contrast('hole-in-committed-log', three, async (lab) => {
      await led(lab);
      await lab.kill(2);
      for (const path of ['/a', '/b']) await lab.create('alice', path);
      await lab.restart(2);
      await lab.settled();
      const from = lab.lab.trace.length;
      await lab.kill(3);
      await lab.settled(1, 2);
      const chosen = lab.events('sync-chosen', { actor: 2, from })[0];
      return counters([chosen].flatMap((e) => (e ? [{ zxid: e.maxCommittedLog }] : [])));
    });
    expect(found).toEqual({ kept: [3], broken: [1] });
  });

  it('uptodate-before-ack: UPTODATE goes to a learner that has not acknowledged NEWLEADER', async () => {
    const found = await contrast('uptodate-before-ack', { servers: 3 }, async (lab) => {
      await lab.act(hold(1, 3, 'ACK'));
      await lab.settled(2, 3);
      return sent(lab, 3, 1, 'UPTODATE').length;
    });
    expect(found).toEqual({ kept: 0, broken: 1 });
  });
});

describe('broadcast', () => {
  it('propose-to-observers, observer-acks: an observer is treated like a follower, or takes itself for one', async () => {
    const packets = async (lab: Ensemble): Promise<number[]> => {
      await led(lab);
      await lab.create('alice', '/a');
      await lab.run(200);
      const acks = sent(lab, 4, 3, 'ACK').filter(({ packet }) => counterOf(packet.zxid ?? makeZxid(0, 0)) > 0);
      return [sent(lab, 3, 4, 'PROPOSAL').length, acks.length];
    };
    const options = { ...three, observers: 1 };
    const proposed = await contrast('propose-to-observers', options, packets);
    expect(proposed.kept).toEqual([0, 0]);
    expect(proposed.broken).toEqual([2, 0]);
    expect((await contrast('observer-acks', options, packets)).broken).toEqual([0, 2]);
  });

  it('drop-proposal, propose-again: a proposal goes to each follower once', async () => {
    const proposals = async (lab: Ensemble): Promise<number[]> => {
      const from = await led(lab);
      await lab.act(hold(1, 3, 'ACK'), hold(2, 3, 'ACK'));
      for (const path of ['/a', '/b']) await lab.create('alice', path, false);
      await lab.run(1100);
      return counters(sent(lab, 3, 1, 'PROPOSAL', from).map(({ packet }) => ({ zxid: packet.zxid ?? makeZxid(0, 0) })));
    };
    const dropped = await contrast('drop-proposal', three, proposals);
    expect(dropped).toEqual({ kept: [2, 3], broken: [2] });
    expect((await contrast('propose-again', three, proposals)).broken).toEqual([2, 3, 2, 3]);
  });

  it('commit-newest-first: the leader commits the newest of what waits', async () => {
    const found = await contrast('commit-newest-first', three, async (lab) => {
      const from = await led(lab);
      await lab.act(hold(1, 3, 'ACK'), hold(2, 3, 'ACK'));
      for (const path of ['/a', '/b']) await lab.create('alice', path, false);
      await lab.run(200);
      await lab.act(release(1, 3, 'ACK'));
      await lab.run(100);
      return counters(lab.events('committed', { from }));
    });
    expect(found).toEqual({ kept: [2, 3], broken: [3] });
  });

  it('commit-out-of-order: a follower applies the newest of what waits', async () => {
    const found = await contrast('commit-out-of-order', three, async (lab) => {
      const from = await led(lab);
      await lab.act(hold(3, 1, 'COMMIT'));
      for (const path of ['/a', '/b']) await lab.create('alice', path, false);
      await lab.run(200);
      await lab.act(release(3, 1, 'COMMIT'));
      await lab.run(100);
      return counters(lab.events('applied', { actor: 1, from }));
    });
    expect(found).toEqual({ kept: [2, 3], broken: [3, 2] });
  });
});

describe('the end of a role', () => {
  it('no-fast-forward, log-thread-survives-role: a follower votes without the end of its log', async () => {
    const vote = async (lab: Ensemble): Promise<number[]> => {
      await led(lab);
      await lab.act({ do: 'disk', server: 1, fsync: [300, 300] }, hold(2, 3, 'ACK'));
      // The first is being written when the second comes; nothing is committed.
      await lab.create('alice', '/a', false);
      await lab.run(60);
      await lab.create('alice', '/b', false);
      await lab.run(60);
      const from = lab.lab.trace.length;
      await lab.kill(3);
      await lab.until(() => lab.events('election-started', { actor: 1, from }).length > 0);
      const [started] = lab.events('election-started', { actor: 1, from });
      return counters(started ? [started.vote] : []);
    };
    expect(await contrast('no-fast-forward', three, vote)).toEqual({ kept: [3], broken: [1] });
    expect(await contrast('log-thread-survives-role', three, vote)).toEqual({ kept: [3], broken: [2] });
  });
});

describe('storage', () => {
  it('skip-fsync: the log never reaches the disk by itself, and every write is answered', async () => {
    const found = await contrast('skip-fsync', three, async (lab) => {
      const from = await led(lab);
      expect(await lab.create('alice', '/a')).toBeNull();
      const synced = lab.events('fsync-done', { actor: 3, from }).filter(({ file }) => file.includes('log.'));
      return [synced.length, counters(lab.events('log-durable', { actor: 3, from }))];
    });
    expect(found).toEqual({ kept: [1, [2]], broken: [0, [2]] });
  });

  it('ignore-checksum: a server starts with a log that has changed', async () => {
    const log = [{ zxid: '0x100000001', op: 'create', path: '/n', data: 'aaaaaaaa' }];
    const options = { servers: 3, disks: { '*': { log } }, autoStart: false };
    const found = await contrast('ignore-checksum', options, async (lab) => {
      await lab.act({ do: 'corrupt', server: 1, file: 'version-2/log.100000001', offset: 85 });
      await lab.restart(1);
      await lab.run(100);
      return lab.server(1).exitReason !== null;
    });
    expect(found).toEqual({ kept: true, broken: false });
  });

  it('keep-connection: a learner that gives its leader up stays connected', async () => {
    const found = await contrast('keep-connection', three, async (lab) => {
      await led(lab);
      await lab.act({ do: 'cut', from: 's3', to: 's1', oneWay: true });
      const from = lab.lab.trace.length;
      await lab.until(() => lab.events('stepped-down', { actor: 1, from }).length > 0);
      return lab.events('disconnected', { actor: 1, from }).filter(({ port }) => port === 'quorum').length;
    });
    expect(found).toEqual({ kept: 1, broken: 0 });
  });
});
