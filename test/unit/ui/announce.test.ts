import { expect, test } from 'vitest';
import type { TraceEvent } from '../../../src/protocol/events.ts';
import { Narrator } from '../../../src/ui/state/announce.ts';

const event = (body: object) => ({ id: 0, t: 0, causes: [], actor: 'alice', ...body }) as unknown as TraceEvent;
const state = (to: string, why: string) => event({ kind: 'client-state', state: to, server: null, why });

test('a client that goes from server to server is told of once', () => {
  const narrator = new Narrator();
  expect(narrator.sentence(state('CONNECTING', 'waits 46 ms before it tries s3'))).toMatch(/^Alice is CONNECTING/);
  expect(narrator.sentence(state('CONNECTING', 'connects to s3'))).toBeNull();
  expect(narrator.sentence(state('CONNECTED', 's3 answered'))).toMatch(/^Alice is CONNECTED/);
  expect(narrator.sentence(state('CONNECTING', 'the connection to s3 is closed'))).not.toBeNull();
});

test('messages and disks are too small to be read out', () => {
  const narrator = new Narrator();
  expect(narrator.sentence(event({ kind: 'fsync-done', file: 'log.1' }))).toBeNull();
  expect(narrator.sentence(event({ kind: 'receive', message: 0, from: 's1', type: 'ACK' }))).toBeNull();
});
