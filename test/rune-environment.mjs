// Vitest's environment for tests of rune classes: plain Node, but modules resolve and compile as for the page, so that effects run.
/** @type {import('vitest/runtime').Environment} */
export default {
  name: 'runes',
  viteEnvironment: 'client',
  setup: () => ({ teardown: () => undefined }),
};
