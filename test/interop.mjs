// `npm run interop`: tests against a real Apache ZooKeeper. They need a JVM and ZooKeeper's jar (Debian's package `zookeeper`,
// which is installed where that is possible; or ZOOKEEPER_JAR). Without them the tests are skipped, and this says so.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { findZooKeeper } from './zookeeper-jar.mjs';

const found = findZooKeeper();
if ('missing' in found) {
  console.log(
    `The tests against Apache ZooKeeper are skipped: there is no ${found.missing} on this machine, and none could be installed.`,
  );
}
const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const args = ['run', '--project', 'interop', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [vitest, ...args], {
  stdio: 'inherit',
  env: {
    ...process.env,
    ZABSCOPE_ZOOKEEPER_JAR: 'jar' in found ? found.jar : '',
    ZABSCOPE_REPORT: 'test-results/interop.json',
  },
});
process.exit(status ?? 1);
