/** A scenario after validation: every default filled in (design/scenario.md). */
import type { MemberConfig, QuorumGroups, ZooConfig } from '../protocol/config.ts';
import type { Defect } from '../protocol/defects.ts';
import type { Action } from './actions.ts';

export const SCENARIO_FORMAT = 'zabscope/scenario@1';

export interface ScenarioClient {
  readonly name: string;
  /** The server tried first; the others follow in order of their sids, then from the start again. */
  readonly server: number;
  /** ms */
  readonly sessionTimeout: number;
  /** May be served by a read-only server. */
  readonly readOnly: boolean;
  /** Prefix of all its paths; empty: none. */
  readonly chroot: string;
}

/** What a server's disk holds before its first start: files as they are, or what they are made of. */
export interface DiskPreset {
  /** By name, such as `version-2/log.1`; no other key then. */
  readonly files?: Readonly<Record<string, { readonly base64: string }>>;
  readonly acceptedEpoch?: number;
  readonly currentEpoch?: number;
  readonly snapshot?: {
    readonly zxid: string;
    readonly nodes: readonly { readonly path: string; readonly data?: string }[];
  };
  readonly log?: readonly (
    | { readonly zxid: string; readonly op: 'create' | 'set'; readonly path: string; readonly data?: string }
    | { readonly zxid: string; readonly op: 'delete'; readonly path: string }
  )[];
}

export interface Scenario {
  readonly format: typeof SCENARIO_FORMAT;
  readonly title: string;
  readonly seed: number;
  readonly ensemble: ZooConfig &
    QuorumGroups & { readonly servers: readonly MemberConfig[]; readonly autoStart: boolean };
  /** The instant at which the page opens the lab, ms. */
  readonly start: number;
  readonly network: { readonly latency: readonly [number, number] };
  readonly disk: { readonly fsync: readonly [number, number] };
  /** By sid; `*`: every server that has none of its own. */
  readonly disks: Readonly<Record<string, DiskPreset>>;
  readonly clients: readonly ScenarioClient[];
  readonly actions: readonly Action[];
  /** Rules that all processes of this lab break. */
  readonly defects: readonly Defect[];
  /** The instant at which a headless run ends, ms. */
  readonly until: number;
}
