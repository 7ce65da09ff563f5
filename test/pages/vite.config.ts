// Pages that only tests and benchmarks open: built apart, so that nothing of them is in the site.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

export default defineConfig({
  root: here('.'),
  base: './',
  logLevel: 'warn',
  plugins: [svelte({ configFile: here('../../svelte.config.js') })],
  worker: { format: 'es' },
  preview: { host: '127.0.0.1' },
  build: {
    target: 'es2023',
    outDir: here('../../test-results/pages'),
    emptyOutDir: true,
    rollupOptions: { input: [here('host.html'), here('bench.html')] },
  },
});
