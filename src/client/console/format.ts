/** zkCli's words: Stat block, dates, errors, dumps (`StatPrinter`, `CliWrapperException`, `KeeperException`). */
import type { KeeperError } from '../../protocol/errors.ts';
import type { ClientState } from '../../protocol/events.ts';
import { serverName, type Sid } from '../../protocol/ids.ts';
import { formatDate } from '../../protocol/java-date.ts';
import { validatePath } from '../../protocol/paths.ts';
import type { Stat } from '../../protocol/znode.ts';
import { formatZxid } from '../../protocol/zxid.ts';
import type { WatchedEvent } from '../watcher.ts';

/** `[zk: s1,s2,s3(CONNECTED) 0] `; `count`: how many lines were executed. An expired handle is CLOSED to zkCli. */
export function prompt(state: ClientState, hosts: readonly Sid[], count: number): string {
  return `[zk: ${hosts.map(serverName).join(',')}(${state === 'EXPIRED' ? 'CLOSED' : state}) ${count}] `;
}

export function statLines(stat: Stat): readonly string[] {
  return [
    `cZxid = ${formatZxid(stat.czxid)}`,
    `ctime = ${formatDate(stat.ctime)}`,
    `mZxid = ${formatZxid(stat.mzxid)}`,
    `mtime = ${formatDate(stat.mtime)}`,
    `pZxid = ${formatZxid(stat.pzxid)}`,
    `cversion = ${stat.cversion}`,
    `dataVersion = ${stat.version}`,
    `aclVersion = ${stat.aversion}`,
    `ephemeralOwner = ${stat.ephemeralOwner}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.numChildren}`,
  ];
}

export function watcherLines(event: WatchedEvent): readonly string[] {
  const { state, type, path, zxid } = event;
  return ['', 'WATCHER::', '', `WatchedEvent state:${state} type:${type} path:${path ?? 'null'} zxid: ${zxid}`];
}

/** What stands before the path, for the errors that zkCli puts into its own words. */
const WORDS: Partial<Record<KeeperError, string>> = {
  NONODE: 'Node does not exist: ',
  NODEEXISTS: 'Node already exists: ',
  NOTEMPTY: 'Node not empty: ',
  NOCHILDRENFOREPHEMERALS: 'Ephemerals cannot have children: ',
  NOTREADONLY: 'Not a read-only call: ',
  INVALIDACL: 'Acl is not valid : ',
  NOAUTH: 'Insufficient permission : ',
  BADARGUMENTS: 'Arguments are not valid : ',
  BADVERSION: 'version No is not valid : ',
  QUOTAEXCEEDED: 'Quota has exceeded : ',
};

/** `KeeperException.getCodeMessage` where it is not put together from the words of the name. */
const CODE_MESSAGES: Record<KeeperError, string> = {
  SYSTEMERROR: 'SystemError',
  RUNTIMEINCONSISTENCY: 'RuntimeInconsistency',
  DATAINCONSISTENCY: 'DataInconsistency',
  CONNECTIONLOSS: 'ConnectionLoss',
  MARSHALLINGERROR: 'MarshallingError',
  UNIMPLEMENTED: 'Unimplemented',
  OPERATIONTIMEOUT: 'OperationTimeout',
  BADARGUMENTS: 'BadArguments',
  UNKNOWNSESSION: 'Unknown error UNKNOWNSESSION',
  NEWCONFIGNOQUORUM: 'NewConfigNoQuorum',
  RECONFIGINPROGRESS: 'ReconfigInProgress',
  NONODE: 'NoNode',
  NOAUTH: 'NoAuth',
  BADVERSION: 'BadVersion',
  NOCHILDRENFOREPHEMERALS: 'NoChildrenForEphemerals',
  NODEEXISTS: 'NodeExists',
  NOTEMPTY: 'Directory not empty',
  SESSIONEXPIRED: 'Session expired',
  INVALIDCALLBACK: 'Invalid callback',
  INVALIDACL: 'InvalidACL',
  AUTHFAILED: 'AuthFailed',
  SESSIONMOVED: 'Session moved',
  NOTREADONLY: 'Not a read-only call',
  EPHEMERALONLOCALSESSION: 'Ephemeral node on local session',
  NOWATCHER: 'No such watcher',
  REQUESTTIMEOUT: 'Unknown error REQUESTTIMEOUT',
  RECONFIGDISABLED: 'Reconfig is disabled',
  SESSIONCLOSEDREQUIRESASLAUTH: 'Session closed because client failed to authenticate',
  QUOTAEXCEEDED: 'Quota has exceeded',
  THROTTLEDOP: 'Op throttled due to high load',
};

/** The line for a failed call (`CliWrapperException`). Null or empty `path`: the exception names none. */
export function errorLine(error: KeeperError, path: string | null): string {
  const words = WORDS[error];
  if (words !== undefined) return `${words}${path ?? 'null'}`;
  if (error === 'RECONFIGINPROGRESS') {
    return 'Another reconfiguration is in progress -- concurrent reconfigs not supported (yet)';
  }
  if (error === 'NEWCONFIGNOQUORUM') {
    return (
      'No quorum of new config is connected and up-to-date with the leader of last commmitted config - ' +
      'try invoking reconfiguration after new servers are connected and synced'
    );
  }
  return codeLine(error, path);
}

/** `KeeperException.getMessage` */
export function codeLine(error: KeeperError, path: string | null): string {
  return `KeeperErrorCode = ${CODE_MESSAGES[error]}${path === null || path === '' ? '' : ` for ${path}`}`;
}

/** What `PathUtils.validatePath` says of a path, or null if it is one. */
export function pathLine(path: string, sequential = false): string | null {
  if (validatePath(path, sequential) === null) return null;
  const text = sequential ? `${path}1` : path;
  if (text === '') return 'Path length must be > 0';
  if (!text.startsWith('/')) return 'Path must start with / character';
  if (text.endsWith('/')) return 'Path must not end with / character';
  return `Invalid path string "${text}" caused by ${pathFault(text)}`;
}

function pathFault(text: string): string {
  for (let at = 1; at < text.length; at++) {
    const letter = text.charAt(at);
    const before = text.charAt(at - 1);
    if (letter === '\0') return `null character not allowed @${at}`;
    if (letter === '/' && before === '/') return `empty node name specified @${at}`;
    if (letter === '.' && /(^|\/)\.{1,2}$/.test(text.slice(0, at + 1)) && /^(\/|$)/.test(text.slice(at + 1))) {
      return `relative paths not allowed @${at}`;
    }
    // A letter that spoils a path made of itself alone.
    if (letter !== '/' && letter !== '.' && validatePath(`/${letter}`) !== null) return `invalid character @${at}`;
  }
  return 'its form';
}

const HEX_RULE = `+--------+${'-'.repeat(49)}+${'-'.repeat(16)}+`;

/** Sixteen bytes a row, as `get -x` prints them. */
export function hexDump(bytes: Uint8Array): readonly string[] {
  if (bytes.length === 0) return [''];
  const hex = (n: number, width: number) => n.toString(16).padStart(width, '0');
  const lines = [
    `         +${'-'.repeat(49)}+`,
    '         |  0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f |',
    HEX_RULE,
  ];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const text = row.map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    const digits = row.map((byte) => ` ${hex(byte, 2)}`).join('');
    lines.push(`|${hex(at, 8)}|${digits.padEnd(48)} |${text.padEnd(16)}|`);
  }
  return [...lines, HEX_RULE];
}
