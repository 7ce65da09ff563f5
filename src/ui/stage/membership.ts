/**
 * How a server stands to the configuration of the ensemble, and which one it follows itself: what the
 * stage draws of reconfigurations (reference/reconfig.md, section 6). Pure.
 */
import { counterOf, formatZxid, ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts';
import type { ConfigView, LabState, ServerView } from '../../trace/index.ts';
import { shortZxid } from './format.ts';

/**
 * `joining`: it runs, and no configuration of the ensemble has named it yet. `removed`: one did, and the
 * newest does not. Both follow without a vote.
 */
export type Standing = 'voter' | 'observer' | 'joining' | 'removed';

export interface ConfigBadge {
  /** `v…05`; `v…05→…07` while a newer one is seen and not committed. */
  readonly text: string;
  /** It has seen one that is not committed. */
  readonly open: boolean;
  /** Others follow a newer one. */
  readonly behind: boolean;
  /** A reconfiguration was activated here a moment ago. */
  readonly fresh: boolean;
}

type Servers = LabState['servers'];

/** A change stays bright for so long, virtual ms. */
const FRESH_MS = 400;

/** The newest configuration that a server follows; of equals, a serving leader's. Null: none has ever started. */
export function newestConfig(servers: Servers): ConfigView | null {
  let newest: ConfigView | null = null;
  let leads = false;
  for (const { config, serving, serverState } of servers.values()) {
    if (config === null) continue;
    const leading = serving && serverState === 'LEADING';
    const { version } = config.committed;
    if (newest && (version < newest.version || (version === newest.version && (leads || !leading)))) continue;
    newest = config.committed;
    leads = leading;
  }
  return newest;
}

export function names({ members }: ConfigView, { sid }: Pick<ServerView, 'sid'>): boolean {
  return members.some((member) => member.sid === sid);
}

type Member = Pick<ServerView, 'sid' | 'role' | 'joined' | 'config'>;

export function standingOf(server: Member, newest: ConfigView | null): Standing {
  const own = server.config?.committed;
  // A joiner's own first list names it, and counts for nothing.
  const strange = own !== undefined && own.version > ZXID_ZERO && !names(own, server);
  if (strange || (newest !== null && !names(newest, server))) return server.joined ? 'removed' : 'joining';
  return server.role === 'observer' ? 'observer' : 'voter';
}

export const STANDING_WORDS: Readonly<Record<Standing, string | null>> = {
  voter: null,
  observer: 'observer',
  joining: 'no member of the configuration, follows without a vote',
  removed: 'removed from the configuration, runs on without a vote',
};

/** Whether a configuration was made by a reconfig, not established by the first leader. */
export function isReconfigured(version: Zxid): boolean {
  return counterOf(version) > 0;
}

/** Null as long as no configuration is established: then all follow the list of the lab. */
export function configBadge(
  { config }: Pick<ServerView, 'config'>,
  newest: ConfigView | null,
  t: number,
): ConfigBadge | null {
  if (config === null || newest === null || newest.version <= ZXID_ZERO) return null;
  const { committed, lastSeen, since } = config;
  const open = lastSeen.version > committed.version;
  const version = committed.version <= ZXID_ZERO ? '0' : shortZxid(committed.version);
  return {
    text: `v${version}${open ? `→${shortZxid(lastSeen.version)}` : ''}`,
    open,
    behind: committed.version < newest.version,
    fresh: isReconfigured(committed.version) && t - since <= FRESH_MS,
  };
}

/** `configuration 0x100000000, has seen 0x100000005` */
export function configWords({ config }: Pick<ServerView, 'config'>): string | null {
  if (config === null || config.lastSeen.version <= ZXID_ZERO) return null;
  const { committed, lastSeen } = config;
  const seen = lastSeen.version > committed.version ? `, has seen ${formatZxid(lastSeen.version)}` : '';
  return `configuration ${formatZxid(committed.version)}${seen}`;
}

/** Whether groups, not a majority, make a quorum. */
export function hasGroups({ text }: Pick<ConfigView, 'text'>): boolean {
  return /^group\./m.test(text);
}
