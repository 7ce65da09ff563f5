import { expect, test } from 'vitest';
import { clientName, serverName, sid, type ActorName } from '../../../src/protocol/ids.ts';
import type { Segment } from '../../../src/ui/stage/geometry.ts';
import { strokeOf, type DrawnLink } from '../../../src/ui/stage/gesture.ts';
import { layoutStage } from '../../../src/ui/stage/layout.ts';
import { wayBetween } from '../../../src/ui/stage/links.ts';

const alice = clientName('alice');
const sids = [1, 2, 3, 4, 5].map(sid);
const places = sids.map((id) => [id]);
const layout = layoutStage({ width: 800, height: 555 }, places, [{ name: alice, home: sid(1) }]);

function link(a: ActorName, b: ActorName): DrawnLink {
  return { a, b, segment: wayBetween(layout, a, b) as Segment };
}
const pairs = sids.flatMap((a) => sids.filter((b) => b > a).map((b) => link(serverName(a), serverName(b))));
const links = [...pairs, link(alice, serverName(sid(1)))];

function at(n: number) {
  const place = layout.servers.get(sid(n));
  if (place === undefined) throw new Error(`no s${n}`);
  return place;
}

test('a line over empty ground does nothing', () => {
  expect(strokeOf({ from: { x: 1, y: 1 }, to: { x: 40, y: 4 } }, sids, links)).toBeNull();
});

test('a line across the whole ring parts the servers on its two sides', () => {
  const y = (at(2).y + at(1).y) / 2;
  const stroke = strokeOf({ from: { x: at(2).x - 20, y }, to: { x: at(4).x + 60, y } }, sids, links);
  expect(stroke?.groups).toEqual([
    [1, 5],
    [2, 3, 4],
  ]);
  expect(stroke?.actions).toEqual([
    {
      do: 'partition',
      groups: [
        [1, 5],
        [2, 3, 4],
      ],
    },
  ]);
  expect(stroke?.words).toBe('Partition s1 s5 | s2 s3 s4');
});

test('a short line cuts the one link that it crosses', () => {
  const x = (at(1).x + at(5).x) / 2;
  const stroke = strokeOf({ from: { x, y: at(1).y + 12 }, to: { x, y: at(1).y - 12 } }, sids, links);
  expect(stroke?.groups).toBeNull();
  expect(stroke?.actions).toEqual([{ do: 'cut', from: 's1', to: 's5' }]);
});

test('a client is cut off by a line across its link', () => {
  const way = links.at(-1)?.segment as Segment;
  const x = (way.from.x + way.to.x) / 2;
  const y = (way.from.y + way.to.y) / 2;
  const stroke = strokeOf({ from: { x, y: y - 15 }, to: { x, y: y + 15 } }, sids, links);
  expect(stroke?.actions).toEqual([{ do: 'cut', from: 'alice', to: 's1' }]);
});

test('between two servers there is a link to cut, not an ensemble to part', () => {
  const two = [sid(1), sid(2)];
  const small = layoutStage(
    { width: 800, height: 555 },
    two.map((id) => [id]),
    [],
  );
  const one = serverName(sid(1));
  const other = serverName(sid(2));
  const way = wayBetween(small, one, other) as Segment;
  const x = (way.from.x + way.to.x) / 2;
  const stroke = strokeOf({ from: { x, y: 0 }, to: { x, y: 555 } }, two, [{ a: one, b: other, segment: way }]);
  expect(stroke?.actions).toEqual([{ do: 'cut', from: 's1', to: 's2' }]);
});
