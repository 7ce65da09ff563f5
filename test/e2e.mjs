// `npm run e2e -- ARGUMENTS`: the browser tests on the built page. Arguments go to Playwright (a file, `-g TITLE`, `--headed`).
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { chromiumOrExit } from './browser.mjs';

/**
 * @param {number} port the one to try first
 * @returns {Promise<number>} that port, or a free one where it is taken
 */
function freePort(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (port === 0 ? reject(error) : resolve(freePort(0))));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

const ZABSCOPE_CHROMIUM = chromiumOrExit();
const ZABSCOPE_PORT = String(await freePort(4273));
const ZABSCOPE_PAGES_PORT = String(await freePort(4274));
const cli = createRequire(import.meta.url).resolve('@playwright/test/cli');
const { status } = spawnSync(process.execPath, [cli, 'test', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, ZABSCOPE_CHROMIUM, ZABSCOPE_PORT, ZABSCOPE_PAGES_PORT },
});
process.exit(status ?? 1);
