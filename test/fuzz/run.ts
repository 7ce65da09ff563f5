/** `npm run fuzz -- <seconds> [<name>]`: every decoder in turn, with a new seed each time, until the time is up or one fails. */
import fc from 'fast-check';
import { judge, TARGETS } from './targets.ts';

const [given = '60', name] = process.argv.slice(2);
const seconds = Number(given);
if (!(seconds > 0)) {
  console.error(`expected a number of seconds, got ${given}`);
  process.exit(2);
}
const targets = TARGETS.filter((target) => name === undefined || target.name === name);
if (targets.length === 0) {
  console.error(`there is no decoder ${name}; there are: ${TARGETS.map((target) => target.name).join(', ')}`);
  process.exit(2);
}

const RUNS = 200;
const end = performance.now() + seconds * 1000;
let rounds = 0;
for (let seed = Date.now() % 1_000_000_000; performance.now() < end; seed++, rounds++) {
  for (const target of targets) {
    const result = fc.check(
      fc.property(target.inputs, (input) => judge(target, input)),
      { seed, numRuns: RUNS },
    );
    if (!result.failed) continue;
    console.error(`${target.name}: seed ${seed}, path ${result.counterexamplePath}`);
    console.error(fc.defaultReportMessage(result));
    process.exit(1);
  }
}
const memory = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(`${rounds * RUNS} inputs for each of ${targets.length} decoders, ${memory} MiB at most`);
