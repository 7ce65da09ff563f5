// Installs packages of Debian, where the system is Debian and we may. Shared by what tests need beside Node.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export const minute = 60_000;

/**
 * @param {string} program
 * @param {string[]} args
 * @param {number} timeout in milliseconds
 * @returns {boolean} whether it succeeded
 */
export function run(program, args, timeout) {
  console.error(`$ ${[program, ...args].join(' ')}`);
  // The output goes to our standard error: standard output is for the answers of these scripts.
  return spawnSync(program, args, { timeout, stdio: ['ignore', 2, 2] }).status === 0;
}

/** @returns {string[] | undefined} what to put before a command that installs packages; undefined where we may not */
function privilege() {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  // Ubuntu calls itself like Debian, but some of its packages are stubs for snap.
  if (!/^ID(_LIKE)?=.*\bdebian\b/m.test(release) || /^ID="?ubuntu"?$/m.test(release)) return undefined;
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

/**
 * @param {string[]} packages
 * @returns {boolean} whether they are installed now
 */
export function installDebianPackages(packages) {
  const before = privilege();
  if (before === undefined) return false;
  const [program = '', ...rest] = [...before, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
  return (
    run(program, [...rest, 'update'], 5 * minute) &&
    run(program, [...rest, 'install', '-y', '--no-install-recommends', ...packages], 10 * minute)
  );
}
