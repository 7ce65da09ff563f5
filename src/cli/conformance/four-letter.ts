/** Asks a server a four-letter word on a connection of its own, as the recordings' harness did. */
import { serverName, sid } from '../../protocol/ids.ts';
import { RawClient } from './raw-client.ts';
import type { Stage } from './stage.ts';

/** The station that asks; no recording has a label with spaces. */
export const ASKER = 'four-letter words';
/** Virtual ms that an answer may take. */
const ANSWER_MS = 10_000;

/** The answer's text; empty if the server hung up without one. */
export async function fourLetterWord(stage: Stage, server: number, word: string): Promise<string> {
  const opened: { client?: RawClient } = {};
  await stage.order(ASKER, {
    do: 'open',
    server,
    create: (refs, incarnation) =>
      (opened.client = new RawClient(stage.actor(ASKER), serverName(sid(server)), refs, incarnation)),
  });
  opened.client?.send({ type: 'FourLetterWord', word });
  await stage.act(stage.request(ASKER, { op: 'ask' }));
  await stage.until(() => opened.client?.ended ?? true, ANSWER_MS);
  return (opened.client?.received ?? [])
    .map((each) => ('packet' in each && each.packet.type === 'FourLetterAnswer' ? each.packet.text : ''))
    .join('');
}
