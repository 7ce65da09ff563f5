/** The lab that the page opens with. */
export const DEFAULT_LAB = {
  format: 'zabscope/scenario@1',
  title: 'Sandbox',
  seed: 42,
  ensemble: { servers: [{ sid: 1 }, { sid: 2 }, { sid: 3 }, { sid: 4 }, { sid: 5 }], '4lw.commands.whitelist': '*' },
  clients: [
    { name: 'alice', server: 1 },
    { name: 'bob', server: 2 },
  ],
  start: 3000,
} as const;
