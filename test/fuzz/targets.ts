/**
 * Every decoder of what comes from outside: whatever the input, it ends with a value or with its own refusal, in little time,
 * and what it makes takes no more memory than a stated multiple of the input. `test/unit/fuzz` runs each for a moment with
 * fixed seeds, `npm run fuzz -- <seconds>` for as long as one likes.
 */
import { deflateSync } from 'fflate';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { MemoryDisk, presetDisk } from '../../src/engine/storage/index.ts';
import { complete, explain, splitLine } from '../../src/client/index.ts';
import { parseLine } from '../../src/cli/conformance/recording.ts';
import {
  decodeLink,
  encodeLink,
  inspectFile,
  openDataDir,
  parseScenarioText,
  serializeScenario,
  zipFiles,
} from '../../src/lab/index.ts';
import { parseCondition, parseLesson } from '../../src/lesson/index.ts';
import { JuteError } from '../../src/protocol/jute/codec.ts';
import { decodeTxn } from '../../src/protocol/jute/txn.ts';
import { decodeJavaUtf8 } from '../../src/protocol/jute/utf8.ts';
import { fromBase64, toBase64 } from '../../src/protocol/trace-data.ts';
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  encodeServerFrame,
} from '../../src/protocol/wire/index.ts';
import { makeZxid } from '../../src/protocol/zxid.ts';
import { parseJsonl } from '../../src/trace/index.ts';
import {
  connectRequests,
  connectResponses,
  failures,
  operations,
  requests,
  watchEvents,
} from '../helpers/wire-samples.ts';
import { likeBytes, likeTexts, weight } from './mutate.ts';

/** An input is judged by what is made of it; an exception is a failure. */
export interface Target<I = never> {
  readonly name: string;
  readonly inputs: fc.Arbitrary<I>;
  /** Weighed: its memory is compared with that of the input. */
  readonly decode: (input: I) => unknown;
  /** Bytes of memory that a byte or character of the input may become. */
  readonly factor: number;
}

/** Memory that a decoder may use for whatever input: refusals, tables, an empty tree. */
const CONSTANT = 64 * 1024;
/** Ms that an input may take; the largest have some hundred kilobytes. */
export const TIME_MAX = 5000;

/** Runs one input. @throws if the target breaks its promise. */
export function judge<I>({ decode, factor }: Target<I>, input: I): void {
  const begin = performance.now();
  const made = weight(decode(input));
  const took = performance.now() - begin;
  const limit = CONSTANT + factor * weight(input);
  if (made > limit) throw new Error(`${made} bytes were made of an input for which ${limit} are the limit`);
  if (took > TIME_MAX) throw new Error(`took ${Math.round(took)} ms`);
}

function target<I>(name: string, factor: number, inputs: fc.Arbitrary<I>, decode: (input: I) => unknown): Target {
  // A list of targets does not care what each takes.
  return { name, factor, inputs, decode } as Target<I> as unknown as Target;
}

/** The declared error of a decoder is as good as a value. */
function orJuteError(decode: () => unknown): unknown {
  try {
    return decode();
  } catch (error) {
    if (error instanceof JuteError) return error.message;
    throw error;
  }
}

/** A refusal says something. */
function answered<T extends { readonly ok: boolean; readonly message?: string; readonly reason?: string }>(
  result: T,
): T {
  if (!result.ok && !(result.message ?? result.reason)) throw new Error('refused without a word');
  return result;
}

// ---- good inputs

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const LESSONS = readdirSync(new URL('../../lessons', import.meta.url)).filter((name) => /^\d/.test(name));
const lessonData = LESSONS.map((name) => read(`lessons/${name}/lesson.json`));
const lessonText = LESSONS.map((name) => read(`lessons/${name}/text.en.json`));
const scenarios = ['leader-dies', 'storm'].map((name) => read(`test/scenarios/${name}.json`));

function links(): readonly string[] {
  return scenarios.flatMap((text) => {
    const parsed = parseScenarioText(text);
    const link = parsed.ok ? encodeLink(parsed.scenario) : null;
    return link?.ok ? [link.fragment] : [];
  });
}
const linkOf = (text: string): string =>
  `z1.${toBase64(deflateSync(new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')}`;

const TRACE = [
  '{"id":0,"t":0,"actor":"lab","kind":"lab-started","seed":1,"title":"","causes":[]}',
  '{"id":1,"t":0,"actor":"s1","kind":"process-started","incarnation":0,"causes":[0]}',
  '{"id":2,"t":1.5,"actor":"lab","kind":"action","action":{"at":1.5,"do":"kill","server":1},"causes":[]}',
].join('\n');

const RECORDED = [
  '{"case":"a/b","area":"a","title":"","server":{"servers":0,"cfg":{},"props":{}}}',
  '{"n":1,"s":"A","op":"create","path":"/a","data":{"rep":"x","n":5},"z":2,"res":{"rc":0},"seen":{"A":["r"]}}',
  '{"final":{"lastZxid":4}}',
];

const CONDITIONS = lessonData.flatMap((text) =>
  [...text.matchAll(/"(?:when|until|goal|expect)": "((?:[^"\\]|\\.)*)"/g)].map((match) => match[1] ?? ''),
);
const NAMES = { servers: new Set(['s1', 's2', 's3']), clients: new Set(['alice']), questions: new Set(['q']) };

function dataDir(): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const disk = new MemoryDisk();
  const time = 1_767_225_600_000;
  const acl = [{ perms: 31, scheme: 'world', id: 'anyone' }];
  const create = { type: 'create', acl, data: Uint8Array.of(1, 2), ephemeral: false } as const;
  const written = presetDisk(disk, {
    acceptedEpoch: 1,
    currentEpoch: 1,
    snapshot: { zxid: makeZxid(1, 1), nodes: [{ path: '/a', data: Uint8Array.of(1) }] },
    log: [2, 3, 4].map((n) => ({
      header: { clientId: '0x1' as never, cxid: n, zxid: makeZxid(1, n), time },
      txn: { ...create, path: `/n${n}`, parentCVersion: n },
    })),
  });
  if (!written.ok) throw new Error(written.reason);
  return disk.image().files;
}
const FILES = dataDir();

// ---- kinds of inputs

const bytes = fc.uint8Array({ maxLength: 300 });
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value));
const deep = fc
  .tuple(fc.constantFrom('[', '{"a":', '('), fc.integer({ min: 1, max: 30_000 }))
  .map(([open, n]) => open.repeat(n));
const text = (good: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 6, arbitrary: likeTexts(good) },
    { weight: 2, arbitrary: json },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }) },
    { weight: 1, arbitrary: deep },
  );
const like = (good: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> => fc.oneof(bytes, likeBytes(good));

const clientFrames = fc.oneof(requests, connectRequests).map(encodeClientFrame);
const serverFrames = fc.oneof(failures, watchEvents, connectResponses).map((packet) => encodeServerFrame(packet, {}));
const anyOperation = fc.oneof(...Object.values(operations));

/** A lesson with one value anywhere in it replaced by another. */
function likeJson(good: readonly string[]): fc.Arbitrary<unknown> {
  return fc.tuple(fc.constantFrom(...good), fc.nat(), fc.jsonValue({ maxDepth: 2 })).map(([source, place, put]) => {
    let count = 0;
    const all = (source.match(/[{,[]/g)?.length ?? 0) + 1;
    return JSON.parse(source, (_, value: unknown) => (count++ === place % all ? put : value)) as unknown;
  });
}

export const TARGETS: readonly Target[] = [
  target('frames of clients', 64, fc.tuple(like(clientFrames), fc.boolean()), ([frame, connected]) => {
    const packet = decodeClientFrame(frame, connected);
    encodeClientFrame(packet);
    return packet;
  }),
  target(
    'frames of servers',
    64,
    fc.tuple(like(serverFrames), fc.boolean(), anyOperation),
    ([frame, connected, operation]) => decodeServerFrame(frame, connected, () => operation),
  ),
  target('text in UTF-8', 4, fc.uint8Array({ maxLength: 200 }), decodeJavaUtf8),
  target('base64', 4, fc.oneof(fc.string(), fc.base64String()), fromBase64),
  target('transactions', 64, like(fc.constantFrom(...FILES.map((file) => file.bytes.subarray(24)))), (input) =>
    orJuteError(() => decodeTxn(input)),
  ),
  target(
    'logs and snapshots',
    64,
    fc
      .constantFrom(...FILES)
      .chain(({ name, bytes: file }) => fc.tuple(fc.constant(name.split('/').at(-1) ?? ''), like(fc.constant(file)))),
    ([name, file]) => inspectFile(name, file, { data: true }),
  ),
  target(
    'data directories',
    64,
    fc.tuple(fc.nat(FILES.length - 1), like(fc.constantFrom(...FILES.map((file) => file.bytes)))),
    ([which, file]) => answered(openDataDir(FILES.map((each, at) => (at === which ? { ...each, bytes: file } : each)))),
  ),
  target('zip archives', 64, like(fc.constant(zipFiles(FILES))), (input) =>
    answered(openDataDir([{ name: 'data.zip', bytes: input }])),
  ),
  target('scenarios', 64, text(scenarios), (input) => {
    const parsed = answered(parseScenarioText(input));
    if (parsed.ok && !parseScenarioText(JSON.stringify(serializeScenario(parsed.scenario))).ok) {
      throw new Error('a scenario does not come back from its own file');
    }
    return parsed;
  }),
  target(
    'links',
    // A deflated byte holds at most 1032, and no more than a megabyte of JSON is taken.
    64 * 1032,
    fc.oneof(likeTexts(links()), text(scenarios).map(linkOf), text(['z1.', 'z1.AAAA@5'])),
    (input) => answered(decodeLink(input)),
  ),
  target('traces', 64, text([TRACE]), (input) => answered(parseJsonl(input))),
  target('lessons', 256, fc.tuple(likeJson(lessonData), likeJson(lessonText)), ([data, words]) =>
    answered(parseLesson(data, words)),
  ),
  target('conditions', 256, text(CONDITIONS), (input) => answered(parseCondition(input, NAMES))),
  target('recordings', 64, text(RECORDED), (input) => {
    let value: unknown;
    try {
      value = JSON.parse(input);
    } catch {
      return null;
    }
    return answered(parseLine(value));
  }),
  target(
    'console lines',
    64,
    text(['create -s -e "/a b" data', "ls -R '/a'", 'addauth digest u:p', 'reconfig -add server.4=x']),
    (input) => {
      const context = { paths: ['/', '/a'], servers: [] };
      return [splitLine(input), explain(input), complete(input, input.length, context)];
    },
  ),
];
