/**
 * A scenario, and where its playhead stands, as the fragment of a link: `z1.<data>@<ms>`, where data is
 * the scenario's JSON, deflated, in base64url. What a link says is as trustworthy as any text from
 * outside: it is bounded before and after inflating, and validated like a file.
 */
import { Inflate, deflateSync } from 'fflate';
import { fromBase64, toBase64 } from '../protocol/trace-data.ts';
import { virtualTime, type VirtualTime } from '../protocol/time.ts';
import { parseScenarioText, serializeScenario } from './scenario.ts';
import { TIME_MAX } from './scenario-actions.ts';
import type { Scenario } from './scenario-types.ts';

const VERSION = 'z1.';
/** Characters: longer links get lost on their way through chats and mails. */
export const LINK_MAX = 256 * 1024;
/** Bytes of JSON. */
const JSON_MAX = 1024 * 1024;
/** Bytes that are inflated at a time: even the best deflated ones give no more than a megabyte. */
const CHUNK = 1024;

export type EncodedLink =
  { readonly ok: true; readonly fragment: string } | { readonly ok: false; readonly message: string };
export type DecodedLink =
  | { readonly ok: true; readonly scenario: Scenario; readonly at: VirtualTime | null }
  | { readonly ok: false; readonly message: string };

/** The fragment without `#`. Refuses what no link can hold. */
export function encodeLink(scenario: Scenario, at: VirtualTime | null = null): EncodedLink {
  const tooLarge = { ok: false, message: 'This lab is too large for a link: save it as a file.' } as const;
  const json = new TextEncoder().encode(JSON.stringify(serializeScenario(scenario)));
  if (json.length > JSON_MAX) return tooLarge;
  const data = toBase64(deflateSync(json, { level: 9 }))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
  const fragment = `${VERSION}${data}${at === null ? '' : `@${at}`}`;
  return fragment.length > LINK_MAX ? tooLarge : { ok: true, fragment };
}

/** Reads a fragment with or without its `#`. Never throws. */
export function decodeLink(fragment: string): DecodedLink {
  const text = fragment.startsWith('#') ? fragment.slice(1) : fragment;
  if (!text.startsWith(VERSION)) return refuse('it does not begin as the links of this version do.');
  if (text.length > LINK_MAX) return refuse(`it is longer than ${LINK_MAX} characters.`);
  const [data = '', at, ...more] = text.slice(VERSION.length).split('@');
  const instant = at === undefined ? null : Number(at);
  if (more.length > 0 || at === '' || (instant !== null && !(instant >= 0 && instant <= TIME_MAX))) {
    return refuse('the instant behind its @ is no number of milliseconds.');
  }
  if (!/^[A-Za-z0-9_-]*$/.test(data)) return refuse('it has been cut off or changed on its way.');
  const padding = '='.repeat((4 - (data.length % 4)) % 4);
  const bytes = fromBase64(data.replaceAll('-', '+').replaceAll('_', '/') + padding);
  const json = bytes && inflate(bytes);
  if (json === null) return refuse('it has been cut off or changed on its way.');
  if (json === 'too large') return refuse('what it holds is too large.');
  const parsed = parseScenarioText(json.text);
  if (!parsed.ok) return refuse(`its scenario is not valid: ${parsed.message}`);
  return { ok: true, scenario: parsed.scenario, at: instant === null ? null : virtualTime(instant) };
}

function refuse(why: string): DecodedLink {
  return { ok: false, message: `This link cannot be opened: ${why}` };
}

/** Null: no deflated text. */
function inflate(bytes: Uint8Array): { readonly text: string } | 'too large' | null {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let done = false;
  const stream = new Inflate((chunk, final) => {
    chunks.push(chunk);
    size += chunk.length;
    done ||= final;
  });
  try {
    for (let at = 0; at < bytes.length; at += CHUNK) {
      stream.push(bytes.subarray(at, at + CHUNK), at + CHUNK >= bytes.length);
      if (size > JSON_MAX) return 'too large';
    }
    if (!done) return null;
    const whole = new Uint8Array(size);
    let length = 0;
    for (const chunk of chunks) {
      whole.set(chunk, length);
      length += chunk.length;
    }
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(whole) };
  } catch {
    return null;
  }
}
