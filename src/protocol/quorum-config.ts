/**
 * A configuration of an ensemble as text, the way the real server prints and reads it: in
 * `/zookeeper/config`, in NEWLEADER and notifications, in requests to reconfigure and in the dynamic
 * configuration file. Sources: `QuorumServer`, `QuorumMaj`, `QuorumHierarchical`,
 * `QuorumPeerConfig.parseDynamicConfig`, `java.util.Properties`, `ConfigUtils.getHostAndPort`.
 *
 * Lines of servers stand in the order of a Java hash table of their ids: ascending, as long as ids are
 * smaller than the table.
 */
import type { MemberConfig, QuorumGroups, Role } from './config.ts';
import type { Sid } from './ids.ts';
import { ZXID_ZERO, type Zxid } from './zxid.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One `server.<id>=…` line (`QuorumPeer.QuorumServer`). */
export interface QuorumServer {
  readonly sid: Sid;
  readonly role: Role;
  /** Where learners find it as their leader. */
  readonly quorum: Address;
  readonly election: Address;
  /** Null: the line names no client port. */
  readonly client: Address | null;
}

export interface QuorumConfig {
  /** zxid of the reconfig that made it; 0: never established. */
  readonly version: Zxid;
  /** In the order in which they are printed. */
  readonly servers: readonly QuorumServer[];
  /** Null: a majority rules. */
  readonly hierarchy: Hierarchy | null;
}

/** `group.<gid>` and `weight.<sid>` lines. */
export interface Hierarchy {
  /** Group of each server that is in one. */
  readonly groupOf: ReadonlyMap<Sid, number>;
  readonly weightOf: ReadonlyMap<Sid, number>;
}

/**
 * Why a text is no configuration. `config`: the real server says so itself (`ConfigException`);
 * `argument`: something in it is no number or out of range, and an exception of another kind ends the request.
 */
export interface ConfigError {
  readonly ok: false;
  readonly kind: 'config' | 'argument';
  readonly message: string;
}
export type Parsed<T> = { readonly ok: true; readonly value: T } | ConfigError;

const HOST = '127.0.0.1';
/** Ports of server i of a lab are these plus i. */
const PORTS = { quorum: 28_880, election: 38_880, client: 21_810 } as const;

/** The addresses of a lab's server. */
export function labServer({ sid, role }: MemberConfig): QuorumServer {
  const at = (base: number): Address => ({ host: HOST, port: base + sid });
  return { sid, role, quorum: at(PORTS.quorum), election: at(PORTS.election), client: at(PORTS.client) };
}

/** The configuration that a lab's servers are first started with: version 0. */
export function initialConfig(members: readonly MemberConfig[], { groups, weights }: QuorumGroups): QuorumConfig {
  const grouped = Object.entries(groups).flatMap(([gid, sids]) => sids.map((sid) => [sid, Number(gid)] as const));
  const servers = inTableOrder(members.map(labServer), ({ sid }) => sid, DEFAULT_TABLE);
  if (grouped.length === 0) return { version: ZXID_ZERO, servers, hierarchy: null };
  const given = Object.entries(weights).map(([sid, weight]) => [Number(sid) as Sid, weight] as const);
  return { version: ZXID_ZERO, servers, hierarchy: hierarchyOf(servers, new Map(grouped), new Map(given)) };
}

/** Participants without a weight have 1. */
function hierarchyOf(
  servers: readonly QuorumServer[],
  groupOf: ReadonlyMap<Sid, number>,
  given: ReadonlyMap<Sid, number>,
): Hierarchy {
  const weights = new Map(given);
  for (const { sid, role } of servers) if (role === 'participant' && !weights.has(sid)) weights.set(sid, 1);
  const ordered = <T>(map: ReadonlyMap<Sid, T>): ReadonlyMap<Sid, T> =>
    new Map(inTableOrder([...map], ([sid]) => sid, DEFAULT_TABLE));
  return { groupOf: ordered(groupOf), weightOf: ordered(weights) };
}

/** `/zookeeper/config` as one text, without a line break at its end (`QuorumMaj.toString`, `QuorumHierarchical.toString`). */
export function formatConfig({ servers, hierarchy, version }: QuorumConfig): string {
  const lines = servers.map((server) => `server.${server.sid}=${formatServer(server)}`);
  if (hierarchy) {
    const groups = new Map<number, Sid[]>();
    for (const [sid, gid] of hierarchy.groupOf) groups.set(gid, [...(groups.get(gid) ?? []), sid]);
    for (const [gid, sids] of inTableOrder([...groups], ([gid]) => gid, DEFAULT_TABLE)) {
      lines.push(`group.${gid}=${sids.join(':')}`);
    }
    for (const [sid, weight] of hierarchy.weightOf) lines.push(`weight.${sid}=${weight}`);
  }
  return [...lines, `version=${version.toString(16)}`].join('\n');
}

/** The version in the last line of a configuration's text; 0 where there is none. */
export function configVersion(text: string): Zxid {
  const [, digits] = /(?:^|\n)version=([0-9a-f]{1,13})$/.exec(text) ?? [];
  return digits === undefined ? ZXID_ZERO : (Number.parseInt(digits, 16) as Zxid);
}

/** `host:port:port:role;host:port` (`QuorumServer.toString`). */
export function formatServer({ quorum, election, role, client }: QuorumServer): string {
  const clients = client ? `;${hostText(client.host)}:${client.port}` : '';
  return `${hostText(quorum.host)}:${quorum.port}:${election.port}:${role}${clients}`;
}

/** `host:port` */
export function formatAddress({ host, port }: Address): string {
  return `${hostText(host)}:${port}`;
}

function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * Reads a configuration: lines of servers, groups, weights and the version, in any order
 * (`QuorumPeerConfig.parseDynamicConfig`).
 */
export function parseConfig(
  text: string,
  { standaloneEnabled }: { readonly standaloneEnabled: boolean },
): Parsed<QuorumConfig> {
  const properties = parseProperties(text);
  const groupOf = new Map<Sid, number>();
  const weightOf = new Map<Sid, number>();
  const servers: QuorumServer[] = [];
  let version = ZXID_ZERO;
  let hierarchical = false;
  for (const key of properties.keys()) {
    if (key.startsWith('group') || key.startsWith('weight')) hierarchical = true;
    else if (!key.startsWith('server.') && key !== 'version') return configError(`Unrecognised parameter: ${key}`);
  }
  for (const [key, value] of properties) {
    const id = parseLong(key.slice(key.indexOf('.') + 1));
    if (key === 'version') {
      const number = /^\+?[0-9a-f]{1,14}$/i.test(value) ? Number.parseInt(value, 16) : null;
      if (number === null || !Number.isSafeInteger(number)) return argumentError(`no version: ${value}`);
      version = number as Zxid;
      continue;
    }
    if (id === null) return argumentError(`no number in ${key}`);
    if (key.startsWith('server.')) {
      const server = parseServer(id as Sid, value);
      if (!server.ok) return server;
      servers.push(server.value);
    } else if (key.startsWith('group')) {
      for (const part of javaSplit(value, ':')) {
        const sid = parseLong(part);
        if (sid === null) return argumentError(`no number in ${key}: ${part}`);
        if (groupOf.has(sid as Sid)) return configError(`Server ${sid} is in multiple groups`);
        groupOf.set(sid as Sid, id);
      }
    } else {
      const weight = parseLong(value);
      if (weight === null) return argumentError(`no weight: ${value}`);
      weightOf.set(id as Sid, weight);
    }
  }
  const ordered = inTableOrder(servers, ({ sid }) => sid, DEFAULT_TABLE);
  const voters = servers.filter(({ role }) => role === 'participant');
  let hierarchy: Hierarchy | null = null;
  if (hierarchical) {
    const stranded = voters.find(({ sid }) => !groupOf.has(sid));
    if (stranded) return configError(`Server ${stranded.sid} is not in a group`);
    hierarchy = hierarchyOf(ordered, groupOf, weightOf);
    const weightless = [...groupOf.keys()].find((sid) => !hierarchy?.weightOf.has(sid));
    if (weightless !== undefined) return argumentError(`Server ${weightless} is in a group and has no weight`);
  }
  if (voters.length === 0 && (!standaloneEnabled || servers.length > 0)) {
    return argumentError('there are no participants');
  }
  if (voters.length === 1 && standaloneEnabled && servers.length > 1) {
    return argumentError('Observers w/o quorum is an invalid configuration');
  }
  return { ok: true, value: { version, servers: ordered, hierarchy } };
}

/** What stands behind `server.<sid>=` (`QuorumServer.initializeWithAddressString`). Several addresses are not enabled. */
export function parseServer(sid: Sid, text: string): Parsed<QuorumServer> {
  const parts = javaSplit(text, ';');
  const [addresses] = parts;
  if (addresses === undefined) return argumentError(`nothing in ${text}`);
  let client: Address | null = null;
  if (parts.length === 2) {
    const fields = hostAndPort(parts[1] ?? '');
    if (!fields.ok) return fields;
    if (fields.value.length > 2) return wrongForm(text);
    const port = parsePort(fields.value.at(-1) ?? '');
    if (!port.ok) return port;
    client = { host: fields.value.length === 2 ? (fields.value[0] ?? '') : '0.0.0.0', port: port.value };
  }
  if (javaSplit(addresses, '|').length > 1) return configError('Multiple address feature is disabled');
  const fields = hostAndPort(javaSplit(addresses, '|')[0] ?? '');
  if (!fields.ok) return fields;
  if (parts.length > 2 || fields.value.length < 3 || fields.value.length > 4) return wrongForm(text);
  const [host = '', quorumText = '', electionText = '', roleText] = fields.value;
  const quorum = parsePort(quorumText);
  if (!quorum.ok) return quorum;
  const election = parsePort(electionText);
  if (!election.ok) return election;
  if (quorum.value === election.value) return configError(`server.${sid} needs two different ports`);
  const role = roleText?.trim().toLowerCase() ?? 'participant';
  if (role !== 'participant' && role !== 'observer') return configError(`Unrecognised peertype: ${roleText}`);
  return {
    ok: true,
    value: { sid, role, quorum: { host, port: quorum.value }, election: { host, port: election.value }, client },
  };
}

/** An address that both servers claim (`QuorumServer.checkAddressDuplicate`). Loopback and wildcard addresses, and names that nobody resolves, never clash. */
export function clashingAddress(a: QuorumServer, b: QuorumServer): Address | null {
  const claimed = ({ quorum, election, client }: QuorumServer): readonly Address[] =>
    [quorum, election, ...(client ? [client] : [])].filter(({ host }) => isDistinct(host));
  return claimed(a).find((mine) => claimed(b).some((other) => sameAddress(mine, other))) ?? null;
}

function isDistinct(host: string): boolean {
  const ipv4 = /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
  if (ipv4) return !host.startsWith('127.') && host !== '0.0.0.0';
  return host.includes(':') && host !== '::' && host !== '::1';
}

export function sameAddress(a: Address | null, b: Address | null): boolean {
  return a === b || (a !== null && b !== null && a.host === b.host && a.port === b.port);
}

/** Same id, role and addresses (`QuorumServer.equals`). */
function sameServer(a: QuorumServer, b: QuorumServer): boolean {
  return (
    a.sid === b.sid &&
    a.role === b.role &&
    sameAddress(a.quorum, b.quorum) &&
    sameAddress(a.election, b.election) &&
    sameAddress(a.client, b.client)
  );
}

/** Same version, or the same servers, groups and weights (`QuorumMaj.equals`, `QuorumHierarchical.equals`). */
export function sameConfig(a: QuorumConfig, b: QuorumConfig): boolean {
  if ((a.hierarchy === null) !== (b.hierarchy === null)) return false;
  if (a.version === b.version) return true;
  const others = new Map(b.servers.map((server) => [server.sid, server]));
  return (
    a.servers.length === b.servers.length &&
    a.servers.every((server) => {
      const other = others.get(server.sid);
      return other !== undefined && sameServer(server, other);
    }) &&
    sameMap(a.hierarchy?.groupOf, b.hierarchy?.groupOf) &&
    sameMap(a.hierarchy?.weightOf, b.hierarchy?.weightOf)
  );
}

function sameMap(a: ReadonlyMap<Sid, number> = new Map(), b: ReadonlyMap<Sid, number> = new Map()): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

/**
 * The servers after some have left, and others have joined or replaced those of the same id, in the order
 * of the table that the real leader copies and changes.
 */
export function changeServers(
  servers: readonly QuorumServer[],
  leaving: readonly number[],
  joining: readonly QuorumServer[],
): readonly QuorumServer[] {
  const table = new Map(servers.map((server) => [server.sid, server]));
  let capacity = copyCapacity(servers.length);
  for (const sid of leaving) table.delete(sid as Sid);
  for (const server of joining) {
    table.delete(server.sid);
    table.set(server.sid, server);
    if (table.size > 0.75 * capacity) capacity *= 2;
  }
  return tableOrder([...table.values()], ({ sid }) => sid, capacity);
}

/** `Long.parseLong`; null where that throws, or beyond 53 bits. */
export function parseLong(text: string): number | null {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : null;
}

function parsePort(text: string): Parsed<number> {
  const port = parseLong(text);
  if (port === null || Math.abs(port) >= 2 ** 31) return configError(`Address unresolved: ${text}`);
  return port >= 0 && port <= 0xffff ? { ok: true, value: port } : argumentError(`port out of range: ${port}`);
}

/** Host and what follows, separated by colons; the host may be an IPv6 address in brackets. */
function hostAndPort(text: string): Parsed<readonly string[]> {
  if (!text.startsWith('[')) return { ok: true, value: javaSplit(text, ':') };
  const end = text.indexOf(']');
  if (end < 0) return configError(`${text} starts with '[' but has no matching ']:'`);
  if (end + 2 === text.length) return configError(`${text} doesn't have a port after colon`);
  if (end + 2 > text.length) return { ok: true, value: [text.replaceAll(/[[\]]/g, '')] };
  return { ok: true, value: [text.slice(1, end), ...javaSplit(text.slice(end + 2), ':')] };
}

function wrongForm(text: string): ConfigError {
  return configError(`${text} does not have the form server_config or server_config;client_config`);
}

function configError(message: string): ConfigError {
  return { ok: false, kind: 'config', message };
}

function argumentError(message: string): ConfigError {
  return { ok: false, kind: 'argument', message };
}

/** `String.split`: empty parts at the end are left out, except that an empty text has one part. */
function javaSplit(text: string, separator: string): readonly string[] {
  const parts = text.split(separator);
  if (text === '') return parts;
  while (parts.at(-1) === '') parts.pop();
  return parts;
}

/** `Properties.load`: keys and values of a text; a later line replaces an earlier one of the same key. */
export function parseProperties(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  const lines = text.replaceAll('\r\n', '\n').split(/[\n\r]/);
  for (let at = 0; at < lines.length; at++) {
    let line = (lines[at] ?? '').replace(/^[ \t\f]+/, '');
    if (line === '' || line.startsWith('#') || line.startsWith('!')) continue;
    while (/(^|[^\\])(\\\\)*\\$/.test(line) && at + 1 < lines.length) {
      line = line.slice(0, -1) + (lines[++at] ?? '').replace(/^[ \t\f]+/, '');
    }
    const [, key = '', value = ''] = /^((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/s.exec(line) ?? [];
    properties.set(unescape(key), unescape(value));
  }
  return properties;
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.?)/gs, (_, char: string) => ({ t: '\t', n: '\n', r: '\r', f: '\f' })[char] ?? char);
}

// ---- the order of java.util.HashMap with keys of type Long

const DEFAULT_TABLE = 16;

/** The table into which a HashMap of `size` entries is copied. */
function copyCapacity(size: number): number {
  let capacity = 1;
  while (capacity < Math.floor(size / 0.75 + 1)) capacity *= 2;
  return capacity;
}

/** As a table shows the entries that were put into it one by one. */
function inTableOrder<T>(entries: readonly T[], key: (entry: T) => number, capacity: number): readonly T[] {
  let table = capacity;
  while (entries.length > 0.75 * table) table *= 2;
  return tableOrder(entries, key, table);
}

/** By place in the table; entries of one place ascending, which is the order in which they are usually put. */
function tableOrder<T>(entries: readonly T[], key: (entry: T) => number, capacity: number): readonly T[] {
  const place = (value: number): number => {
    const hash = value ^ Math.floor(value / 2 ** 32);
    return (hash ^ (hash >>> 16)) & (capacity - 1);
  };
  return [...entries].sort((a, b) => place(key(a)) - place(key(b)) || key(a) - key(b));
}
