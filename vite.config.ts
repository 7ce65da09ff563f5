import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

// The page loads nothing from anywhere else and runs no inline script. `frame-ancestors` has no effect in a meta element.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Puts the policy into the built page. The development server is left without: it injects scripts and styles of its own. */
function policy(): Plugin {
  return {
    name: 'zabscope:content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy },
        injectTo: 'head-prepend',
      },
    ],
  };
}

export default defineConfig({
  // Relative, so that the built site works in any folder of any static server.
  base: './',
  plugins: [svelte(), policy()],
  // A taken port falls back to the next free one; the address that is printed is the true one.
  server: { host: '127.0.0.1', port: 5173, strictPort: false },
  preview: { host: '127.0.0.1', port: 4173, strictPort: false },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    sourcemap: false,
    rolldownOptions: {
      // Below the page modules only define: what is asked for through an index.ts then comes alone, not with all that stands there.
      treeshake: {
        moduleSideEffects: [
          { test: /\/src\/(protocol|process|engine|client|trace|check|lab|lesson)\//, sideEffects: false },
        ],
      },
    },
  },
  test: {
    reporters: ['default', ['json', { outputFile: process.env['ZABSCOPE_REPORT'] ?? 'test-results/unit.json' }]],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['test/unit/**/*.test.ts', 'src/**/*.test.ts'],
          setupFiles: ['test/helpers/fixed-seed.ts'],
          // Properties run hundreds of cases; a busy machine takes its time.
          testTimeout: 60_000,
          exclude: ['**/*.svelte.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'interop',
          environment: 'node',
          include: ['test/interop/**/*.test.ts'],
          // JVMs start slowly on a busy machine.
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        resolve: { conditions: ['browser'] },
        test: { name: 'runes', environment: './test/rune-environment.mjs', include: ['**/*.svelte.test.ts'] },
      },
    ],
  },
});
