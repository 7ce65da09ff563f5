/**
 * How a request to reconfigure becomes a transaction: its checks, in order, and the configuration that it asks for
 * (`PrepRequestProcessor.pRequest2Txn`, case `reconfig`; reference/reconfig.md, sections 2 and 4).
 */
import type { ZooConfig } from '../../protocol/config.ts';
import type { Rules } from '../../protocol/defects.ts';
import type { KeeperError } from '../../protocol/errors.ts';
import {
  changeServers,
  clashingAddress,
  parseConfig,
  parseLong,
  parseServer,
  type ConfigError,
  type QuorumConfig,
  type QuorumServer,
} from '../../protocol/quorum-config.ts';
import type { Sid } from '../../protocol/ids.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import { quorumVerifier } from '../election/index.ts';
import type { QuorumVerifier, ReconfigOperation } from '../ports.ts';

/** What the new configuration is checked against. */
export interface ReconfigLeader {
  readonly ctx: Rules;
  readonly quorumVerifier: QuorumVerifier;
  readonly lastSeenQuorumVerifier: QuorumVerifier;
  /** `Leader.isQuorumSynced`: the voters that are connected as followers and synced are a quorum of it. */
  isQuorumSynced(verifier: QuorumVerifier): boolean;
}

/**
 * The configuration that is asked for, or the first check that fails. Before it come `reconfigEnabled` and the session,
 * after it the permission to write the znode, which belong to the request's processor.
 * @param zxid of the transaction: the version of the new configuration
 */
export function nextConfiguration(
  operation: ReconfigOperation,
  zxid: Zxid,
  zoo: ZooConfig,
  leader: ReconfigLeader,
): QuorumVerifier | KeeperError {
  const lastSeen = leader.lastSeenQuorumVerifier;
  const open = lastSeen.version !== leader.quorumVerifier.version;
  if (open && !leader.ctx.broken('two-reconfigs-at-once')) return 'RECONFIGINPROGRESS';
  const { curConfigId, newMembers } = operation;
  if (curConfigId !== -1 && curConfigId !== lastSeen.version) return 'BADVERSION';
  const next = newMembers === null ? incremental(operation, lastSeen.config) : bulk(newMembers, zoo);
  if (typeof next === 'string') return next;
  const verifier = quorumVerifier({ ...next, version: zxid });
  if (verifier.votingMembers.length < (zoo.standaloneEnabled ? 2 : 1)) return 'BADARGUMENTS';
  return leader.isQuorumSynced(verifier) ? verifier : 'NEWCONFIGNOQUORUM';
}

/** The whole list, separated by commas or line breaks. */
function bulk(newMembers: string, zoo: ZooConfig): QuorumConfig | KeeperError {
  const parsed = parseConfig(newMembers.replaceAll(',', '\n'), zoo);
  return parsed.ok ? parsed.value : errorOf(parsed);
}

/** The last configuration without those that leave, with those that join or replace one of the same id. */
function incremental(
  { joiningServers, leavingServers }: ReconfigOperation,
  last: QuorumConfig,
): QuorumConfig | KeeperError {
  if (last.hierarchy) return 'BADARGUMENTS';
  const leaving: number[] = [];
  for (const text of listOf(leavingServers)) {
    const sid = parseLong(text);
    if (sid === null) return 'MARSHALLINGERROR';
    leaving.push(sid);
  }
  const joining: QuorumServer[] = [];
  for (const text of listOf(joiningServers)) {
    const parts = trimmedParts(text, '=');
    const [key = '', spec = ''] = parts;
    if (parts.length !== 2) return 'BADARGUMENTS';
    const sid = parseLong(key.slice(key.lastIndexOf('.') + 1));
    if (sid === null) return 'MARSHALLINGERROR';
    const server = parseServer(sid as Sid, spec);
    if (!server.ok) return errorOf(server);
    if (!server.value.client) return 'BADARGUMENTS';
    const others = changeServers(last.servers, leaving, joining).filter((other) => other.sid !== sid);
    if (others.some((other) => clashingAddress(server.value, other))) return 'BADARGUMENTS';
    joining.push(server.value);
  }
  return { ...last, servers: changeServers(last.servers, leaving, joining) };
}

/** An exception that the real leader does not expect ends as any other: the request could not be read. */
function errorOf({ kind }: ConfigError): KeeperError {
  return kind === 'config' ? 'BADARGUMENTS' : 'MARSHALLINGERROR';
}

function listOf(text: string | null): readonly string[] {
  return text === null ? [] : trimmedParts(text, ',');
}

/** `StringUtils.split`: parts trimmed, empty ones left out. */
function trimmedParts(text: string, separator: string): readonly string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
