/** `simulate`: hunts for violations with random workloads and faults. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DEFECT_NAMES, type Defect } from '../../protocol/defects.ts';
import {
  coverage,
  DEFAULT_OPTIONS,
  isNew,
  missing,
  PROFILE_NAMES,
  unproved,
  type Counterexample,
  type GenerateOptions,
  type Hunt,
  type Profile,
  type SeedResult,
  type Totals,
} from '../../simulate/index.ts';
import { writable, writing } from '../files.ts';
import { campaign, counterexamples, type Range } from '../simulate/campaign.ts';
import { document } from '../simulate/document.ts';
import { huntAll, huntLine } from '../simulate/mutants.ts';
import { Pool } from '../simulate/pool.ts';
import { milliseconds, parsed, UsageError, type Command } from '../usage.ts';

const OUT = 'simulate-failures';
const SEED_MAX = 2 ** 53 - 1;
/** Most runs that shrinking one counterexample may take. */
const SHRINK_RUNS = 400;
/** A longer link is only told where it is written. */
const LINK_SHOWN = 300;
/** Where `npm start` shows the page if nothing else is there. */
const PAGE = 'http://127.0.0.1:4173/';

interface Wanted {
  readonly seeds: Range;
  /** Every defect in turn. */
  readonly all: boolean;
  /** The profile that was named. */
  readonly profile: Profile | null;
  /** Where the document of all defects goes. */
  readonly document: string | null;
  readonly options: GenerateOptions;
  readonly threads: number;
  readonly out: string;
  /** Of the page, for links. */
  readonly page: string;
  readonly json: boolean;
  readonly coverage: boolean;
}

export const simulate: Command = {
  name: 'simulate',
  usage: `simulate --seeds A-B [--servers N] [--profile ${PROFILE_NAMES.join('|')}] [--for MS] [--mutate NAME|all [--write FILE]] [--threads N] [--out DIR] [--page URL] [--coverage] [--json]`,
  async run(args) {
    const wanted = read(args);
    const pool = new Pool(wanted.threads);
    try {
      return await (wanted.all ? huntDefects(wanted, pool) : hunt(wanted, pool));
    } finally {
      await pool.close();
    }
  },
};

function read(args: readonly string[]): Wanted {
  const { values } = parsed(() =>
    parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string' },
        servers: { type: 'string' },
        profile: { type: 'string' },
        for: { type: 'string', default: String(DEFAULT_OPTIONS.forMs) },
        mutate: { type: 'string' },
        write: { type: 'string' },
        threads: { type: 'string', default: String(availableParallelism()) },
        out: { type: 'string', default: OUT },
        page: { type: 'string', default: PAGE },
        coverage: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    }),
  );
  const profile = PROFILE_NAMES.find((name) => name === values.profile) ?? null;
  if (profile === null && values.profile !== undefined) {
    throw new UsageError(`--profile: expected ${PROFILE_NAMES.join(', ')}, got ${values.profile}`);
  }
  const all = values.mutate === 'all';
  if (values.write !== undefined && !all) throw new UsageError('--write: only with --mutate all');
  const defects = values.mutate === undefined || all ? [] : [defect(values.mutate)];
  return {
    seeds: range(values.seeds),
    all,
    profile,
    document: values.write ?? null,
    options: {
      profile: profile ?? DEFAULT_OPTIONS.profile,
      servers: values.servers === undefined ? null : integer(values.servers, '--servers', 1, 9),
      forMs: milliseconds(values.for, '--for'),
      defects,
    },
    threads: integer(values.threads, '--threads', 1, 256),
    out: values.out,
    page: pageAt(values.page),
    json: values.json,
    coverage: values.coverage,
  };
}

function range(text: string | undefined): Range {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text ?? '');
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!match || first > last || last > SEED_MAX) {
    throw new UsageError(`--seeds: expected a range such as 1-100, got ${text ?? 'nothing'}`);
  }
  return { first, last };
}

function pageAt(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new UsageError(`--page: expected the address of the page such as ${PAGE}, got ${text}`);
  }
  return text.replace(/#.*$/, '');
}

function integer(text: string, option: string, low: number, high: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < low || value > high) {
    throw new UsageError(`${option}: expected an integer from ${low} to ${high}, got ${text}`);
  }
  return value;
}

function defect(name: string): Defect {
  const known = DEFECT_NAMES.find((each) => each === name);
  if (known === undefined) throw new UsageError(`--mutate: expected all, ${DEFECT_NAMES.join(', ')}, got ${name}`);
  return known;
}

async function hunt(wanted: Wanted, pool: Pool): Promise<number> {
  const { seeds, options, json, out } = wanted;
  writable(out);
  const began = performance.now();
  const mutated = options.defects.length > 0;
  const { totals, broken, known } = await campaign(pool, seeds, options, (result, totals) => {
    if (!json) progress(result, totals, seeds);
    return mutated && result.violations.some(isNew);
  });
  const examples = await counterexamples(pool, broken, options, SHRINK_RUNS);
  const files = new Map(examples.map((example) => [example, write(wanted, example)]));
  for (const { seed, failure } of broken) {
    if (!failure) continue;
    const scenario = await pool.do({ do: 'failing', seed, options });
    if (scenario) writeFile(out, `failure-${nameOf(seed, options)}.json`, scenario);
  }
  const seconds = (performance.now() - began) / 1000;
  const absent = mutated ? [] : missing(totals, options.profile, options.forMs);
  const failures = broken.flatMap(({ seed, failure }) => (failure ? [{ ...failure, seed }] : []));
  const caught = broken.some(({ violations }) => violations.some(isNew));
  const held = mutated ? caught : broken.length === 0 && absent.length === 0;
  if (json) {
    const { counts, faults, rules, virtualMs } = totals;
    const report = {
      seeds: totals.seeds,
      ...{ events: counts.events, commits: counts.commits, elections: counts.elections },
      faults: Object.values(faults).reduce((sum, count) => sum + count, 0),
      violations: examples.map((example) => violationOf(example, files.get(example) ?? null)),
      known: known.map(knownOf),
      counts: { ...counts, faults },
      ...{ virtualMs, seconds },
      coverage: coverage(rules),
      ...{ missing: absent, failures },
      ...(mutated ? { mutant: options.defects, ...catchOf(broken, seeds) } : {}),
    };
    console.log(JSON.stringify(report, null, 2));
    return held ? 0 : 1;
  }
  console.log(lines(totals, seconds, wanted).join('\n'));
  for (const example of examples)
    console.log(exampleLines(example, files.get(example) ?? null, wanted.page).join('\n'));
  for (const { seed, at, actor, message } of failures)
    console.log(`seed ${seed}: ${actor} has failed at ${at} ms: ${message}`);
  for (const bug of new Set(known.map((result) => knownOf(result).known))) {
    const seeds = known.flatMap((result) => (knownOf(result).known === bug ? [result.seed] : []));
    console.log(
      `${bug}, a bug of Apache ZooKeeper itself, has struck in ${count(seeds.length, 'seed')}: ${seeds.slice(0, 20).join(', ')}${seeds.length > 20 ? ', …' : ''}.`,
    );
  }
  for (const sentence of absent) console.log(sentence);
  if (mutated) {
    const { seedsNeeded, properties } = catchOf(broken, seeds);
    console.log(
      seedsNeeded === null
        ? `${options.defects.join(', ')} was not caught in ${count(totals.seeds, 'seed')}.`
        : `${options.defects.join(', ')} was caught by seed number ${seedsNeeded}: ${properties.join(', ')}.`,
    );
  }
  return held ? 0 : 1;
}

/** 0 if every defect was caught. */
async function huntDefects({ seeds, options, profile, json, document: file }: Wanted, pool: Pool): Promise<number> {
  const hunts = await huntAll(pool, seeds, options, profile, (found) => {
    if (!json) console.log(huntLine(found));
  });
  const open = unproved(hunts);
  const missed = hunts.filter((found) => found.seeds === null);
  if (file !== null) writing(file, () => writeFileSync(file, document(hunts, seeds)));
  if (json) console.log(JSON.stringify({ hunts: hunts.map(huntOf), unproved: open }, null, 2));
  else {
    console.log(`${hunts.length - missed.length} of ${hunts.length} defects were caught.`);
    if (open.length > 0) console.log(`Properties that none of them broke: ${open.join(', ')}`);
  }
  return missed.length === 0 ? 0 : 1;
}

function huntOf({ broken, ...hunt }: Hunt) {
  return { ...hunt, broken: Object.fromEntries(broken) };
}

/** How many seeds it took to catch a defect, and what broke then. */
function catchOf(broken: readonly SeedResult[], { first }: Range) {
  const result = broken.find(({ violations }) => violations.some(isNew));
  const properties = [...new Set(result?.violations.filter(isNew).map(({ property }) => property))];
  return { seedsNeeded: result ? result.seed - first + 1 : null, properties };
}

/** The first thing that a known bug has done in a seed. */
function knownOf({ seed, violations: [finding] }: SeedResult) {
  return { seed, known: finding?.known ?? null, invariant: finding?.property ?? null, at: finding?.at ?? null };
}

function violationOf({ seed, finding, scenario, link }: Counterexample, file: string | null) {
  const { property: invariant, event, at, says, proof } = finding;
  return { seed, invariant, event, at, says, proof, scenario, link, file };
}

/** The scenario, and the link beside it, which can be longer than a line can bear. Returns the path of the scenario. */
function write({ out, options, page }: Wanted, { seed, finding, scenario, link }: Counterexample): string {
  const mutant = options.defects.length > 0 ? `${options.defects.join('-')}-` : '';
  const file = writeFile(out, `${mutant}${finding.property}-${nameOf(seed, options)}.json`, scenario);
  if (link !== null) writing(linkFile(file), () => writeFileSync(linkFile(file), `${page}#${link}\n`));
  return file;
}

/** What a seed gives depends on how many servers were asked for, too. */
function nameOf(seed: number, { profile, servers }: GenerateOptions): string {
  return `${profile}-${servers === null ? '' : `${servers}-servers-`}${seed}`;
}

function linkFile(file: string): string {
  return file.replace(/json$/, 'url');
}

function writeFile(out: string, name: string, scenario: Readonly<Record<string, unknown>>): string {
  const file = path.join(out, name);
  writing(file, () => {
    mkdirSync(out, { recursive: true });
    writeFileSync(file, `${JSON.stringify(scenario, null, 2)}\n`);
  });
  return file;
}

// ---- for people

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function progress({ seed, violations, failure }: SeedResult, totals: Totals, { first, last }: Range): void {
  const finding = violations.find(isNew);
  if (finding) console.log(`seed ${seed}: ${finding.property} at ${finding.at} ms: ${finding.says}`);
  else if (failure) console.log(`seed ${seed}: ${failure.actor} has failed at ${failure.at} ms`);
  const every = Math.max(1, Math.floor((last - first + 1) / 10));
  if (totals.seeds % every === 0 && seed !== last) {
    console.log(`${count(totals.seeds, 'seed')}, ${totals.counts.events} events, ${totals.counts.commits} commits`);
  }
}

function lines(
  { seeds, virtualMs, counts, faults, rules }: Totals,
  seconds: number,
  wanted: Wanted,
): readonly string[] {
  const { events, ...rest } = counts;
  const { touched, of, untouched } = coverage(rules);
  const rate = (value: number): string => Math.round(value / seconds).toLocaleString('en');
  const list = (numbers: Readonly<Record<string, number>>): string =>
    Object.entries(numbers)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ');
  return [
    '',
    `${count(seeds, 'seed')} of profile ${wanted.options.profile}: ${Math.round(virtualMs / 1000)} virtual s, ${events} events in ${seconds.toFixed(1)} s (${rate(virtualMs / 1000)} virtual s/s, ${rate(events)} events/s, ${wanted.threads} threads)`,
    `  ${list(rest)}`,
    `  faults: ${list(faults) || 'none'}`,
    `  rules: ${touched} of ${of} touched${wanted.coverage || untouched.length === 0 ? '' : ' (--coverage lists the others)'}`,
    ...(wanted.coverage ? untouched.map((rule) => `    ${rule}`) : []),
  ];
}

function exampleLines(
  { seed, finding, scenario, link, runs }: Counterexample,
  file: string | null,
  page: string,
): readonly string[] {
  const size = `${count((scenario['actions'] as readonly unknown[] | undefined)?.length ?? 0, 'action')}`;
  return [
    '',
    `${finding.property} (seed ${seed}${runs > 0 ? `, shrunk to ${size} in ${count(runs, 'run')}` : ''}) at ${finding.at} ms: ${finding.says}`,
    `  events ${finding.proof.join(', ')}`,
    ...(file === null ? [] : [`  ${file}`]),
    ...(link === null ? [] : [`  ${link.length > LINK_SHOWN && file !== null ? linkFile(file) : `${page}#${link}`}`]),
  ];
}
