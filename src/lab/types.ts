/**
 * How conductor and actors meet. An actor is a process with its simulated machine (network, disk,
 * clock), the kernel of src/lab/kernel. It runs in windows of virtual time: at the end of each it
 * posts one batch to every peer, and it begins the next when it holds every peer's batch.
 */
import type { ClientCommand } from '../client/index.ts';
import type { MemberConfig, QuorumGroups, ZooConfig } from '../protocol/config.ts';
import type { Defect } from '../protocol/defects.ts';
import type { EventBody, RawEvent, RecordedAction } from '../protocol/events.ts';
import type { ActorName, ConnId, EventRef, Sid } from '../protocol/ids.ts';
import type { Packet, PacketType, Port } from '../protocol/network.ts';
import type { VirtualTime } from '../protocol/time.ts';

/** Files of a server's disk between two processes: plain data. */
export interface DiskImage {
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

/** The configuration with which a server is started. */
export interface InitialList extends QuorumGroups {
  readonly members: readonly MemberConfig[];
}

/** What an actor is made of. Plain data: it crosses into workers. */
export interface ActorInit {
  readonly name: ActorName;
  /** Position in the order of all actors of the lab: 0 is the conductor. */
  readonly index: number;
  readonly seed: number;
  readonly incarnation: number;
  /** The rules that it breaks. */
  readonly defects: readonly Defect[];
  /** Counter of its first event's reference. */
  readonly firstRef: number;
  readonly startsAt: VirtualTime;
  /** Whether it keeps its events; true if absent. Without them benchmarks find what a trace costs. */
  readonly traced?: boolean;
  /** The action (or lab-started) that starts it. */
  readonly cause: EventRef;
  /** All peers, each with its index; latency of the direction to them; cuts and holds that are in force. */
  readonly links: readonly LinkInit[];
  readonly process:
    | ({
        readonly type: 'server';
        readonly sid: Sid;
        readonly zoo: ZooConfig;
        readonly disk: DiskImage;
        readonly fsync: readonly [number, number];
        readonly diskFull: boolean;
        readonly clockRate: number;
      } & InitialList)
    | {
        readonly type: 'client';
        readonly servers: readonly Sid[];
        readonly sessionTimeout: number;
        readonly readOnly: boolean;
        readonly chroot: string;
      };
}

export interface LinkInit {
  readonly peer: ActorName;
  readonly peerIndex: number;
  /** Whether the peer's process lives. */
  readonly up: boolean;
  /** ms, drawn uniformly for each packet. */
  readonly latency: readonly [number, number];
  readonly cutTo: boolean;
  readonly cutFrom: boolean;
  readonly holds: readonly Hold[];
  readonly drops: readonly Hold[];
}

/** Packets of `type` (all, if null) wait; the next `count` of them, or all. */
export interface Hold {
  readonly type: PacketType | null;
  readonly count: number | null;
}

/** A change that the conductor makes at an instant, before anything else of that instant. */
export type Control = { readonly at: VirtualTime; readonly cause: EventRef } & (
  | { readonly type: 'link-cut' | 'link-heal'; readonly from: ActorName; readonly to: ActorName }
  | {
      readonly type: 'link-latency';
      readonly from: ActorName;
      readonly to: ActorName;
      readonly latency: readonly [number, number];
    }
  | {
      readonly type: 'link-hold' | 'link-release' | 'link-drop';
      readonly from: ActorName;
      readonly to: ActorName;
      readonly packets: Hold;
    }
  | { readonly type: 'drop-connections'; readonly between: readonly [ActorName, ActorName] }
  | { readonly type: 'peer-up'; readonly peer: ActorName; readonly peerIndex: number; readonly link: LinkInit }
  | { readonly type: 'peer-down' | 'peer-removed'; readonly peer: ActorName }
  | { readonly type: 'pause' | 'resume' }
  | { readonly type: 'fsync'; readonly fsync: readonly [number, number] }
  | { readonly type: 'disk-full'; readonly full: boolean }
  | { readonly type: 'clock'; readonly rate: number }
  | { readonly type: 'command'; readonly command: ClientCommand }
  | { readonly type: 'ask'; readonly command: string }
);

/** Run all that happens up to `to` inclusive, in windows of `window` ms. */
export interface Grant {
  readonly to: VirtualTime;
  readonly window: number;
  readonly controls: readonly Control[];
}

/** Events that are not made yet: only what orders them is at hand. */
export interface PackedEvents {
  /** Of each event its instant and its reference. */
  readonly order: Float64Array;
  /** Makes them anew with each call. */
  unpack(): readonly RawEvent[];
}

/** What an actor did in a grant. */
export interface Report {
  /** In the order in which it happened. */
  readonly events: readonly RawEvent[] | PackedEvents;
  /** Earliest instant at which this actor has something to do by itself; null: nothing. */
  readonly next: VirtualTime | null;
  /** The process ended itself. */
  readonly exited: string | null;
}

/** What is left of a killed actor. */
export interface Remains {
  readonly events: readonly RawEvent[];
  readonly nextRef: number;
  readonly disk: DiskImage | null;
  /** Holds and drops that are still in force on the links from here: they belong to the network. */
  readonly traps: readonly {
    readonly peer: ActorName;
    readonly holds: readonly Hold[];
    readonly drops: readonly Hold[];
  }[];
}

/** One thing on the wire between two kernels. */
export type Segment = {
  readonly conn: ConnId;
  readonly arrives: VirtualTime;
  /** Running number of the sender's segments to this peer. */
  readonly seq: number;
  /** The event at the sender that this comes from. */
  readonly cause: EventRef;
} & (
  | { readonly type: 'syn'; readonly port: Port }
  | { readonly type: 'syn-ack' }
  | { readonly type: 'data'; readonly packet: Packet }
  | { readonly type: 'fin' | 'rst' }
);

/** What an actor posts to a peer at the end of a window: nothing but segments. */
export type Batch = readonly Segment[];

/**
 * A running actor as the conductor holds it, whatever it runs in. Every failure rejects: an exception
 * in the actor, a message that cannot be read, a worker that is gone.
 */
export interface ActorHandle {
  readonly name: ActorName;
  advance(grant: Grant): Promise<Report>;
  /** The files of a server's disk as its process sees them now, durable or not; null for a client. */
  disk(): Promise<DiskImage | null>;
  /** Dies at `at`, before anything else of that instant; the worker is ended. */
  kill(at: VirtualTime, cause: EventRef): Promise<Remains>;
  /** Ends the worker, whatever it does. */
  dispose(): void;
}

/** Where actors run: plain objects, Node worker threads or Web Workers. */
export interface ActorHost {
  /** Starts an actor and connects it with every live peer given in `init.links`. */
  spawn(init: ActorInit): Promise<ActorHandle>;
  /** The disk of a server that is down was changed; null: it is gone with its machine. For hosts that keep disks outside of their workers. */
  storeDisk?(name: ActorName, image: DiskImage | null): Promise<void>;
  dispose(): void;
}

export type { EventBody, RecordedAction };
