// Finds the Chromium that the browser tests run in, and installs one where none is found.
// `node test/browser.mjs` prints its path; `npm run e2e` asks through `findChromium`.
//
// Order: CHROMIUM_PATH, Playwright's own, a system one; then Debian's package (where the system is Debian and we may install), then
// Playwright's download. The package goes first there because it brings the libraries that the browser needs.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { installDebianPackages, minute, run } from './debian.mjs';

const manual = `No Chromium was found, and none could be installed. The browser tests need one. Install Chromium or Google Chrome
(Debian: apt-get install chromium; macOS: brew install --cask chromium), or run "npx playwright install --with-deps chromium" where the
network allows that, or set CHROMIUM_PATH to the program file of a Chromium that you have. Then run the tests again.`;

/**
 * @param {string} file
 * @returns {boolean} whether it is a program that runs: some systems have a stub of that name which only says how to install it
 */
function runs(file) {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return false;
  }
  // On Windows `--version` opens a window instead of answering.
  if (process.platform === 'win32') return true;
  return spawnSync(file, ['--version'], { timeout: minute / 2, stdio: 'ignore' }).status === 0;
}

/** @returns {string[]} where a Chromium or a Chrome of the system would be */
function systemPlaces() {
  const { PATH = '', PROGRAMFILES, LOCALAPPDATA, HOME = '' } = process.env;
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
  const folders = PATH.split(path.delimiter).filter((folder) => folder !== '');
  if (process.platform === 'win32') {
    return [PROGRAMFILES, process.env['PROGRAMFILES(X86)'], LOCALAPPDATA].flatMap((folder) =>
      folder === undefined
        ? []
        : [`${folder}\\Google\\Chrome\\Application\\chrome.exe`, `${folder}\\Chromium\\Application\\chrome.exe`],
    );
  }
  const onPath = folders.flatMap((folder) => names.map((name) => path.join(folder, name)));
  if (process.platform !== 'darwin') return onPath;
  const apps = ['Google Chrome', 'Chromium'].map((name) => `Applications/${name}.app/Contents/MacOS/${name}`);
  return [...apps.map((app) => `/${app}`), ...apps.map((app) => path.join(HOME, app)), ...onPath];
}

/** @returns {string | undefined} */
function present() {
  return [chromium.executablePath(), ...systemPlaces()].find(runs);
}

function installFromDebian() {
  installDebianPackages(['chromium', 'fonts-dejavu-core']);
}

function downloadWithPlaywright() {
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli');
  run(process.execPath, [cli, 'install', 'chromium'], 5 * minute);
}

/**
 * @returns {string} the program file of a Chromium
 * @throws {Error} that says what to do, where there is none and none could be installed
 */
export function findChromium() {
  const { CHROMIUM_PATH } = process.env;
  if (CHROMIUM_PATH) {
    if (runs(CHROMIUM_PATH)) return CHROMIUM_PATH;
    throw new Error(`CHROMIUM_PATH is set to ${CHROMIUM_PATH}, which is not a program that runs. Mend it or unset it.`);
  }
  for (const install of [undefined, installFromDebian, downloadWithPlaywright]) {
    install?.();
    const found = present();
    if (found !== undefined) return found;
  }
  throw new Error(manual);
}

/**
 * For scripts: the path, or the reason on standard error and the end of the process.
 * @returns {string}
 */
export function chromiumOrExit() {
  try {
    return findChromium();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  console.log(chromiumOrExit());
}
