// `npm run interop`: tests against a real Apache ZooKeeper. They need a JVM and ZooKeeper's jar (Debian's package `zookeeper`,
// which is installed where that is possible; or ZOOKEEPER_JAR). Without them the tests are skipped, and this says so.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { installDebianPackages } from './debian.mjs';

const DEBIAN_JAR = '/usr/share/java/zookeeper.jar';

/** @returns {string | null} a jar of ZooKeeper whose manifest names what else it needs */
function jar() {
  const { ZOOKEEPER_JAR } = process.env;
  if (ZOOKEEPER_JAR) return existsSync(ZOOKEEPER_JAR) ? ZOOKEEPER_JAR : null;
  if (!existsSync(DEBIAN_JAR)) installDebianPackages(['zookeeper']);
  return existsSync(DEBIAN_JAR) ? DEBIAN_JAR : null;
}

const java = () => spawnSync('java', ['-version'], { stdio: 'ignore' }).status === 0;
// Debian's package brings a JVM, so it is looked for behind the jar.
const found = jar();
const ready = found !== null && java();
if (!ready) {
  console.log(
    `The tests against Apache ZooKeeper are skipped: there is no ${found === null ? 'ZooKeeper' : 'Java'} on this machine, and none could be installed.`,
  );
}
const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const args = ['run', '--project', 'interop', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [vitest, ...args], {
  stdio: 'inherit',
  env: {
    ...process.env,
    ZABSCOPE_ZOOKEEPER_JAR: ready ? found : '',
    ZABSCOPE_REPORT: 'test-results/interop.json',
  },
});
process.exit(status ?? 1);
