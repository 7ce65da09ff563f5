import { defineConfig } from '@playwright/test';

// Run through `npm run e2e`, which builds the page, finds a Chromium and a free port, and passes both on.
const { ZABSCOPE_CHROMIUM, ZABSCOPE_PORT = '4273' } = process.env;
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
  use: {
    browserName: 'chromium',
    baseURL,
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
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
  webServer: {
    command: `vite preview --port ${ZABSCOPE_PORT} --strictPort`,
    url: baseURL,
    reuseExistingServer: false,
  },
});
