/** How far each transaction has got, in the inspector's words. */
import { expect, test } from 'vitest';
import { makeZxid } from '../../../src/protocol/zxid.ts';
import type { ServerView } from '../../../src/trace/index.ts';
import { logRows } from '../../../src/ui/inspector/log-rows.ts';

const z = (counter: number) => makeZxid(1, counter);

test('committed, waiting for one quorum or for two, logged only, on the way to the disk', () => {
  const next = { version: z(2), members: [1, 2, 3], acks: [1, 2], need: 2 };
  const server = {
    log: [1, 2, 3, 4, 5].map((counter) => ({ zxid: z(counter), txn: 'setData', path: '/a' })),
    outstanding: new Map([
      [z(2), { acks: [1], need: 2, next, event: 7 }],
      [z(3), { acks: [1], need: 2, event: 8 }],
    ]),
    lastCommitted: z(1),
    lastDurable: z(4),
  } as unknown as ServerView;
  expect(logRows(server).map(({ words }) => words)).toEqual([
    'committed',
    'old 1/2, new 2/2',
    '1 of 2 acks',
    'logged only',
    'not on disk yet',
  ]);
});
