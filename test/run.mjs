// `npm run check` and `npm test`: every step in its order, on to the end even when one fails, then one line that counts the tests.
// What a step does is the npm script of its name.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Tally
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number }} VitestReport
 * @typedef {{ stats: { expected: number, unexpected: number, flaky: number, skipped: number } }} PlaywrightReport
 */

const checks = ['format:check', 'lint', 'types', 'unit', 'lessons'];
const all = [...checks, 'interop', 'e2e'];

/** How to count the tests of a step from the report that it leaves. @type {Record<string, { report: string, count: (report: any) => Tally }>} */
const counted = {
  unit: { report: 'test-results/unit.json', count: ofVitest },
  interop: { report: 'test-results/interop.json', count: ofVitest },
  e2e: {
    report: 'test-results/e2e.json',
    count: (/** @type {PlaywrightReport} */ { stats }) => ({
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky,
      skipped: stats.skipped,
    }),
  },
};

/**
 * @param {VitestReport} report
 * @returns {Tally}
 */
function ofVitest({ numPassedTests, numFailedTests, numPendingTests, numTodoTests }) {
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
}

/**
 * @param {string} step
 * @returns {Tally & { step: string, ok: boolean, seconds: number }}
 */
function run(step) {
  console.log(`\n── ${step}`);
  const { report, count } = counted[step] ?? {};
  if (report !== undefined) rmSync(report, { force: true });
  const begin = performance.now();
  // One string for the shell: on Windows npm is a batch file.
  const ok = spawnSync(`npm run --silent ${step}`, { stdio: 'inherit', shell: true }).status === 0;
  const seconds = (performance.now() - begin) / 1000;
  let tally = { passed: 0, failed: 0, skipped: 0 };
  if (report !== undefined && count !== undefined) {
    try {
      tally = count(JSON.parse(readFileSync(report, 'utf8')));
    } catch {
      // No report: the step ended before its first test, and counts as a failure below.
    }
  }
  // A step that fails without a failing test (a lint error, a build that breaks) still counts, so that the line never reads as a success.
  if (!ok && tally.failed === 0) tally = { ...tally, failed: 1 };
  return { step, ok, seconds, ...tally };
}

const results = (process.argv[2] === 'check' ? checks : all).map(run);

console.log('');
for (const { step, ok, seconds } of results) {
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${step.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s`);
}
const sum = (/** @type {keyof Tally} */ key) => results.reduce((total, result) => total + result[key], 0);
const skipped = sum('skipped');
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
