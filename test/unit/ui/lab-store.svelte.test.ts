import { afterEach, describe, expect, test } from 'vitest';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { createProcess, Lab, parseScenario, type LabApi } from '../../../src/lab/index.ts';
import type { TraceEvent } from '../../../src/protocol/events.ts';
import { sid } from '../../../src/protocol/ids.ts';
import { virtualTime, type VirtualTime } from '../../../src/protocol/time.ts';
import { LabStore, type LabSource } from '../../../src/ui/state/lab.svelte.ts';
import { TraceHistory } from '../../../src/ui/state/trace-history.ts';

const THREE = {
  format: 'zabscope/scenario@1',
  seed: 7,
  ensemble: { servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }] },
  start: 2000,
};

const source: LabSource = {
  async open(json) {
    const parsed = parseScenario(json);
    if (!parsed.ok) return { ok: false, reason: parsed.message };
    return { ok: true, lab: await Lab.open(parsed.scenario, () => new InlineHost(createProcess)) };
  },
  read: (lab) => new TraceHistory(lab.trace),
};

let store: LabStore | null = null;
const told = {
  refused: [] as string[],
  passed: [] as TraceEvent[],
  acted: [] as string[],
  letGo: [] as string[],
  violated: [] as number[],
};

async function opened(from = source): Promise<LabStore> {
  Object.assign(told, { refused: [], passed: [], acted: [], letGo: [], violated: [] });
  store = new LabStore(from, {
    passed: (events) => told.passed.push(...events),
    violated: (violations) => told.violated.push(...violations.map(({ at }) => at)),
    refused: (reason) => told.refused.push(reason),
    acted: (words) => told.acted.push(words),
    letGo: (branch) => told.letGo.push(branch.title),
  });
  await store.open(THREE);
  return store;
}
afterEach(() => store?.dispose());

test('a lab opens at its start, with a leader', async () => {
  const lab = await opened();
  expect(lab.playhead).toBe(2000);
  expect(lab.isPast).toBe(false);
  expect([...lab.view.servers.values()].filter((server) => server.state === 'LEADING')).toHaveLength(1);
});

test('a refused scenario leaves the lab and says why', async () => {
  const lab = await opened();
  const { branch } = lab;
  expect(await lab.open({ format: 'nonsense' })).toBe(false);
  expect(told.refused).toHaveLength(1);
  expect(lab.branch).toBe(branch);
});

test('nothing runs past the playhead', async () => {
  const lab = await opened();
  await lab.runTo(virtualTime(2100));
  expect(lab.branch?.lab.head).toBe(2100);
});

test('going back shows the state of then, and the views are new objects', async () => {
  const lab = await opened();
  const now = lab.view;
  await lab.seek(0);
  expect(lab.isPast).toBe(true);
  expect(lab.view.servers.get(sid(3))?.state).toBe('LOOKING');
  await lab.seek(2000);
  expect(lab.view.servers.get(sid(3))).toEqual(now.servers.get(sid(3)));
  expect(lab.view.servers.get(sid(3))).not.toBe(now.servers.get(sid(3)));
});

test('stopping at an event of the past stops at its instant', async () => {
  const lab = await opened();
  await lab.seek(0);
  const found = await lab.runTo(virtualTime(2000), { stopAt: (event) => event.kind === 'elected' });
  expect(found?.kind).toBe('elected');
  expect(lab.playhead).toBe(found?.t);
});

test('stopping at an event of the present runs nothing beyond it, so acting there makes no branch', async () => {
  const lab = await opened();
  await lab.act({ do: 'kill', server: 3 });
  for (let i = 0; i < 20; i++) {
    const found = await lab.runTo(virtualTime(lab.playhead + 5000), { stopAt: (event) => event.kind === 'send' });
    expect(found?.kind).toBe('send');
    expect(lab.playhead).toBe(found?.t);
    expect(lab.head).toBe(found?.t);
  }
  await lab.act({ do: 'cut', from: 's1', to: 's2' });
  expect(lab.branches).toHaveLength(1);
});

test('what follows from an act at its own instant is told, the act itself is not told twice', async () => {
  const lab = await opened();
  await lab.act({ do: 'kill', server: 1 });
  await lab.act({ do: 'restart', server: 1 });
  const kinds = told.passed.filter(({ actor }) => actor === 's1').map(({ kind }) => kind);
  expect(kinds).toContain('server-state');
  expect(kinds).not.toContain('process-killed');
  expect(kinds).not.toContain('process-started');
});

describe('undo', () => {
  test('restarts what was killed, once', async () => {
    const lab = await opened();
    await lab.act({ do: 'kill', server: 1 });
    expect(lab.view.servers.get(sid(1))?.state).toBe('DOWN');
    expect(lab.nextUndo?.label).toBe('Restart s1');
    await lab.undo();
    expect(lab.view.servers.get(sid(1))?.state).not.toBe('DOWN');
    expect(lab.nextUndo).toBeNull();
  });

  test('takes back all acts of one gesture', async () => {
    const lab = await opened();
    await lab.actAll([
      { do: 'cut', from: 's1', to: 's2' },
      { do: 'cut', from: 's1', to: 's3' },
    ]);
    expect([...lab.view.links.values()].filter((link) => link.cut)).toHaveLength(4);
    await lab.undo();
    expect([...lab.view.links.values()].filter((link) => link.cut)).toHaveLength(0);
    expect(lab.nextUndo).toBeNull();
  });

  test('a refusal is told, and there is nothing to undo', async () => {
    const lab = await opened();
    expect(await lab.act({ do: 'restart', server: 1 })).toBe(false);
    expect(told.refused).toHaveLength(1);
    expect(lab.nextUndo).toBeNull();
  });
});

describe('acting in the past', () => {
  test('makes a branch, and the old one stays as it was', async () => {
    const lab = await opened();
    const first = lab.branch;
    await lab.seek(1000);
    await lab.act({ do: 'kill', server: 2 });
    expect(lab.branches).toHaveLength(2);
    expect(lab.branch).not.toBe(first);
    expect(lab.branch?.from).toBe(1000);
    expect(lab.playhead).toBeCloseTo(1000.001);
    expect(lab.view.servers.get(sid(2))?.state).toBe('DOWN');
    await lab.switchTo(first?.id ?? -1);
    await lab.seek(2000);
    expect(lab.view.servers.get(sid(2))?.state).not.toBe('DOWN');
  });

  test('lets the oldest branch go but the first, and says so', async () => {
    const lab = await opened();
    const [first] = lab.branches;
    for (const server of [1, 2, 1, 2]) {
      await lab.seek(1000);
      await lab.act({ do: 'pause', server });
      await lab.seek(1001);
      await lab.switchTo(first?.id ?? -1);
    }
    expect(lab.branches).toHaveLength(4);
    expect(lab.branches[0]).toBe(first);
    expect(told.letGo).toEqual(['paused s1']);
  });

  test('what was done later cannot be undone there', async () => {
    const lab = await opened();
    await lab.act({ do: 'pause', server: 1 });
    await lab.seek(1000);
    expect(lab.nextUndo).toBeNull();
    await lab.act({ do: 'kill', server: 2 });
    expect(lab.nextUndo?.label).toBe('Restart s2');
  });
});

/** Labs in which a checker finds something wrong at these instants. */
function wrongAt(...instants: readonly number[]): LabSource {
  const wrong = (lab: LabApi): LabApi => {
    const violations = instants.map((at) => ({ property: 'Leadership1', at, event: 0, proof: [0], says: 'Two lead.' }));
    return new Proxy(lab, {
      get(target, key) {
        if (key === 'violations') return violations.filter(({ at }) => at <= target.head);
        if (key === 'branch') return async (at: VirtualTime) => wrong(await target.branch(at));
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  };
  return {
    ...source,
    async open(json) {
      const result = await source.open(json);
      return result.ok ? { ok: true, lab: wrong(result.lab) } : result;
    },
  };
}

test('time stops at the very instant of a violation, once', async () => {
  const lab = await opened(wrongAt(2100.5, 2100.5, 2300));
  await lab.runTo(virtualTime(2200));
  expect(lab.playhead).toBe(2100.5);
  expect(told.violated).toEqual([2100.5, 2100.5]);
  expect(lab.violations).toHaveLength(2);
  await lab.runTo(virtualTime(2250));
  expect(lab.playhead).toBe(2250);
  await lab.seek(2000);
  await lab.runTo(virtualTime(2200));
  expect(lab.playhead).toBe(2200);
  await lab.runTo(virtualTime(2400));
  expect(lab.playhead).toBe(2300);
  expect(told.violated).toEqual([2100.5, 2100.5, 2300]);
});

test('a step that ends before a violation leaves it to the next one', async () => {
  const lab = await opened(wrongAt(2100));
  await lab.runTo(virtualTime(2090));
  // Both are run at once, but the playhead comes to one after the other.
  await lab.branch?.lab.advance(virtualTime(2110));
  expect(told.violated).toEqual([]);
  await lab.runTo(virtualTime(2200));
  expect(lab.playhead).toBe(2100);
});

test('a way to where the person was before goes past violations without a word', async () => {
  const lab = await opened(wrongAt(2100));
  await lab.runTo(virtualTime(2200), { nonstop: true });
  expect(lab.playhead).toBe(2200);
  expect(told.violated).toEqual([]);
  expect(lab.violations).toHaveLength(1);
});

test('a lab that opens behind a violation tells of it', async () => {
  await opened(wrongAt(1500));
  expect(told.violated).toEqual([1500]);
});

test('a branch from before a violation has a check of its own; one from behind it is not told again', async () => {
  const lab = await opened(wrongAt(2100));
  await lab.runTo(virtualTime(2200));
  await lab.runTo(virtualTime(2200));
  await lab.seek(2150);
  await lab.act({ do: 'kill', server: 1 });
  expect(lab.branches).toHaveLength(2);
  expect(told.violated).toEqual([2100]);
  await lab.seek(2050);
  await lab.act({ do: 'kill', server: 2 });
  expect(lab.violations).toEqual([]);
  await lab.runTo(virtualTime(2200));
  expect(lab.playhead).toBe(2100);
  expect(told.violated).toEqual([2100, 2100]);
});
