/** The client's border: a state machine like a server (src/process/io.ts), driven by commands too. */
import type { Defect } from '../protocol/defects.ts';
import type { ClientOp } from '../protocol/events.ts';
import type { ActorName, EventRef, RefSource, SessionId, Sid } from '../protocol/ids.ts';
import type { ProcessInput, ProcessOutput } from '../process/io.ts';
import type { VirtualTime } from '../protocol/time.ts';

/** What a client process is started with: the arguments of `new ZooKeeper(hosts, timeout)`. */
export interface ClientInit {
  readonly name: ActorName;
  /** Servers in the order in which they are tried; the first one first. */
  readonly servers: readonly Sid[];
  /** Wished session timeout, ms. */
  readonly sessionTimeout: number;
  /** May be served by a read-only server (`canBeReadOnly`); false if absent. */
  readonly readOnly?: boolean;
  /** Prefix of all paths; none if absent or empty. */
  readonly chroot?: string;
  /** A session that the first handle takes up. */
  readonly resume?: { readonly sessionId: SessionId; readonly passwd: string };
  /** Whether silence of all servers for 4/3 of the timeout ends the session, as in clients from 3.9.3 on; true if absent. */
  readonly localExpiry?: boolean;
  readonly seed: number;
  readonly incarnation: number;
  readonly refs: RefSource;
  /** The rules that it breaks; none if absent. */
  readonly defects?: readonly Defect[];
}

/** What a person, scenario or lesson tells a client. */
export type ClientCommand =
  /** One ZooKeeper operation, in zkCli's names (design/scenario.md). */
  | { readonly do: 'request'; readonly request: ClientOp }
  /** Several, sent at once: none waits for the one before. */
  | { readonly do: 'batch'; readonly requests: readonly ClientOp[] }
  /** A zkCli line. */
  | { readonly do: 'console'; readonly line: string }
  /** Go to this server next (a new connection of the same session); if the session is over, a new session. */
  | { readonly do: 'connect'; readonly server: Sid | null; readonly sessionTimeout: number | null };

export type ClientInput =
  | Exclude<ProcessInput, { readonly type: 'fsynced' | 'written' | 'accepted' }>
  | { readonly type: 'command'; readonly cause: EventRef; readonly command: ClientCommand };

export interface ClientEngine {
  step(now: VirtualTime, input: ClientInput): readonly ProcessOutput[];
}
