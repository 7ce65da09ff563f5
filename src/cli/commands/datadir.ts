/** `datadir`: data directories of servers, out of a lab, into a lab, and printed. */
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { InlineHost } from '../../lab/hosts/inline.ts';
import {
  createProcess,
  isDataDirFile,
  inspectFile,
  Lab,
  openDataDir,
  parseScenarioText,
  scenarioOfDataDir,
  zipFiles,
  type NamedFile,
} from '../../lab/index.ts';
import { virtualTime } from '../../protocol/time.ts';
import { readBytes, readText, writing } from '../files.ts';
import { milliseconds, parsed, UsageError, type Command } from '../usage.ts';

const USAGE = [
  'datadir export SCENARIO --server N --to FOLDER|FILE.zip [--at MS] [--json]',
  'datadir inspect FILE… [--data] [--json]',
  'datadir import FOLDER|FILE.zip|FILE… [--servers N] [--to SCENARIO.json] [--json]',
].join('\n  ');

export const datadir: Command = {
  name: 'datadir',
  usage: USAGE,
  run([verb, ...args]) {
    switch (verb) {
      case 'export':
        return exportFrom(args);
      case 'inspect':
        return Promise.resolve(inspect(args));
      case 'import':
        return Promise.resolve(importInto(args));
      default:
        throw new UsageError(verb === undefined ? 'Give a verb.' : `There is no verb ${verb}.`);
    }
  },
};

async function exportFrom(args: readonly string[]): Promise<number> {
  const { values, positionals } = parsed(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        server: { type: 'string' },
        to: { type: 'string' },
        at: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }),
  );
  const [file, ...more] = positionals;
  const { to, server, at, json } = values;
  if (file === undefined || more.length > 0) throw new UsageError('Give one scenario file.');
  if (to === undefined) throw new UsageError('Say where to write with --to.');
  if (server === undefined || !/^\d{1,3}$/.test(server)) throw new UsageError('--server: expected the sid of a server');
  const until = at === undefined ? null : milliseconds(at, '--at');
  const parsedScenario = parseScenarioText(readText(file));
  if (!parsedScenario.ok) {
    console.error(`${file}: ${parsedScenario.message}`);
    return 2;
  }
  const { scenario } = parsedScenario;
  const lab = await Lab.open(scenario, () => new InlineHost(createProcess));
  await lab.advance(virtualTime(until ?? scenario.until));
  const files = await lab.dataDir(Number(server));
  const { failure, head } = lab;
  lab.dispose();
  if (failure) {
    console.error(`The lab has stopped at ${failure.at} ms: ${failure.actor}: ${failure.message}`);
    return 1;
  }
  if (!files) {
    console.error(`${file} has no server ${server}.`);
    return 2;
  }
  if (to.endsWith('.zip')) writing(to, () => writeFileSync(to, zipFiles(files)));
  else for (const { name, bytes } of files) write(join(to, name), bytes);
  if (json) {
    console.log(JSON.stringify({ server: Number(server), at: head, to, files: files.map(described) }, null, 2));
  } else {
    console.log(`Server ${server} at ${head} ms, written to ${to}:`);
    for (const { name, bytes } of files) console.log(`  ${name}  ${bytes.length} bytes`);
  }
  return 0;
}

function inspect(args: readonly string[]): number {
  const { values, positionals } = parsed(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { data: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
    }),
  );
  if (positionals.length === 0) throw new UsageError('Give files called log.<zxid> or snapshot.<zxid>.');
  const files = positionals.map((path) => {
    const { lines, problem } = inspectFile(basename(path), readBytes(path), { data: values.data });
    return { file: path, lines, problem };
  });
  if (values.json) {
    console.log(JSON.stringify({ files }, null, 2));
  } else {
    for (const { file, lines, problem } of files) {
      if (files.length > 1) console.log(`${file}:`);
      if (lines.length > 0) console.log(lines.join('\n'));
      if (problem !== null) console.error(`${file}: ${problem}`);
    }
  }
  return files.some(({ problem }) => problem !== null) ? 1 : 0;
}

function importInto(args: readonly string[]): number {
  const { values, positionals } = parsed(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        servers: { type: 'string', default: '3' },
        to: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }),
  );
  if (positionals.length === 0) throw new UsageError('Give a folder, a zip archive, or a log and a snapshot.');
  const servers = Number(values.servers);
  if (!(Number.isInteger(servers) && servers >= 1 && servers <= 9)) {
    throw new UsageError(`--servers: expected a number from 1 to 9, got ${values.servers}`);
  }
  const opened = openDataDir(positionals.flatMap(filesAt));
  if (!opened.ok) {
    console.error(`${positionals.join(', ')}: ${opened.reason}`);
    return 1;
  }
  const { znodes, lastZxid, content } = opened;
  const scenario = scenarioOfDataDir(opened, servers);
  const text = JSON.stringify(scenario);
  const { to } = values;
  if (to !== undefined) writing(to, () => writeFileSync(to, `${text}\n`));
  if (values.json) {
    const summary = { znodes, lastZxid: `0x${lastZxid.toString(16)}`, files: content.files.map(described) };
    console.log(JSON.stringify(to === undefined ? { ...summary, scenario } : { ...summary, to }, null, 2));
  } else if (to === undefined) {
    console.log(text);
  } else {
    console.log(`${znodes} znodes up to zxid 0x${lastZxid.toString(16)} are the start of ${to}.`);
  }
  return 0;
}

/** The file at `path`, or all files below it. */
function filesAt(path: string): readonly NamedFile[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [{ name: path, bytes: readBytes(path) }];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => join(path, name))
    .filter((name) => statSync(name).isFile() && isDataDirFile(basename(name)))
    .map((name) => ({ name, bytes: readBytes(name) }));
}

function write(file: string, bytes: Uint8Array): void {
  writing(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  });
}

function described({ name, bytes }: NamedFile): { readonly name: string; readonly bytes: number } {
  return { name, bytes: bytes.length };
}
