/**
 * What an operator can ask a server: four-letter words on the clients' port (`FourLetterCommands`), and commands of the
 * admin server (`org.apache.zookeeper.server.admin.Commands` of 3.8), by the path that a browser would ask for.
 */

export const FOUR_LETTER_WORDS = [
  'ruok',
  'srvr',
  'stat',
  'cons',
  'crst',
  'srst',
  'mntr',
  'conf',
  'envi',
  'dump',
  'wchs',
  'wchc',
  'wchp',
  'dirs',
  'isro',
  'hash',
  'gtmk',
  'stmk',
] as const;
export type FourLetterWord = (typeof FOUR_LETTER_WORDS)[number];

/** Names of the admin server's commands, each with the other names that it has. */
export const ADMIN_COMMANDS = {
  configuration: ['conf', 'config'],
  connection_stat_reset: ['crst'],
  connections: ['cons'],
  dirs: [],
  dump: [],
  environment: ['env', 'envi'],
  get_trace_mask: ['gtmk'],
  hash: [],
  initial_configuration: ['icfg'],
  is_read_only: ['isro'],
  last_snapshot: ['lsnp'],
  leader: ['lead'],
  monitor: ['mntr'],
  observer_connection_stat_reset: ['orst'],
  observers: ['obsr'],
  ruok: [],
  server_stats: ['srvr'],
  set_trace_mask: ['stmk'],
  stat_reset: ['srst'],
  stats: ['stat'],
  system_properties: ['sysp'],
  voting_view: [],
  watch_summary: ['wchs'],
  watches: ['wchc'],
  watches_by_path: ['wchp'],
  zabstate: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type AdminCommand = keyof typeof ADMIN_COMMANDS;

/** Where the admin server has its commands. */
export const ADMIN_PATH = '/commands/';

const WORD = new RegExp(`^(?:${FOUR_LETTER_WORDS.filter((word) => word !== 'stmk').join('|')}|stmk \\d{1,15})$`);
const ADMIN = /^\/commands\/[a-z_]+(?:\?[A-Za-z]+=[^&=?]*)?$/;

/** Whether a server can be asked this: a word (`mntr`, `stmk 306`), or the path of an admin command (`/commands/leader`). */
export function isMonitorCommand(command: string): boolean {
  return WORD.test(command) || ADMIN.test(command);
}

/** Whether the command goes to the admin server. */
export function isAdminCommand(command: string): boolean {
  return command.startsWith(ADMIN_PATH);
}
