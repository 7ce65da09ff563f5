/** Decoders of what comes from outside, each for a moment; `npm run fuzz -- <seconds>` goes on. */
import { Deflate } from 'fflate';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeLink } from '../../../src/lab/index.ts';
import { toBase64 } from '../../../src/protocol/trace-data.ts';
import { judge, TARGETS } from '../../fuzz/targets.ts';

test.each(TARGETS.map((target) => [target.name, target] as const))('%s: read or refused', (_, target) => {
  fc.assert(
    fc.property(target.inputs, (input) => judge(target, input)),
    { seed: 1, numRuns: 300 },
  );
});

/** 16 KiB of link for each 16 MiB of blanks. */
function bomb(mebibytes: number): string {
  const chunks: Uint8Array[] = [];
  const stream = new Deflate({ level: 9 }, (chunk) => chunks.push(chunk));
  const blanks = new Uint8Array(1 << 20).fill(0x20);
  for (let i = 1; i <= mebibytes; i++) stream.push(blanks, i === mebibytes);
  return `z1.${toBase64(Buffer.concat(chunks)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

test('a link that inflates to 160 MiB takes the memory of a few megabytes', () => {
  const link = bomb(160);
  const before = process.resourceUsage().maxRSS;
  expect(decodeLink(link)).toEqual({ ok: false, message: 'This link cannot be opened: what it holds is too large.' });
  // In KiB. The link itself, its bytes, and what is inflated until a megabyte is passed.
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(64 * 1024);
});
