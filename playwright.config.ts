import { defineConfig } from '@playwright/test';

// Run through `npm run e2e`, which builds the page, finds a Chromium and free ports, and passes them on.
const { ZABSCOPE_CHROMIUM, ZABSCOPE_PORT = '4273', ZABSCOPE_PAGES_PORT = '4274', ZABSCOPE_DIST = 'dist' } = process.env;
const baseURL = `http://127.0.0.1:${ZABSCOPE_PORT}`;
const isRoot = process.getuid?.() === 0;

export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'test-results/e2e',
  reporter: [['line'], ['json', { outputFile: 'test-results/e2e.json' }]],
  forbidOnly: true,
  // Labs are deterministic: a test that passes on the second try is a bug, here or in the test.
  retries: 0,
  workers: 1,
  // Elections are waited for on the screen, on machines that are slow.
  timeout: 60_000,
  expect: { timeout: 20_000 },
  use: {
    browserName: 'chromium',
    baseURL,
    viewport: { width: 1440, height: 900 },
    // Pictures and copies of the page at every act would cost more than the acts.
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: false },
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(ZABSCOPE_CHROMIUM ? { executablePath: ZABSCOPE_CHROMIUM } : {}),
      // Chromium refuses to run its sandbox as root.
      chromiumSandbox: !isRoot,
      args: [
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: [
    {
      command: `vite preview --outDir ${ZABSCOPE_DIST} --port ${ZABSCOPE_PORT} --strictPort`,
      url: baseURL,
      reuseExistingServer: false,
    },
    // Pages of the tests' own, which are not part of the site.
    {
      command: `vite build test/pages -c test/pages/vite.config.ts && vite preview test/pages -c test/pages/vite.config.ts --port ${ZABSCOPE_PAGES_PORT} --strictPort`,
      url: `http://127.0.0.1:${ZABSCOPE_PAGES_PORT}/host.html`,
      reuseExistingServer: false,
    },
  ],
});
