/** `run FILE`: plays a scenario to its end. */
import { closeSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { InlineHost } from '../../lab/hosts/inline.ts';
import { nodeHost } from '../../lab/hosts/node.ts';
import { Lab, createProcess, parseScenarioText, type HostFactory } from '../../lab/index.ts';
import { virtualTime } from '../../protocol/time.ts';
import { summarize, toJsonl, type Summary } from '../../trace/index.ts';
import { openToWrite, readText } from '../files.ts';
import { milliseconds, parsed, UsageError, type Command } from '../usage.ts';

const HOSTS: Readonly<Record<string, HostFactory>> = {
  inline: () => new InlineHost(createProcess),
  workers: () => nodeHost(),
};

export const run: Command = {
  name: 'run',
  usage: 'run FILE [--until MS] [--trace OUT.jsonl] [--trees] [--host inline|workers] [--json]',
  async run(args) {
    const { values, positionals } = parsed(() =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          until: { type: 'string' },
          trace: { type: 'string' },
          trees: { type: 'boolean', default: false },
          host: { type: 'string', default: 'inline' },
          json: { type: 'boolean', default: false },
        },
      }),
    );
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new UsageError('Give one scenario file.');
    const createHost = Object.hasOwn(HOSTS, values.host) ? HOSTS[values.host] : undefined;
    if (!createHost) throw new UsageError(`--host: expected inline or workers, got ${values.host}`);
    const until = values.until === undefined ? null : milliseconds(values.until, '--until');

    const scenario = parseScenarioText(readText(file));
    if (!scenario.ok) {
      console.error(`${file}: ${scenario.message}`);
      return 2;
    }
    const traceFile = values.trace === undefined ? null : openToWrite(values.trace);

    const lab = await Lab.open(scenario.scenario, createHost);
    const end = virtualTime(until ?? scenario.scenario.until);
    await lab.advance(end);
    const { trace, failure, head } = lab;
    lab.dispose();
    if (traceFile !== null) {
      writeFileSync(traceFile, toJsonl(trace.events()));
      closeSync(traceFile);
    }
    const summary = {
      ...summarize(trace.stateAt(failure ? head : end), trace, { trees: values.trees }),
      violations: lab.violations,
    };
    if (values.json) console.log(JSON.stringify(failure ? { ...summary, failure } : summary, null, 2));
    else {
      console.log(forPeople(summary));
      for (const { property, at, says, known } of lab.violations) {
        console.error(
          `${property} is broken at ${at} ms: ${says}${known ? ` (A known bug of ZooKeeper: ${known})` : ''}`,
        );
      }
    }
    if (failure) {
      console.error(
        `The lab has stopped at ${failure.at} ms (seed ${failure.seed}): ${failure.actor}: ${failure.message}`,
      );
    }
    return failure || lab.violations.length > 0 ? 1 : 0;
  },
};

function forPeople(summary: Summary): string {
  const { virtualMs, events, leader, epoch, servers, clients, trees } = summary;
  const lines = [
    `${virtualMs} ms, ${events} events, ${leader === null ? 'no leader' : `s${leader} leads in epoch ${epoch}`}`,
    '',
    ...Object.entries(servers).map(
      ([sid, { state, zabState, lastLogged, lastCommitted, syncMode }]) =>
        `s${sid.padEnd(3)} ${state.padEnd(9)} ${zabState.padEnd(15)} logged ${lastLogged}, committed ${lastCommitted}${syncMode === null ? '' : `, synchronized by ${syncMode}`}`,
    ),
  ];
  for (const [name, { state, server, sessionId, replies, events: told }] of Object.entries(clients)) {
    lines.push('', `${name}: ${state}${server === null ? '' : ` at s${server}`}, session ${sessionId}`);
    const entries = [
      ...replies.map(({ at, op, path, zxid, error, ...rest }) => ({
        at,
        text: [op, path, error ?? zxid ?? '', Object.keys(rest).length > 0 ? JSON.stringify(rest) : ''].join(' '),
      })),
      ...told.map(({ at, type, path, state }) => ({ at, text: `event ${type} ${path ?? ''} (${state})` })),
    ];
    lines.push(...entries.sort((a, b) => a.at - b.at).map(({ at, text }) => `  ${String(at).padStart(10)}  ${text}`));
  }
  for (const [sid, tree] of Object.entries(trees ?? {})) {
    lines.push(
      '',
      `tree of s${sid}`,
      ...Object.entries(tree).map(([path, { data }]) => `  ${path} ${JSON.stringify(data)}`),
    );
  }
  return lines.join('\n');
}
