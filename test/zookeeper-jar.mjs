// Where Apache ZooKeeper's jar is: at ZOOKEEPER_JAR, or in Debian's package `zookeeper`, which brings a JVM and is installed where that is possible.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDebianPackages } from './debian.mjs';

const DEBIAN_JAR = '/usr/share/java/zookeeper.jar';

/** @returns {string | null} a jar of ZooKeeper whose manifest names what else it needs */
function jar() {
  const { ZOOKEEPER_JAR } = process.env;
  if (ZOOKEEPER_JAR) return existsSync(ZOOKEEPER_JAR) ? ZOOKEEPER_JAR : null;
  if (!existsSync(DEBIAN_JAR)) installDebianPackages(['zookeeper']);
  return existsSync(DEBIAN_JAR) ? DEBIAN_JAR : null;
}

/**
 * The jar, if there is a JVM to run it.
 * @returns {{ jar: string } | { missing: string }}
 */
export function findZooKeeper() {
  // Debian's package brings a JVM, so it is looked for behind the jar.
  const found = jar();
  if (found === null) return { missing: 'ZooKeeper' };
  return spawnSync('java', ['-version'], { stdio: 'ignore' }).status === 0 ? { jar: found } : { missing: 'Java' };
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const found = findZooKeeper();
  if ('jar' in found) console.log(found.jar);
  else {
    console.error(`There is no ${found.missing} on this machine, and none could be installed.`);
    process.exitCode = 1;
  }
}
