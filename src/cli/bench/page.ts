/** How soon the built page shows a leader, and how much JavaScript it loads until then. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from '@playwright/test';
import { inChromium, PAGE } from './chromium.ts';
import type { Benchmark } from './benchmark.ts';
import { median } from './measure.ts';

export interface PageFigures {
  /** Wall ms since the navigation began; medians of {@link RUNS} visits with an empty cache. */
  readonly firstPaint: number;
  readonly firstLeader: number;
  /** ms from the one to the other. */
  readonly paintToLeader: number;
  /** Bytes, gzipped, of everything that the page asks for until the first leader is drawn. */
  readonly initialScripts: number;
  /** Bytes, gzipped, of what the actors' workers run: one file for all. */
  readonly workerScripts: number;
}

const RUNS = 5;

/** Runs in the page, from its first moment on: when is a frame drawn that has a leader in it? */
const WATCH = `
globalThis.firstLeader = new Promise((drawn) => {
  new MutationObserver((_, observer) => {
    if (document.querySelector('[data-server][data-state="LEADING"]') === null) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => drawn(performance.now())));
  }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] });
});
`;

interface Visit {
  readonly firstPaint: number;
  readonly firstLeader: number;
  readonly scripts: readonly string[];
  readonly workers: readonly string[];
}

export const page: Benchmark = {
  name: 'page',
  says: 'first paint, first leader and gzipped JavaScript of the built page',
  async run() {
    const figures = await pageFigures();
    const { firstPaint, firstLeader, paintToLeader, initialScripts, workerScripts } = figures;
    return {
      figures,
      lines: [
        `first paint after ${firstPaint} ms, first leader after ${firstLeader} ms: ${paintToLeader} ms between them`,
        `initial JavaScript ${kilobytes(initialScripts)} gzipped, workers ${kilobytes(workerScripts)}`,
      ],
    };
  },
};

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function pageFigures(): Promise<PageFigures> {
  return inChromium(PAGE, async (browser, address, folder) => {
    const visits: Visit[] = [];
    for (let i = 0; i < RUNS; i++) visits.push(await visit(browser, address));
    const middle = (of: (visit: Visit) => number): number => Math.round(median(visits.map(of)));
    const bytes = (urls: readonly string[]): number =>
      [...new Set(urls)]
        .map((url) => gzipSync(readFileSync(path.join(folder, url.slice(address.length)))).length)
        .reduce((sum, each) => sum + each, 0);
    return {
      firstPaint: middle(({ firstPaint }) => firstPaint),
      firstLeader: middle(({ firstLeader }) => firstLeader),
      paintToLeader: middle(({ firstPaint, firstLeader }) => firstLeader - firstPaint),
      initialScripts: bytes(visits.flatMap(({ scripts }) => scripts)),
      workerScripts: bytes(visits.flatMap(({ workers }) => workers)),
    };
  });
}

async function visit(browser: Browser, address: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(WATCH);
    await page.goto(address, { waitUntil: 'networkidle' });
    const firstLeader = await page.evaluate<number>('firstLeader');
    const firstPaint = await page.evaluate<number>(
      `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN`,
    );
    const asked = await page.evaluate<string[]>(
      `performance.getEntriesByType('resource').filter(({ startTime }) => startTime <= ${firstLeader}).map(({ name }) => name)`,
    );
    const workers = page.workers().map((worker) => worker.url());
    const scripts = asked.filter((url) => url.endsWith('.js') && !workers.includes(url));
    return { firstPaint, firstLeader, scripts, workers };
  } finally {
    await context.close();
  }
}
