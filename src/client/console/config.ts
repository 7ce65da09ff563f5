/** zkCli's commands on the ensemble's configuration (`GetConfigCommand`, `ReconfigCommand`, `ConfigUtils`). */
import type { TraceData } from '../../protocol/events.ts';
import { toTraceData } from '../../protocol/trace-data.ts';
import type { ZnodeData } from '../../protocol/znode.ts';
import { statLines } from './format.ts';
import { ask, parseLong, usageOf, type Command, type CommandLine, type Shell, type Steps } from './shell.ts';

const CONFIG_NODE = '/zookeeper/config';

export const CONFIG_COMMANDS: readonly Command[] = [
  {
    name: 'config',
    usage: '[-c] [-w] [-s]',
    says: 'Prints the configuration of the ensemble; -c only what clients connect to.',
    options: [
      { name: 's', says: 'stats' },
      { name: 'w', says: 'watch' },
      { name: 'c', says: 'client connection string' },
    ],
    words: [],
    least: 0,
    run: config,
  },
  {
    name: 'reconfig',
    usage:
      '[-s] [-v version] [[-file path] | [-members serverID=host:port1:port2;port3[,...]*]] | ' +
      '[-add serverId=host:port1:port2;port3[,...]]* [-remove serverId[,...]*]',
    says: 'Changes the servers of the ensemble while it runs; -v only if its configuration has this version.',
    options: [
      { name: 's', says: 'stats' },
      { name: 'v', takesValue: true, says: 'required current config version' },
      { name: 'file', takesValue: true, says: 'path of config file to parse for membership' },
      {
        name: 'members',
        takesValue: true,
        says: 'comma-separated list of config strings for non-incremental reconfig',
      },
      { name: 'add', takesValue: true, says: 'comma-separated list of config strings for new servers' },
      { name: 'remove', takesValue: true, says: 'comma-separated list of server IDs to remove' },
    ],
    words: [],
    least: 0,
    run: reconfig,
  },
];

function* config(shell: Shell, { options }: CommandLine): Steps {
  const reply = yield* ask(shell, { op: 'config', watch: options.has('w') }, CONFIG_NODE);
  if (!reply) return;
  const { data = null, stat } = reply.result ?? {};
  const text = textOf(data) ?? 'null';
  const lines = options.has('c') ? [clientConnectString(text)] : text.split('\n');
  shell.print(...lines, ...(stat && options.has('s') ? statLines(stat) : []));
}

function* reconfig(shell: Shell, line: CommandLine): Steps {
  const { options, command } = line;
  const [file, members, joining, leaving, versionText] = ['file', 'members', 'add', 'remove', 'v'].map((name) =>
    options.get(name),
  );
  const bulk = file !== undefined || members !== undefined;
  const incremental = joining !== undefined || leaving !== undefined;
  if (!bulk && !incremental) return shell.print(...usageOf(command));
  const version = versionText === undefined ? -1 : Number(parseLong(versionText, 16) ?? NaN);
  if (!Number.isSafeInteger(version)) return shell.print('-v must be followed by a long (configuration version)');
  if (bulk && incremental) {
    return shell.print(
      "Can't use -file or -members together with -add or -remove " +
        '(mixing incremental and non-incremental modes is not allowed)',
    );
  }
  if (file !== undefined && members !== undefined) {
    return shell.print("Can't use -file and -members together (conflicting non-incremental modes)");
  }
  if (file !== undefined) {
    return shell.print(`Error processing ${file}: a page cannot read files, give the list with -members`);
  }
  const reply = yield* ask(
    shell,
    {
      op: 'reconfig',
      ...(joining === undefined ? {} : { joining: joining.toLowerCase() }),
      ...(leaving === undefined ? {} : { leaving: leaving.toLowerCase() }),
      ...(members === undefined ? {} : { members: members.toLowerCase() }),
      version,
    },
    // Its exceptions name an empty path.
    '',
  );
  if (!reply) return;
  const { data = null, stat } = reply.result ?? {};
  shell.print(
    'Committed new configuration:',
    ...(textOf(data) ?? '').split('\n'),
    ...(stat && options.has('s') ? statLines(stat) : []),
  );
}

/** `ConfigUtils.getClientConfigStr`: the version, then host and port for clients of each server. */
export function clientConnectString(config: string): string {
  const entries = config
    .split('\n')
    .map((line) => /^\s*([^=:\s]+)\s*[=:]?\s*(.*?)\s*$/.exec(line))
    .filter((match) => match !== null)
    .map(([, key = '', value = '']) => ({ key, value }));
  const version = entries.findLast(({ key }) => key === 'version')?.value ?? '';
  const addresses = entries.filter(({ key }) => key.startsWith('server.')).map(({ value }) => clientAddress(value));
  return `${version} ${addresses.join(',')}`;
}

/** Of `host:port:port[:role];[host:]port` what stands behind the semicolon; a server for no clients has none. */
function clientAddress(server: string): string {
  const [, address = ''] = server.split(';');
  return address === '' || address.includes(':') ? address : `0.0.0.0:${address}`;
}

function textOf(data: ZnodeData): string | null {
  const text: TraceData = toTraceData(data);
  return typeof text === 'string' ? text : null;
}
