/** zkCli's commands: usage lines (`CliCommand`, `ZooKeeperMain.commandMap`) and options. */
import type { OptionSpec } from './parse.ts';

export interface CommandSpec extends OptionSpec {
  /** What follows the command in its usage line. */
  readonly usage: string;
  /** Further lines of the usage message: some commands describe their options. */
  readonly describes?: readonly string[];
}

const NONE = { flags: '', valued: '' } as const;

/** By name, sorted as the usage list shows them. */
export const COMMANDS = {
  close: { usage: '', ...NONE },
  connect: { usage: 'host:port', ...NONE },
  create: { usage: '[-s] [-e] [-c] [-t ttl] path [data] [acl]', flags: 'sec', valued: 't' },
  delete: { usage: '[-v version] path', flags: '', valued: 'v' },
  deleteall: { usage: 'path [-b batch size]', flags: '', valued: 'b' },
  get: {
    usage: '[-s] [-w] [-b] [-x] path',
    flags: 'swbx',
    valued: '',
    describes: [
      ' -b   Output data in base64 format',
      ' -s   Print znode stats additionally',
      ' -w   Watch for changes on the znode',
      ' -x   Output data in hexdump format',
    ],
  },
  getAllChildrenNumber: { usage: 'path', ...NONE },
  getEphemerals: { usage: 'path', ...NONE },
  history: { usage: '', ...NONE },
  ls: { usage: '[-s] [-w] [-R] path', flags: 'swR', valued: '' },
  printwatches: { usage: 'on|off', ...NONE },
  quit: { usage: '', ...NONE },
  redo: { usage: 'cmdno', ...NONE },
  set: {
    usage: 'path data [-s] [-v version] [-b]',
    flags: 'sb',
    valued: 'v',
    describes: [
      ' -b         Supply data in base64 format',
      ' -s         Print znode stats additionally',
      ' -v <arg>   Set with an expected version',
    ],
  },
  stat: { usage: '[-w] path', flags: 'w', valued: '' },
  sync: { usage: 'path', ...NONE },
  version: { usage: '', ...NONE },
} as const satisfies Record<string, CommandSpec>;
export type CommandName = keyof typeof COMMANDS;

/** Commands of zkCli that a later release brings. */
const LATER_COMMANDS = [
  'addWatch',
  'addauth',
  'config',
  'delquota',
  'getAcl',
  'listquota',
  'reconfig',
  'removewatches',
  'setAcl',
  'setquota',
  'whoami',
] as const;

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
export function isLaterCommand(name: string): boolean {
  return (LATER_COMMANDS as readonly string[]).includes(name);
}

/** What a command prints when its arguments are wrong. */
export function usageOf(name: CommandName): readonly string[] {
  const spec: CommandSpec = COMMANDS[name];
  return [`${name} ${spec.usage}`, ...(spec.describes ?? [])];
}

/** The list that an unknown command brings (`ZooKeeperMain.usage`). */
export function usageList(): readonly string[] {
  return [
    'ZooKeeper -server host:port -client-configuration properties-file cmd args',
    ...(Object.keys(COMMANDS) as CommandName[]).map((name) => `\t${name} ${COMMANDS[name].usage}`),
  ];
}

/** What `help` adds to the list. */
export function laterLine(): string {
  return `Not in this release: ${LATER_COMMANDS.join(', ')}`;
}
