/** One step of the fold: what an event changes in the state of the lab. */
import { unreachable } from '../../protocol/assert.ts';
import type { TraceEvent } from '../../protocol/events.ts';
import type { LabState } from '../state.ts';
import { applyClient } from './client.ts';
import { applyConfig } from './config.ts';
import { applyElection } from './election.ts';
import { applyLog } from './log.ts';
import { applyNetwork } from './network.ts';
import { applyProcess } from './process.ts';
import { applySession } from './session.ts';
import { applyZab, hearAck } from './zab.ts';

/** Changes `state` to what it is right after `event`. */
export function apply(state: LabState, event: TraceEvent): void {
  state.t = event.t;
  switch (event.kind) {
    case 'lab-started':
    case 'action':
    case 'action-refused':
      // Their effects are events of their own.
      return;
    case 'link-cut':
    case 'link-healed':
    case 'link-latency':
    case 'link-hold':
    case 'link-release':
    case 'connect':
    case 'connected':
    case 'connect-failed':
    case 'disconnected':
    case 'send':
    case 'resend':
    case 'held':
    case 'lost':
      return applyNetwork(state, event);
    case 'receive':
      if (event.type === 'ACK') hearAck(state, event);
      return applyNetwork(state, event);
    case 'process-started':
    case 'process-killed':
    case 'process-exited':
    case 'process-paused':
    case 'process-resumed':
    case 'clock-rate':
    case 'disk-latency':
    case 'fsync-started':
    case 'fsync-done':
    case 'disk-lost':
    case 'disk-wiped':
    case 'disk-corrupted':
    case 'disk-torn':
    case 'disk-file-removed':
    case 'disk-full':
    case 'written-back':
      return applyProcess(state, event);
    case 'server-state':
    case 'zab-state':
    case 'election-started':
    case 'vote-changed':
    case 'vote-counted':
    case 'vote-ignored':
    case 'election-waiting':
    case 'elected':
      return applyElection(state, event);
    case 'epoch-heard':
    case 'epoch-proposed':
    case 'epoch-acked':
    case 'epoch-saved':
    case 'sync-chosen':
    case 'sync-received':
    case 'newleader-acked':
    case 'serving':
    case 'stepped-down':
    case 'learner-joined':
    case 'learner-lost':
    case 'proposed':
    case 'acked':
    case 'committed':
    case 'commit-received':
      return applyZab(state, event);
    case 'server-added':
    case 'server-removed':
    case 'config-seen':
    case 'config-activated':
    case 'config-written':
      return applyConfig(state, event);
    case 'recovered':
    case 'log-appended':
    case 'log-durable':
    case 'log-truncated':
    case 'applied':
    case 'tree-loaded':
    case 'snapshot-started':
    case 'files-purged':
    case 'digest-mismatch':
    case 'snapshot-taken':
      return applyLog(state, event);
    case 'request-rejected':
    case 'session-attached':
    case 'session-detached':
    case 'client-refused':
    case 'auth-added':
    case 'read-only':
    case 'quota-exceeded':
    case 'session-opened':
    case 'session-closed':
    case 'session-expired':
    case 'container-expired':
    case 'session-owner':
    case 'watch-set':
    case 'watch-fired':
    case 'watch-withheld':
    case 'watch-removed':
    case 'watches-dropped':
    case 'answered':
      return applySession(state, event);
    case 'client-state':
    case 'session-established':
    case 'call':
    case 'returned':
    case 'watch-event':
    case 'console-line':
    case 'console-output':
      return applyClient(state, event);
    default:
      return unreachable(event);
  }
}
