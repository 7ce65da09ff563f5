/** What can be asked of a server, as the inspector offers it, and what it says of the whitelist. */
import type { ZooConfig } from '../../protocol/config.ts';
import {
  ADMIN_COMMANDS,
  ADMIN_PATH,
  FOUR_LETTER_WORDS,
  isAdminCommand,
  type AdminCommand,
  type FourLetterWord,
} from '../../protocol/monitoring.ts';

export interface MonitorCommand {
  /** A word, or the path of an admin command. */
  readonly command: string;
  readonly label: string;
  /** It is asked with a mask of traces. */
  readonly mask?: boolean;
}

/** What each word is good for. */
const WORDS: Readonly<Record<FourLetterWord, string>> = {
  ruok: 'are you ok',
  srvr: 'server',
  stat: 'server, clients',
  cons: 'connections',
  crst: 'reset connections',
  srst: 'reset server',
  mntr: 'all measurements',
  conf: 'configuration',
  envi: 'environment',
  dump: 'sessions, ephemerals',
  wchs: 'watches in sum',
  wchc: 'watches by session',
  wchp: 'watches by path',
  dirs: 'bytes of files',
  isro: 'is read-only',
  hash: 'digests',
  gtmk: 'get trace mask',
  stmk: 'set trace mask',
};

const LIST_OF_WORDS: readonly MonitorCommand[] = FOUR_LETTER_WORDS.map((command) => ({
  command,
  label: `${command} – ${WORDS[command]}`,
  mask: command === 'stmk',
}));

const LIST_OF_ADMIN: readonly MonitorCommand[] = (Object.keys(ADMIN_COMMANDS) as AdminCommand[]).map((name) => ({
  command: ADMIN_PATH + name,
  label: name,
  mask: name === 'set_trace_mask',
}));

export const COMMAND_GROUPS = [
  { label: 'Four-letter words', commands: LIST_OF_WORDS },
  { label: 'Admin server: /commands/…', commands: LIST_OF_ADMIN },
] as const;

export function commandOf(command: string): MonitorCommand | null {
  return [...LIST_OF_WORDS, ...LIST_OF_ADMIN].find((each) => each.command === command) ?? null;
}

/** The command with its mask, as it is asked. */
export function asked({ command, mask }: MonitorCommand, value: number): string {
  if (!mask) return command;
  return isAdminCommand(command) ? `${command}?traceMask=${value}` : `${command} ${value}`;
}

/** Whether the servers answer the word at all (`FourLetterCommands.isEnabled`). Admin commands they always answer. */
export function isAllowed(
  command: string,
  zoo: Pick<ZooConfig, 'fourLetterWhitelist' | 'readonlymodeEnabled'>,
): boolean {
  const listed = zoo.fourLetterWhitelist.split(',').map((each) => each.trim());
  const always = command === 'srvr' || (command === 'isro' && zoo.readonlymodeEnabled);
  return isAdminCommand(command) || always || listed.includes('*') || listed.includes(command);
}

/** The lines that hold every word of the filter, whatever their case. */
export function filtered(lines: readonly string[], filter: string): readonly string[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 ? lines : lines.filter((line) => words.every((word) => line.toLowerCase().includes(word)));
}
