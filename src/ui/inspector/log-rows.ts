/** The newest entries of a server's transaction log as rows: what, and how far each has got. Pure. */
import type { LogEntry } from '../../protocol/events.ts';
import type { EventId } from '../../protocol/ids.ts';
import { formatZxid, type Zxid } from '../../protocol/zxid.ts';
import type { ServerView } from '../../trace/index.ts';

export type LogFate = 'committed' | 'acked' | 'logged' | 'writing';

export interface LogRow {
  readonly zxid: Zxid;
  /** The end of the zxid, which is what differs. */
  readonly tail: string;
  readonly what: string;
  readonly fate: LogFate;
  /** `committed`, `logged only`, `1 of 3 acks`, `old 1/2, new 1/3`, `not on disk yet` */
  readonly words: string;
  /** The proposal, at the leader. */
  readonly event: EventId | null;
}

type Proposal = Pick<NonNullable<ReturnType<ServerView['outstanding']['get']>>, 'acks' | 'need' | 'next'>;
type LogOf = Pick<ServerView, 'log' | 'outstanding' | 'lastCommitted' | 'lastDurable'>;

/** At most `limit` rows, oldest first. */
export function logRows(server: LogOf, limit = 12): readonly LogRow[] {
  return server.log.slice(-limit).map((entry) => {
    const proposal = server.outstanding.get(entry.zxid) ?? null;
    const [fate, words] = fateOf(server, entry, proposal);
    const event = proposal?.event ?? null;
    return { zxid: entry.zxid, tail: tailOf(entry.zxid), what: whatOf(entry), fate, words, event };
  });
}

function fateOf(server: LogOf, { zxid }: LogEntry, proposal: Proposal | null): [LogFate, string] {
  if (zxid <= server.lastCommitted) return ['committed', 'committed'];
  if (proposal !== null) return ['acked', ackWords(proposal)];
  return zxid <= server.lastDurable ? ['logged', 'logged only'] : ['writing', 'not on disk yet'];
}

/** While a reconfiguration is open, of the old and of the new configuration. */
function ackWords({ acks, need, next }: Proposal): string {
  return next ? `old ${acks.length}/${need}, new ${next.acks.length}/${next.need}` : `${acks.length} of ${need} acks`;
}

function tailOf(zxid: Zxid): string {
  return `…${formatZxid(zxid).slice(-2)}`;
}

function whatOf({ txn, path, error }: LogEntry): string {
  return [txn, path ?? error].filter((word) => word !== undefined).join(' ');
}
