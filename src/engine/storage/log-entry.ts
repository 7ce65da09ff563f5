/** How events show what is in the log. */
import { unreachable } from '../../protocol/assert.ts';
import type { LogEntry } from '../../protocol/events.ts';
import type { LoggedTxn } from '../../protocol/txns.ts';

/** A transaction as log rows show it. `digest`: the Adler-32 of its record. */
export function logEntry({ header, txn }: LoggedTxn, digest: number): LogEntry {
  const entry = { zxid: header.zxid, txn: txn.type, digest };
  switch (txn.type) {
    case 'create':
    case 'create2':
    case 'createContainer':
    case 'createTTL':
    case 'delete':
    case 'deleteContainer':
    case 'setData':
    case 'setACL':
    case 'reconfig':
    case 'check':
      return { ...entry, path: txn.path };
    case 'error':
      return { ...entry, error: txn.error };
    case 'multi':
    case 'createSession':
    case 'closeSession':
      return entry;
    default:
      return unreachable(txn);
  }
}
