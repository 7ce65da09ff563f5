/** The one table of zkCli's commands (`CommandFactory`, `ZooKeeperMain.commandMap`): parsing, usage, completion and the page read it. */
import { ACL_COMMANDS } from './acl.ts';
import { CONFIG_COMMANDS } from './config.ts';
import { QUOTA_COMMANDS } from './quota.ts';
import { READ_COMMANDS } from './read.ts';
import { SESSION_COMMANDS } from './session.ts';
import type { Command } from './shell.ts';
import { WATCH_COMMANDS } from './watch.ts';
import { WRITE_COMMANDS } from './write.ts';

/** Sorted as the usage list shows them. */
export const COMMANDS: readonly Command[] = [
  ...READ_COMMANDS,
  ...WRITE_COMMANDS,
  ...ACL_COMMANDS,
  ...WATCH_COMMANDS,
  ...QUOTA_COMMANDS,
  ...CONFIG_COMMANDS,
  ...SESSION_COMMANDS,
].sort((a, b) => (a.name < b.name ? -1 : 1));

export function findCommand(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}

/** The list that an unknown command brings (`ZooKeeperMain.usage`). */
export function usageList(): readonly string[] {
  return [
    'ZooKeeper -server host:port -client-configuration properties-file cmd args',
    ...COMMANDS.map(({ name, usage }) => `\t${name} ${usage}`),
  ];
}
