import { describe, expect, test } from 'vitest';
import { InlineHost } from '../../../src/lab/hosts/inline.ts';
import { createProcess, Lab, parseScenario } from '../../../src/lab/index.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { describe as sentence, parseJsonl, toJsonl, why } from '../../../src/trace/index.ts';

/** Five servers in trouble: writes, kills, cuts, held packets, and all well again in the end. */
const TROUBLE = {
  format: 'zabscope/scenario@1',
  ensemble: { servers: [1, 2, 3, 4, 5].map((sid) => ({ sid })), tickTime: 1000 },
  clients: [{ name: 'A', server: 1, sessionTimeout: 10_000 }],
  actions: [
    { at: 3000, do: 'request', client: 'A', op: 'create', path: '/x', data: '1' },
    { at: 3500, do: 'hold', from: 's2', to: 's5', type: 'ACK', count: 2 },
    { at: 3600, do: 'request', client: 'A', op: 'set', path: '/x', data: '2' },
    { at: 3650, do: 'cut', from: 's5', to: 's3', oneWay: true },
    { at: 4000, do: 'kill', server: 5 },
    {
      at: 6000,
      do: 'partition',
      groups: [
        [1, 2],
        [3, 4],
      ],
    },
    { at: 8000, do: 'restart', server: 5 },
    { at: 11_000, do: 'heal-all' },
    { at: 11_010, do: 'kill', server: 2 },
    { at: 15_000, do: 'restart', server: 2 },
    { at: 22_000, do: 'request', client: 'A', op: 'set', path: '/x', data: '3' },
  ],
};

async function run(seed: number): Promise<Lab> {
  const parsed = parseScenario({ ...TROUBLE, seed });
  if (!parsed.ok) throw new Error(parsed.message);
  const lab = await Lab.open(parsed.scenario, () => new InlineHost(createProcess));
  await lab.advance(virtualTime(25_000));
  lab.dispose();
  return lab;
}

describe.each([1, 2, 3])('the fold of a real run, seed %i', (seed) => {
  test('has every packet until it lands, and none longer', async () => {
    const { trace } = await run(seed);
    const cursor = trace.cursor();
    const wrong: string[] = [];
    for (const event of trace.events()) {
      const { messages, t } = cursor.seekIndex(event.id);
      const known = event.kind !== 'receive' && event.kind !== 'resend' ? true : messages.has(event.message);
      if (!known) wrong.push(`${event.t} ${sentence(event)}: of no packet`);
      for (const { id, arrives, waits } of messages.values()) {
        if (arrives === null ? waits === null : arrives < t) wrong.push(`${t} ${sentence(trace.at(id))}: stuck`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('ends with one leader and equal trees, logs and commits', async () => {
    const { trace, head } = await run(seed);
    const servers = [...trace.stateAt(head).servers.values()];
    const [first] = servers;
    expect(first?.tree.get('/x')?.data).toBe('3');
    for (const server of servers) {
      expect(server.serving).toBe(true);
      expect([...server.tree].sort()).toEqual([...(first?.tree ?? [])].sort());
      expect(server.lastCommitted).toBe(server.lastLogged);
      expect(server.lastDurable).toBe(server.lastLogged);
    }
    expect(servers.filter(({ state }) => state === 'LEADING')).toHaveLength(1);
  });

  test('is told in sentences, walks back to a person or the start, and survives as text', async () => {
    const { trace } = await run(seed);
    for (const event of trace.events()) {
      expect(sentence(event)).not.toMatch(/undefined|\[object|NaN/);
      const root = why(trace, event.id).at(-1)?.event;
      expect(['lab-started', 'action']).toContain(root?.kind);
    }
    expect(parseJsonl(toJsonl(trace.events()))).toEqual({ ok: true, events: [...trace.events()] });
  });
});
