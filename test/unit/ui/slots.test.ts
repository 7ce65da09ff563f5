/** Servers keep their places on the ring while others come and go. */
import { expect, test } from 'vitest';
import { slotsOf } from '../../../src/ui/stage/slots.ts';

const ensemble = { servers: [3, 1, 2].map((sid) => ({ sid, role: 'participant' })) } as never;
const add = (sid: number, at = 0) => ({ at, do: 'add-server', sid }) as const;
const remove = (sid: number, at = 0) => ({ at, do: 'remove-server', sid }) as const;

test('in the order of their sids', () => {
  expect(slotsOf({ ensemble, actions: [] })).toEqual([[1], [2], [3]]);
});

test('a new one comes last, whoever leaves keeps its place free', () => {
  expect(slotsOf({ ensemble, actions: [add(7), remove(2)] })).toEqual([[1], [2], [3], [7]]);
});

test('a free place is taken before there is another', () => {
  expect(slotsOf({ ensemble, actions: [remove(2), add(7)] })).toEqual([[1], [2, 7], [3]]);
  expect(slotsOf({ ensemble, actions: [remove(2), remove(3), add(3), add(2)] })).toEqual([[1], [2], [3]]);
});

test('a server has one place', () => {
  expect(slotsOf({ ensemble, actions: [remove(2), add(7), add(2)] })).toEqual([[1], [7], [3], [2]]);
  expect(slotsOf({ ensemble, actions: [add(2), remove(9)] })).toEqual([[1], [2], [3]]);
});
