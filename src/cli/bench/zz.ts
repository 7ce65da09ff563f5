import { InlineHost } from '../../lab/hosts/inline.ts';
import { createProcess, Lab, parseScenario } from '../../lab/index.ts';
import { virtualTime } from '../../protocol/time.ts';
const START = 3000, ROUND = 250, rounds = 9, outstanding = 1000;
const write = { do: 'request', client: 'alice', op: 'set', path: '/bench', data: 'x'.repeat(100) };
const parsed: any = parseScenario({ format: 'zabscope/scenario@1', ensemble: { servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }] }, clients: [{ name: 'alice', sessionTimeout: 40_000 }],
  actions: [{ at: START, do: 'request', client: 'alice', op: 'create', path: '/bench' }, ...Array.from({ length: rounds }, (_, r) => Array.from({ length: outstanding }, () => ({ ...write, at: START + ROUND * (r + 1) }))).flat()] });
for (let k = 0; k < 3; k++) {
const lab = await Lab.open(parsed.scenario, () => new InlineHost(createProcess));
await lab.advance(virtualTime(START + ROUND - 1));
const b = process.cpuUsage(); const n0 = lab.trace.length;
await lab.advance(virtualTime(START + ROUND * (rounds + 2)));
const u = process.cpuUsage(b);
console.log('cpu s', (u.user + u.system) / 1e6, 'events', lab.trace.length - n0);
lab.dispose();
}
