/** Links that carry a lab: whole or refused in one sentence, whatever became of them on their way. */
import { deflateSync } from 'fflate';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeLink, encodeLink } from '../../../src/lab/index.ts';
import { toBase64 } from '../../../src/protocol/trace-data.ts';
import { virtualTime } from '../../../src/protocol/time.ts';
import { scenario, servers } from './fakes.ts';

const LAB = scenario({
  title: 'Zwei Führer? ☃',
  seed: 2 ** 53 - 1,
  ensemble: { servers: servers(5) },
  clients: [{ name: 'alice' }],
  actions: [
    { at: 1.5, do: 'kill', server: 2 },
    { at: 3000, do: 'request', client: 'alice', op: 'create', path: '/ü', data: null },
  ],
});

function encoded(at: number | null): string {
  const link = encodeLink(LAB, at === null ? null : virtualTime(at));
  if (!link.ok) throw new Error(link.message);
  return link.fragment;
}
function linkOf(text: string): string {
  const bytes = toBase64(deflateSync(new TextEncoder().encode(text)));
  return `z1.${bytes.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}
function refusal(fragment: string): string {
  const link = decodeLink(fragment);
  return link.ok ? 'opened' : link.message;
}

test('a lab and its playhead come back', () => {
  expect(decodeLink(`#${encoded(4711.125)}`)).toEqual({ ok: true, scenario: LAB, at: 4711.125 });
  expect(decodeLink(encoded(null))).toEqual({ ok: true, scenario: LAB, at: null });
  expect(encoded(null)).toMatch(/^z1\.[A-Za-z0-9_-]+$/);
});

test('what is wrong is said in one sentence', () => {
  const begin = 'This link cannot be opened: ';
  expect(refusal('')).toBe(`${begin}it does not begin as the links of this version do.`);
  expect(refusal('z9.abc')).toBe(`${begin}it does not begin as the links of this version do.`);
  expect(refusal(`${encoded(null)}@x`)).toBe(`${begin}the instant behind its @ is no number of milliseconds.`);
  expect(refusal(`${encoded(null)}@-1`)).toBe(`${begin}the instant behind its @ is no number of milliseconds.`);
  expect(refusal(`${encoded(null)}@1@2`)).toBe(`${begin}the instant behind its @ is no number of milliseconds.`);
  expect(refusal(encoded(null).slice(0, -9))).toBe(`${begin}it has been cut off or changed on its way.`);
  expect(refusal('z1.%20')).toBe(`${begin}it has been cut off or changed on its way.`);
  expect(refusal('z1.')).toBe(`${begin}it has been cut off or changed on its way.`);
  expect(refusal(`z1.${'a'.repeat(300_000)}`)).toBe(`${begin}it is longer than 262144 characters.`);
  expect(refusal(linkOf('{'))).toContain(`${begin}its scenario is not valid: expected JSON: `);
  expect(refusal(linkOf('{}'))).toBe(
    `${begin}its scenario is not valid: format: expected "zabscope/scenario@1", got nothing`,
  );
});

test('a small link that inflates to much is refused, without inflating it all', () => {
  expect(refusal(linkOf(' '.repeat(50_000_000)))).toBe('This link cannot be opened: what it holds is too large.');
});

test('a lab that is too large for a link is refused', () => {
  const random = Array.from({ length: 400_000 }, (_, i) => ((i * 2654435761) % 4294967296).toString(36)).join('');
  const actions = [0, 1, 2].map((i) => {
    const data = random.slice(i * 900_000, (i + 1) * 900_000);
    return { at: i, do: 'request', client: 'alice', op: 'create', path: '/a', data };
  });
  const large = scenario({ ensemble: { servers: servers(1) }, clients: [{ name: 'alice' }], actions });
  expect(encodeLink(large)).toEqual({ ok: false, message: 'This lab is too large for a link: save it as a file.' });
});

test('whatever is changed, cut off or made up, decoding never throws', () => {
  const good = encoded(12);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `z1.${text}`),
        fc.uint8Array().map((bytes) => `z1.${toBase64(bytes)}`),
        fc.tuple(fc.nat(good.length), fc.string({ maxLength: 3 }), fc.nat(5)).map(([at, text, gone]) => {
          return good.slice(0, at) + text + good.slice(at + gone);
        }),
        fc.jsonValue().map((json) => linkOf(JSON.stringify(json))),
      ),
      (fragment) => {
        const link = decodeLink(fragment);
        if (!link.ok) expect(link.message).toMatch(/^This link cannot be opened: .+/);
      },
    ),
    { numRuns: 1000 },
  );
});
