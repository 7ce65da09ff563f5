import { expect, test } from 'vitest';
import type { EventId } from '../../../src/protocol/ids.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import type { MessageView } from '../../../src/trace/index.ts';
import { CUT_AT, flights, GATE_AT } from '../../../src/ui/stage/flights.ts';
import { distance } from '../../../src/ui/stage/geometry.ts';

const way = { from: { x: 0, y: 0 }, to: { x: 200, y: 0 } };

function message(id: number, sent: number, arrives: number | null, waits: MessageView['waits'] = null): MessageView {
  return { id: id as EventId, from: 's1', to: 's2', packet: { type: 'PROPOSAL' }, sent, arrives, waits } as MessageView;
}
const at = (t: number, ...messages: MessageView[]) => flights(messages, virtualTime(t), () => way);

test('a message is where its times say, whatever was shown before', () => {
  const one = message(1, 100, 120);
  const places = [100, 105, 110, 120].map((t) => at(t, one)[0]?.at.x);
  expect(places).toEqual([0, 50, 100, 200]);
  expect(at(105, one)).toEqual(at(105, one));
});

test('messages of a burst fan out beside their link', () => {
  const [a, b, c] = at(110, message(1, 100, 120), message(2, 100, 120.5), message(3, 100.5, 121));
  if (!a || !b || !c) throw new Error('three messages fly');
  for (const [one, other] of [
    [a, b],
    [b, c],
    [a, c],
  ] as const)
    expect(distance(one.at, other.at)).toBeGreaterThan(9);
});

test('messages far apart share a lane', () => {
  const [a, b] = at(118, message(1, 100, 120), message(2, 110, 130));
  expect(a?.at.y).toBeCloseTo(b?.at.y ?? Number.NaN);
});

test('held packets wait at the gate, those of a cut link before the cut, three at most of each', () => {
  const held = at(200, ...[1, 2, 3, 4, 5].map((id) => message(id, 100, null, 'held')));
  expect(held.map(({ status }) => status)).toEqual(['held', 'held', 'held']);
  expect(held.map(({ more }) => more)).toEqual([0, 0, 2]);
  expect(held[0]?.at.x).toBeCloseTo(200 * GATE_AT);
  const [cut] = at(200, message(9, 100, null, 'cut'));
  expect(cut?.at.x).toBeLessThan(200 * CUT_AT);
});
