/** The actions of a scenario (design/scenario.md): what a person, a lesson or a file does to a lab. */
import type { ClientOp } from '../protocol/events.ts';
import type { PacketType } from '../protocol/network.ts';

/** A server in an action is its sid; in `from`, `to` actors are named (`s1`, `alice`). */
export type ActionBody =
  | { readonly do: 'kill' | 'restart' | 'wipe'; readonly server: number }
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
  | { readonly do: 'corrupt'; readonly server: number; readonly file: string; readonly offset: number | 'tail' }
  | { readonly do: 'clock'; readonly server: number; readonly rate: number }
  | { readonly do: 'connect'; readonly client: string; readonly server?: number; readonly sessionTimeout?: number }
  | { readonly do: 'disconnect'; readonly client: string }
  | ({ readonly do: 'request'; readonly client: string } & ClientOp)
  | { readonly do: 'console'; readonly client: string; readonly line: string };

/** An action with its instant, virtual ms. */
export type Action = ActionBody & { readonly at: number };
export type ActionName = ActionBody['do'];
