import { describe, expect, test } from 'vitest';
import { Checks, brokenProperties, type Property } from '../../../../src/check/index.ts';
import { clientGuarantees } from '../../../../src/check/client/index.ts';
import { InlineHost } from '../../../../src/lab/hosts/inline.ts';
import { createProcess, Lab, parseScenario } from '../../../../src/lab/index.ts';
import type { Defect } from '../../../../src/protocol/defects.ts';
import { virtualTime } from '../../../../src/protocol/time.ts';
import { clientScenario } from '../../../helpers/client-chaos.ts';

interface Outcome {
  readonly broken: readonly Property[];
  /** What it says first. */
  readonly says: string | undefined;
  /** How often each kind of event came. */
  readonly counts: ReadonlyMap<string, number>;
}

async function outcomeOf(scenario: object, defect?: Defect): Promise<Outcome> {
  const parsed = parseScenario(defect ? { ...scenario, defects: [defect] } : scenario);
  if (!parsed.ok) throw new Error(parsed.message);
  const lab = await Lab.open(parsed.scenario, () => new InlineHost(createProcess), { checks: false });
  await lab.advance(virtualTime(parsed.scenario.until));
  expect(lab.failure).toBeNull();
  const checks = new Checks(lab.trace.setup, [clientGuarantees]);
  checks.follow(lab.trace);
  const counts = new Map<string, number>();
  for (const { kind } of lab.trace.events()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  lab.dispose();
  return { broken: brokenProperties(checks.violations), says: checks.violations[0]?.says, counts };
}

describe('what is promised to clients holds', () => {
  test.each([2, 9, 10, 14, 74, 97])('in random runs of clients, seed %i', async (seed) => {
    const { says, counts } = await outcomeOf(clientScenario(seed));
    expect(says).toBeUndefined();
    // Something was there to be looked at.
    for (const kind of ['returned', 'watch-fired', 'session-attached']) expect(counts.get(kind)).toBeGreaterThan(10);
  });
});

describe('a broken rule breaks it', () => {
  const BREAKS: readonly (readonly [Defect, Property, number])[] = [
    ['expire-early', 'SessionExpiry', 0],
    ['resend-on-reconnect', 'ExactlyOnce', 0],
    ['reply-before-commit', 'ExactlyOnce', 0],
    ['half-multi', 'ExactlyOnce', 0],
    ['reads-overtake-writes', 'SequentialConsistency', 0],
    ['local-sync', 'SyncPromise', 2],
    ['forget-watches', 'WatchCompleteness', 0],
    ['watch-fires-twice', 'WatchCompleteness', 0],
    ['lose-watch', 'WatchCompleteness', 0],
    ['watch-fires-late', 'WatchOrder', 0],
    ['watch-ignores-acl', 'WatchPermission', 0],
    ['keep-ephemeral', 'EphemeralsEnd', 0],
    ['ephemeral-gone-early', 'EphemeralsEnd', 0],
    ['sequence-by-count', 'UniqueSequence', 5],
    ['leader-ignores-lost-quorum', 'Timeliness', 1],
    ['learner-ignores-silence', 'Timeliness', 12],
  ];
  test.each(BREAKS)('%s: %s', async (defect, property, seed) => {
    expect((await outcomeOf(clientScenario(seed), defect)).broken[0]).toBe(property);
  });
});
