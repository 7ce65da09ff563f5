import { describe, expect, it } from 'vitest';
import { planSync, type SyncSource } from '../../../src/engine/quorum/sync-plan.ts';
import { NO_SESSION } from '../../../src/protocol/ids.ts';
import type { LoggedTxn } from '../../../src/protocol/txns.ts';
import { makeZxid, type Zxid } from '../../../src/protocol/zxid.ts';

const z = (epoch: number, counter: number): Zxid => makeZxid(epoch, counter);
const txn = (zxid: Zxid): LoggedTxn => ({
  header: { clientId: NO_SESSION, cxid: 0, zxid, time: 0 },
  txn: { type: 'delete', path: '/x' },
});
const run = (epoch: number, from: number, to: number): LoggedTxn[] =>
  Array.from({ length: to - from + 1 }, (_, i) => txn(z(epoch, from + i)));

/** A leader with `log` in memory; `disk` is what its files still hold. */
function leader(
  log: LoggedTxn[],
  disk: LoggedTxn[] | string = 'no log that reaches so far back',
  last?: Zxid,
): SyncSource {
  const lastProcessedZxid = last ?? log.at(-1)?.header.zxid ?? z(0, 0);
  return {
    lastProcessedZxid,
    committedLog: log,
    minCommittedLog: log[0]?.header.zxid ?? lastProcessedZxid,
    maxCommittedLog: log.at(-1)?.header.zxid ?? lastProcessedZxid,
    txnLogSyncEnabled: true,
    proposalsFromTxnLog: () => (typeof disk === 'string' ? { unusable: disk } : { txns: disk }),
  };
}

/** What is sent, short: mode, zxid, and the zxids of the transactions behind it. */
const plan = (source: SyncSource, peer: Zxid): [string, Zxid, ...Zxid[]] => {
  const { mode, zxid, txns } = planSync(source, peer);
  return [mode, zxid, ...txns.map((entry) => entry.header.zxid)];
};

describe('planSync, leader with (5,1) to (5,9) in memory', () => {
  const source = leader(run(5, 1, 9));

  it('zab.sync-nothing-missing: a learner at the leader’s end gets an empty DIFF', () => {
    expect(plan(source, z(5, 9))).toEqual(['DIFF', z(5, 9)]);
  });
  it('zab.sync-diff: a learner inside committedLog gets what follows', () => {
    expect(plan(source, z(5, 7))).toEqual(['DIFF', z(5, 9), z(5, 8), z(5, 9)]);
  });
  it('zab.sync-trunc-ahead: a learner past the end is cut back to it', () => {
    expect(plan(source, z(5, 12))).toEqual(['TRUNC', z(5, 9)]);
  });
  it('zab.sync-snap: a learner before every usable log gets the tree', () => {
    expect(plan(source, z(4, 3))).toEqual(['SNAP', z(5, 9)]);
    expect(plan(source, z(0, 0))).toEqual(['SNAP', z(5, 9)]);
  });
  it('zab.sync-diff: a learner before committedLog gets DIFF from the log on disk if it reaches', () => {
    const deep = leader(run(5, 4, 9), run(5, 1, 9));
    expect(plan(deep, z(5, 2))).toEqual(['DIFF', z(5, 9), ...run(5, 3, 9).map((entry) => entry.header.zxid)]);
  });
  it('zab.sync-snap: with the log on disk switched off a learner before committedLog gets the tree', () => {
    const off = { ...leader(run(5, 4, 9), run(5, 1, 9)), txnLogSyncEnabled: false };
    expect(plan(off, z(5, 2))).toEqual(['SNAP', z(5, 9)]);
  });
  it('zab.sync-snap: a gap between the log on disk and committedLog means SNAP', () => {
    const gap = leader(run(5, 6, 9), run(5, 1, 3));
    expect(plan(gap, z(5, 2))).toEqual(['SNAP', z(5, 9)]);
  });
});

describe('planSync over epochs', () => {
  it('zab.sync-nothing-missing: a leader that has served nothing sends nothing to a peer at the old end', () => {
    expect(plan(leader(run(4, 1, 3), 'none', z(5, 0)), z(4, 3))).toEqual(['DIFF', z(4, 3)]);
  });
  it('zab.sync-diff: a peer at (e,0) has no transaction there and gets all that follows', () => {
    const source = leader([...run(4, 1, 2), ...run(5, 1, 2)]);
    expect(plan(source, z(5, 0))).toEqual(['DIFF', z(5, 2), z(5, 1), z(5, 2)]);
  });
  it('zab.sync-snap: a peer at (e,0) above everything is not cut', () => {
    expect(plan(leader(run(4, 1, 2)), z(5, 0))).toEqual(['SNAP', z(4, 2)]);
  });
  it('zab.sync-trunc: a transaction that the leader does not have is cut off before the rest follows', () => {
    const source = leader([...run(4, 1, 3), ...run(4, 5, 6)]);
    expect(plan(source, z(4, 4))).toEqual(['TRUNC', z(4, 3), z(4, 5), z(4, 6)]);
  });
  it('zab.sync-trunc-epoch: TRUNC does not cross an epoch, the tree is sent instead', () => {
    const source = leader([...run(4, 1, 3), ...run(5, 1, 2)]);
    expect(plan(source, z(4, 7))).toEqual(['SNAP', z(5, 2)]);
    const { notes, rule } = planSync(source, z(4, 7));
    expect(rule).toBe('zab.sync-trunc-epoch');
    expect(notes.map((note) => note.split(':')[0])).toEqual(['Using committedLog', 'Cannot send TRUNC', 'Unhandled']);
  });
});

describe('planSync on an empty committedLog', () => {
  it('zab.sync-snap: both ends are the last zxid, so only the same zxid gets a DIFF', () => {
    const source = leader([], 'none', z(1, 0));
    expect(plan(source, z(0, 0))).toEqual(['SNAP', z(1, 0)]);
    expect(plan(source, z(1, 0))).toEqual(['DIFF', z(1, 0)]);
    expect(plan(source, z(1, 4))).toEqual(['TRUNC', z(1, 0)]);
  });
});
