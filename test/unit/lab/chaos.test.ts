import { describe, expect, test } from 'vitest';
import { createProcess, Lab, parseScenario } from '../../../src/lab/index.ts';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { summarize } from '../../../src/trace/index.ts';
import { chaosScenario } from '../../helpers/chaos.ts';

const SEEDS = 40;

/** Runs one seed to its end; what happened, and how it ended. */
async function run(seed: number) {
  const parsed = parseScenario(chaosScenario(seed));
  if (!parsed.ok) throw new Error(parsed.message);
  const lab = await Lab.open(parsed.scenario, () => new InlineHost(createProcess));
  const end = virtualTime(parsed.scenario.until);
  await lab.advance(end);
  const { trace, failure } = lab;
  const { leader, servers, trees } = summarize(trace.stateAt(end), trace, { trees: true });
  const kinds = new Map<string, number>();
  for (const event of trace.events()) {
    const kind = event.kind === 'sync-chosen' ? event.mode : event.kind;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  lab.dispose();
  return {
    failure,
    exits: kinds.get('process-exited') ?? 0,
    leader,
    settled: Object.values(servers).every(({ zabState }) => zabState === 'BROADCAST'),
    trees: new Set(Object.values(trees ?? {}).map((tree) => JSON.stringify(tree))).size,
    kinds,
  };
}

describe('random faults, then everything healed', () => {
  const totals = new Map<string, number>();

  test.each(Array.from({ length: SEEDS }, (_, i) => i + 1))(
    'seed %i: one leader, all serve, all trees equal',
    async (seed) => {
      const { kinds, leader, ...ended } = await run(seed);
      for (const [kind, count] of kinds) totals.set(kind, (totals.get(kind) ?? 0) + count);
      expect(ended).toEqual({ failure: null, exits: 0, settled: true, trees: 1 });
      expect(leader).not.toBeNull();
    },
  );

  test('and a lot has happened', () => {
    for (const kind of ['elected', 'committed', 'DIFF', 'SNAP', 'TRUNC', 'stepped-down', 'session-expired']) {
      expect(totals.get(kind) ?? 0, kind).toBeGreaterThan(kind === 'TRUNC' ? 0 : 10);
    }
  });
});
