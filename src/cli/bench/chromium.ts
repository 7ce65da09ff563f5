/** A site of this repository, built anew and opened in a headless Chromium: where benchmarks of the browser run. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from '@playwright/test';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** `root` and `config` are relative to the repository. */
export interface Site {
  readonly root: string;
  readonly config: string;
}
export const PAGE: Site = { root: '.', config: 'vite.config.ts' };
/** Pages that are not part of the built site. */
const BENCH_PAGES: Site = { root: 'test/pages', config: 'test/pages/vite.config.ts' };

/** @param use gets the browser and the site's address, with a slash at its end */
export async function inChromium<T>(
  site: Site,
  use: (browser: Browser, address: string, folder: string) => Promise<T>,
): Promise<T> {
  const [{ build, preview }, { chromium }] = await Promise.all([import('vite'), import('@playwright/test')]);
  const folder = mkdtempSync(path.join(tmpdir(), 'zabscope-bench-'));
  const options = {
    root: path.join(ROOT, site.root),
    configFile: path.join(ROOT, site.config),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  } as const;
  try {
    await build(options);
    const server = await preview({ ...options, preview: { host: '127.0.0.1', port: 0 } });
    const browser = await chromium.launch({
      executablePath: findChromium(),
      chromiumSandbox: process.getuid?.() !== 0,
      args: ['--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update'],
    });
    try {
      return await use(browser, server.resolvedUrls?.local[0] ?? '', folder);
    } finally {
      await browser.close();
      await server.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Gives `use` the functions of test/pages/bench.ts: they run in the page, and take and return plain data. */
export function inBenchPage(
  use: (call: <T>(name: string, ...args: readonly unknown[]) => Promise<T>) => Promise<void>,
): Promise<void> {
  return inChromium(BENCH_PAGES, async (browser, address) => {
    const page = await browser.newPage();
    await page.goto(`${address}bench.html`);
    await page.waitForFunction('"bench" in globalThis');
    await use((name, ...args) => page.evaluate(`bench.${name}(...${JSON.stringify(args)})`));
  });
}

/** The one that the browser tests run in. @throws Error that says what to do, where there is none */
function findChromium(): string {
  const { status, stdout } = spawnSync(process.execPath, [path.join(ROOT, 'test/browser.mjs')], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('There is no Chromium to run the benchmark in.');
  return stdout.trim();
}
