/** Four-letter words and their answers (`FourLetterCommands`, `org.apache.zookeeper.server.command`). */
import type { ZooConfig } from '../../protocol/config.ts';
import { FOUR_LETTER_WORDS, type FourLetterWord } from '../../protocol/monitoring.ts';
import type { RuleId } from '../../protocol/rules/index.ts';
import { dataDirSize, VERSION } from './facts.ts';
import { environment } from './environment.ts';
import { monitorNumbers, monitorTexts } from './mntr.ts';
import type { MonitoredServer, Subject } from './monitored.ts';
import {
  bySession,
  configurationLines,
  connectionExpiryLines,
  connectionLine,
  dataWatches,
  ephemeralLines,
  serverLines,
  sessionLines,
  watchTotals,
} from './reports.ts';

/** What the server writes before it closes, and the rule that made it so. */
export interface Answer {
  readonly text: string;
  readonly rule: RuleId;
}

export const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests';

/** Words that need a serving role. */
const REPORTS: Readonly<Record<ServingWord, (subject: Subject) => string>> = {
  srvr: (subject) => lines(...heading(subject), ...serverLines(subject)),
  stat: (subject) =>
    lines(
      ...heading(subject),
      'Clients:',
      ...subject.cnxns.all.map((cnxn) => connectionLine(cnxn, true)),
      '',
      ...serverLines(subject),
    ),
  cons: ({ cnxns }) => lines(...cnxns.all.map((cnxn) => connectionLine(cnxn, false)), ''),
  crst: ({ cnxns }) => {
    for (const { stats } of cnxns.all) stats.reset();
    return lines('Connection stats reset.');
  },
  srst: ({ server, peer }) => {
    server.stats.reset();
    peer?.leading?.proposalStats.reset();
    return lines('Server stats reset.');
  },
  mntr: (subject) =>
    lines(...[...monitorTexts(subject), ...monitorNumbers(subject)].map(([key, value]) => `zk_${key}\t${value}`)),
  // As in the real server the text of the configuration ends without a line break.
  conf: (subject) => configurationLines(subject).join('\n') + (endsWithMembership(subject) ? '' : '\n'),
  dump: (subject) =>
    lines(
      'SessionTracker dump:',
      ...sessionLines(subject),
      'ephemeral nodes dump:',
      ...ephemeralLines(subject),
      'Connections dump:',
      ...connectionExpiryLines(subject),
    ),
  wchs: (subject) => {
    const { connections, paths, total } = watchTotals(dataWatches(subject));
    return lines(`${connections} connections watching ${paths} paths`, `Total watches:${total}`);
  },
  wchc: (subject) =>
    lines(
      ...bySession(dataWatches(subject)).flatMap(([session, paths]) => [session, ...paths.map((path) => `\t${path}`)]),
      '',
    ),
  wchp: (subject) =>
    lines(...dataWatches(subject).flatMap(([path, sessions]) => [path, ...sessions.map((id) => `\t${id}`)]), ''),
  dirs: (subject) => lines(`datadir_size: ${dataDirSize(subject)}`, `logdir_size: ${dataDirSize(subject)}`),
  hash: ({ server: { db } }) => lines(...db.recentDigests.map(({ zxid, digest }) => `${zxid.toString(16)}: ${digest}`)),
};
type ServingWord = Exclude<FourLetterWord, 'ruok' | 'envi' | 'isro' | 'gtmk' | 'stmk'>;

/** Of the words that answer whether the server serves or not. */
const TRACE_MASK_RULE = 'monitor.trace-mask';

/** A server's answers. Its trace mask is all that it keeps. */
export class FourLetterWords {
  /** `ZooTrace`: which traces are logged. Nothing here writes such a log. */
  traceMask = 306;

  /**
   * The answer to a word, which `stmk` has its new mask behind; null: the connection ends without one, as with bytes that
   * are no word.
   */
  answer(command: string, zoo: ZooConfig, subject: Subject<MonitoredServer | null>): Answer | null {
    const [word = '', argument] = command.split(' ');
    if (!isWord(word)) return null;
    if (!isEnabled(word, zoo)) {
      return { text: lines(`${word} is not executed because it is not in the whitelist.`), rule: 'monitor.whitelist' };
    }
    const { server } = subject;
    switch (word) {
      case 'ruok':
        return { text: 'imok', rule: 'monitor.ruok' };
      case 'envi': {
        const entries = environment(subject).map(([key, value]) => `${key}=${value}`);
        return { text: lines('Environment:', ...entries), rule: 'monitor.envi' };
      }
      case 'isro':
        return { text: server ? (server.mode === 'read-only' ? 'ro' : 'rw') : 'null', rule: 'session.is-ro' };
      case 'gtmk':
        return { text: String(this.traceMask), rule: TRACE_MASK_RULE };
      case 'stmk':
        // The real server reads eight more bytes.
        if (argument === undefined) return null;
        this.traceMask = Number(argument);
        return { text: argument, rule: TRACE_MASK_RULE };
      default:
        if (server) return { text: REPORTS[word]({ ...subject, server }), rule: `monitor.${word}` };
        // `hash` alone prints no line break.
        return { text: word === 'hash' ? NOT_SERVING : lines(NOT_SERVING), rule: 'monitor.not-serving' };
    }
  }
}

/** `FourLetterCommands.isEnabled`: clients and the start script need some words whatever the list says. */
export function isEnabled(word: string, { fourLetterWhitelist, readonlymodeEnabled }: ZooConfig): boolean {
  const listed = fourLetterWhitelist.split(',').map((each) => each.trim());
  return listed.includes('*') || listed.includes(word) || word === 'srvr' || (word === 'isro' && readonlymodeEnabled);
}

function isWord(word: string): word is FourLetterWord {
  return (FOUR_LETTER_WORDS as readonly string[]).includes(word);
}

function heading({ server }: Subject): readonly string[] {
  const version = `Zookeeper version: ${VERSION}`;
  return server.mode === 'read-only' ? [version, 'READ-ONLY mode; serving only read-only clients'] : [version];
}

function endsWithMembership({ peer, server }: Subject): boolean {
  return peer !== null && server.mode !== 'read-only';
}

function lines(...all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
