/** The actions of a scenario (design/scenario.md): what a person, a lesson or a file does to a lab. */
import type { Role } from '../protocol/config.ts';
import type { ClientOp } from '../protocol/events.ts';
import type { PacketType } from '../protocol/network.ts';

/** A server in an action is its sid; in `from`, `to` actors are named (`s1`, `alice`). */
export type ActionBody =
  | { readonly do: 'kill' | 'restart' | 'wipe'; readonly server: number }
  /** A new server process, to join the ensemble; its sid must be free. */
  | { readonly do: 'add-server'; readonly sid: number; readonly role?: Role }
  /** Its process is taken away with its disk. */
  | { readonly do: 'remove-server'; readonly sid: number }
  | { readonly do: 'pause' | 'resume'; readonly server: number }
  | { readonly do: 'pause' | 'resume'; readonly client: string }
  | {
      readonly do: 'hold' | 'release' | 'drop';
      readonly from: string;
      readonly to: string;
      readonly type?: PacketType;
      readonly count?: number;
    }
  | { readonly do: 'cut' | 'heal'; readonly from: string; readonly to: string; readonly oneWay?: boolean }
  | { readonly do: 'partition'; readonly groups: readonly (readonly number[])[] }
  | { readonly do: 'heal-all' }
  | { readonly do: 'latency'; readonly from: string; readonly to: string; readonly latency: readonly [number, number] }
  | { readonly do: 'drop-connection'; readonly from: string; readonly to: string }
  | { readonly do: 'disk'; readonly server: number; readonly fsync: readonly [number, number] }
  /** Every write fails from now on, or no longer (`full` is true by default). */
  | { readonly do: 'disk-full'; readonly server: number; readonly full?: boolean }
  /** A name that ends in `*` means all files that begin so. */
  | { readonly do: 'remove-file'; readonly server: number; readonly file: string }
  /** One byte at an offset changes; `tail`: the last write is torn. */
  | { readonly do: 'corrupt'; readonly server: number; readonly file: string; readonly offset: number | 'tail' }
  | { readonly do: 'clock'; readonly server: number; readonly rate: number }
  /**
   * An operator asks: a four-letter word on the clients' port (`mntr`; `stmk 306` with its mask), or a command of the admin
   * server by its path (`/commands/leader`, `/commands/set_trace_mask?traceMask=306`).
   */
  | { readonly do: 'ask'; readonly server: number; readonly command: string }
  | { readonly do: 'connect'; readonly client: string; readonly server?: number; readonly sessionTimeout?: number }
  | { readonly do: 'disconnect'; readonly client: string }
  | ({ readonly do: 'request'; readonly client: string } & ClientOp)
  | { readonly do: 'console'; readonly client: string; readonly line: string };

/** An action with its instant, virtual ms. */
export type Action = ActionBody & { readonly at: number };
export type ActionName = ActionBody['do'];
