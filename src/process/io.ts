/**
 * A process (a server or a client) as its host sees it: a value plus `step(now, input) → outputs`.
 * It has no clock, no randomness but its seed's, no promise, no port. The host must honour outputs
 * in their order.
 */
import type { EventBody } from '../protocol/events.ts';
import type { ActorName, ConnId, EventRef } from '../protocol/ids.ts';
import type { Packet, Port } from '../protocol/network.ts';
import type { RuleId } from '../protocol/rules/index.ts';
import type { VirtualTime } from '../protocol/time.ts';

/** One input. `cause` is the event that brings it (the receive, the fsync, the action …). */
export type ProcessInput = { readonly cause: EventRef } & (
  | { readonly type: 'boot' }
  /** A connection that this process asked for stands. */
  | { readonly type: 'connected'; readonly conn: ConnId; readonly peer: ActorName; readonly port: Port }
  | { readonly type: 'connect-failed'; readonly conn: ConnId; readonly peer: ActorName; readonly port: Port }
  /** A peer connected to a port that this process listens on. */
  | { readonly type: 'accepted'; readonly conn: ConnId; readonly peer: ActorName; readonly port: Port }
  | {
      readonly type: 'packet';
      readonly conn: ConnId;
      readonly peer: ActorName;
      readonly port: Port;
      readonly packet: Packet;
    }
  /** The other side closed, or the connection broke. Not told after an own close. */
  | { readonly type: 'closed'; readonly conn: ConnId; readonly peer: ActorName; readonly port: Port }
  | { readonly type: 'timer'; readonly timer: number }
  /** An fsync, or a write, is done. */
  | { readonly type: 'fsynced' | 'written'; readonly token: number }
);

export type ProcessOutput =
  /** Only the ports listened on accept connections; others refuse. */
  | { readonly type: 'listen'; readonly port: Port; readonly open: boolean }
  | {
      readonly type: 'connect';
      readonly conn: ConnId;
      readonly to: ActorName;
      readonly port: Port;
      readonly causes: readonly EventRef[];
    }
  | {
      readonly type: 'send';
      readonly conn: ConnId;
      readonly packet: Packet;
      readonly ref: EventRef;
      readonly causes: readonly EventRef[];
      readonly rule: RuleId | undefined;
    }
  | { readonly type: 'close'; readonly conn: ConnId; readonly reason: string; readonly causes: readonly EventRef[] }
  /** Comes back as input `timer`, with `cause`, at `at` by this process's own clock. */
  | { readonly type: 'timer'; readonly timer: number; readonly at: VirtualTime; readonly cause: EventRef }
  | { readonly type: 'cancel-timer'; readonly timer: number }
  /** Everything written to `file` so far becomes durable after the disk's latency. Fsyncs of a disk run one after the other. */
  | { readonly type: 'fsync'; readonly file: string; readonly token: number; readonly causes: readonly EventRef[] }
  /** Bytes that were just written to `file` occupy whoever wrote them as long as the disk takes; they are not durable then. */
  | {
      readonly type: 'write';
      readonly file: string;
      readonly bytes: number;
      readonly token: number;
      readonly causes: readonly EventRef[];
    }
  | { readonly type: 'event'; readonly event: ProcessEvent }
  /** The process ends itself (a fatal error of the real server). Nothing follows. */
  | { readonly type: 'exit'; readonly reason: string };

/** A trace event before the host adds time and actor. */
export interface ProcessEvent {
  readonly ref: EventRef;
  readonly body: EventBody;
  readonly causes: readonly EventRef[];
  readonly rule: RuleId | undefined;
}

export interface EmitOptions {
  readonly rule?: RuleId;
  /** Causes beside the current input's; the current input's cause is always the last. Given `only`, it is left out. */
  readonly causes?: readonly EventRef[];
  readonly only?: boolean;
}

/** A timer that was set; cancelling one that has fired does nothing. */
export interface Timer {
  readonly at: VirtualTime;
  cancel(): void;
}
