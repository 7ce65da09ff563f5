/** Four-letter words and their answers (`FourLetterCommands`). */
import type { ZooConfig } from '../../protocol/config.ts';

/** What the answers tell of. */
export interface WordServer {
  readonly readOnly: boolean;
}

/** @param server whoever serves clients now; null: nobody */
type Answer = (server: WordServer | null) => string;

const ANSWERS: Readonly<Record<string, Answer>> = {
  isro: (server) => (server ? (server.readOnly ? 'ro' : 'rw') : 'null'),
};

/** The text that the server answers; null: it is no word that this server knows. */
export function answerFourLetterWord(word: string, server: WordServer | null, zoo: ZooConfig): string | null {
  const answer = Object.hasOwn(ANSWERS, word) ? ANSWERS[word] : undefined;
  if (!answer) return null;
  return isEnabled(word, zoo) ? answer(server) : `${word} is not executed because it is not in the whitelist.\n`;
}

/** `FourLetterCommands.isEnabled`: clients and the start script need some words whatever the list says. */
function isEnabled(word: string, { fourLetterWhitelist, readonlymodeEnabled }: ZooConfig): boolean {
  const listed = fourLetterWhitelist.split(',').map((each) => each.trim());
  return listed.includes('*') || listed.includes(word) || word === 'srvr' || (word === 'isro' && readonlymodeEnabled);
}
