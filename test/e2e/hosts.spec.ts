/** One scenario, one trace: what Web Workers make, at any speed of playback, is byte for byte what one thread of Node makes. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { InlineHost } from '../../src/lab/hosts/inline.ts';
import { createProcess, Lab } from '../../src/lab/index.ts';
import { virtualTime } from '../../src/protocol/time.ts';
import { toJsonl } from '../../src/trace/index.ts';
import { scenarioOf } from '../helpers/lab-page.ts';
import { expect, test } from '../helpers/page.ts';
import type {} from '../pages/host.ts';

const { ZABSCOPE_PAGES_PORT = '4274' } = process.env;
test.use({ baseURL: `http://127.0.0.1:${ZABSCOPE_PAGES_PORT}` });

function fromFile(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../scenarios/${name}.json`, import.meta.url), 'utf8'));
}

async function inNode(json: unknown): Promise<string> {
  const scenario = scenarioOf(json);
  const lab = await Lab.open(scenario, () => new InlineHost(createProcess));
  await lab.advance(virtualTime(scenario.until));
  expect(lab.failure).toBeNull();
  return toJsonl(lab.trace.events());
}

/** Where two traces part, for a message that can be read. */
function firstDifference(a: string, b: string): unknown {
  if (a === b) return null;
  const [left, right] = [a.split('\n'), b.split('\n')];
  const line = left.findIndex((text, i) => text !== right[i]);
  return { line, left: left[line], right: right[line] };
}

async function openHost(page: Page): Promise<void> {
  await page.goto('/host.html');
  await page.waitForFunction(() => 'hostTests' in globalThis);
}

for (const name of ['storm', 'leader-dies']) {
  test(`the trace of ${name} is the same in Web Workers and in Node, in strides of any length`, async ({ page }) => {
    const json = fromFile(name);
    const expected = await inNode(json);
    expect(expected.split('\n').length).toBeGreaterThan(1000);
    await openHost(page);
    for (const stride of [1e9, 333.3]) {
      const trace = await page.evaluate(([what, far]) => hostTests.run(what, far), [json, stride] as const);
      expect(firstDifference(trace, expected), `in strides of ${stride} ms`).toBeNull();
    }
  });

  test(`the trace of ${name} is the same with disks in folders, from which every restarted server reads its own`, async ({
    page,
  }) => {
    const json = fromFile(name);
    const expected = await inNode(json);
    await openHost(page);
    const trace = await page.evaluate((what) => hostTests.run(what, 333.3, 'folders'), json);
    expect(firstDifference(trace, expected)).toBeNull();
  });
}

test('the trace does not depend on the speed of playback', async ({ page }) => {
  const json = { ...(fromFile('leader-dies') as object), until: 8000 };
  const expected = await inNode(json);
  await openHost(page);
  for (const pace of [5000, 1700]) {
    const trace = await page.evaluate(([what, fast]) => hostTests.play(what, fast), [json, pace] as const);
    expect(firstDifference(trace, expected), `at ${pace} ms a second`).toBeNull();
  }
});
