/**
 * Logs and snapshots as lines of text, in the form of ZooKeeper's own tools (`TxnLogToolkit`,
 * `SnapshotFormatter`). Names of children come sorted; the tools take a hash table's order.
 */
import { adler32, decodeSnapshotFile, LOG_MAGIC } from '../../engine/index.ts';
import { buffer, JuteError, JuteReader, long } from '../../protocol/jute/codec.ts';
import { fileHeader } from '../../protocol/jute/records.ts';
import { decodeTxn, encodeTxnRecord } from '../../protocol/jute/txn.ts';
import { toBase64 } from '../../protocol/trace-data.ts';
import { unreachable } from '../../protocol/assert.ts';
import { ERROR_CODES } from '../../protocol/errors.ts';
import type { Txn, TxnType } from '../../protocol/txns.ts';
import type { Acl, ZnodeData } from '../../protocol/znode.ts';
import type { Zxid } from '../../protocol/zxid.ts';
import { childPath } from '../../protocol/znode.ts';
import { parseFileName } from './names.ts';

export interface Inspection {
  readonly lines: readonly string[];
  /** One sentence if the file is not whole. */
  readonly problem: string | null;
}

/** A file of a data directory by its name: `log.…` or `snapshot.…`. `data`: znodes' data in base64 instead of its length. */
export function inspectFile(name: string, bytes: Uint8Array, options: { readonly data?: boolean } = {}): Inspection {
  const parsed = parseFileName(name);
  if (parsed?.kind === 'log') return inspectLog(bytes);
  if (parsed?.kind === 'snapshot') return inspectSnapshot(name, parsed.zxid, bytes, options.data ?? false);
  return { lines: [], problem: `${name}: expected a file called log.<zxid> or snapshot.<zxid>` };
}

/** `TxnLogToolkit.dump` */
function inspectLog(bytes: Uint8Array): Inspection {
  const input = new JuteReader(bytes);
  const lines: string[] = [];
  let count = 0;
  const ended = (problem: string | null = null): Inspection => ({ lines, problem });
  try {
    const { magic, version, dbid } = fileHeader.read(input);
    if (magic !== LOG_MAGIC) return ended('no transaction log: its magic number is wrong');
    lines.push(`ZooKeeper Transactional Log File with dbid ${dbid} txnlog format version ${version}`);
  } catch (error) {
    return ended(sentence(error));
  }
  for (;;) {
    let entry: Uint8Array | null;
    let checksum: number;
    try {
      checksum = long.read(input);
      entry = buffer.read(input);
    } catch (error) {
      sentence(error);
      entry = null;
      checksum = 0;
    }
    if (entry === null || entry.length === 0) {
      lines.push(`EOF reached after ${count} txns.`);
      return ended();
    }
    try {
      const text = txnLine(entry);
      if (checksum !== adler32(entry)) lines.push(...`CRC ERROR - ${text}`.split('\n'));
      lines.push(...text.split('\n'));
      if (input.remaining === 0 || input.int8() !== 0x42) return ended('Last transaction was partial.');
    } catch (error) {
      return ended(sentence(error));
    }
    count++;
  }
}

function txnLine(entry: Uint8Array): string {
  const { header, txn } = decodeTxn(entry);
  const { time, clientId, cxid, zxid } = header;
  const cxidHex = (cxid < 0 ? BigInt.asUintN(64, BigInt(cxid)) : cxid).toString(16);
  const zxidHex = BigInt.asUintN(64, BigInt(zxid)).toString(16);
  return `${shortDate(time)} session ${clientId} cxid 0x${cxidHex} zxid 0x${zxidHex} ${TXN_NAMES[txn.type]} ${txnText(txn)}`;
}

/** `Request.op2String` */
const TXN_NAMES: Readonly<Record<TxnType, string>> = {
  create: 'create',
  create2: 'create2',
  createContainer: 'createContainer',
  createTTL: 'createTtl',
  delete: 'delete',
  deleteContainer: 'deleteContainer',
  setData: 'setData',
  reconfig: 'reconfig',
  setACL: 'setACL',
  check: 'check',
  multi: 'multi',
  createSession: 'createSession',
  closeSession: 'closeSession',
  error: 'error',
};

/** `TxnLogToolkit.getFormattedTxnStr`: some by hand, the others as jute prints records. */
function txnText(txn: Txn): string {
  switch (txn.type) {
    case 'create':
    case 'create2':
      return `${txn.path},${dataText(txn.data)},${aclText(txn.acl)},${txn.ephemeral},${txn.parentCVersion}`;
    case 'createContainer':
      return `${txn.path},${dataText(txn.data)},${aclText(txn.acl)},${txn.parentCVersion}`;
    case 'createTTL':
      return `${txn.path},${dataText(txn.data)},${aclText(txn.acl)},${txn.parentCVersion},${txn.ttl}`;
    case 'setData':
    case 'reconfig':
      return `${txn.path},${dataText(txn.data)},${txn.version}`;
    case 'multi':
      return txn.txns.map((part) => `${TXN_NAMES[part.type]}:${dataText(encodeTxnRecord(part))}`).join(';');
    case 'delete':
    case 'deleteContainer':
      return quoted(txn.path);
    case 'setACL':
      return `${quoted(txn.path)},v{${txn.acl.map(aclRecord).join(',')}},${txn.version}`;
    case 'check':
      return `${quoted(txn.path)},${txn.version}`;
    case 'createSession':
      return String(txn.timeout);
    case 'closeSession':
      return `v{${txn.paths2Delete.map(quoted).join(',')}}`;
    case 'error':
      return String(ERROR_CODES[txn.error]);
    default:
      return unreachable(txn);
  }
}

function dataText(data: ZnodeData): string {
  return data === null ? '' : new TextDecoder().decode(data);
}

/** A Java list of ACL records, each of which ends its line. */
function aclText(acl: readonly Acl[]): string {
  return `[${acl.map(({ perms, scheme, id }) => `${perms},s{${quoted(scheme)},${quoted(id)}}\n`).join(', ')}]`;
}

function aclRecord({ perms, scheme, id }: Acl): string {
  return `s{${perms},s{${quoted(scheme)},${quoted(id)}}}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '%00',
  '\n': '%0A',
  '\r': '%0D',
  ',': '%2C',
  '}': '%7D',
  '%': '%25',
};
/** `ToStringOutputArchive.escapeString` */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\0\n\r,}%]/g, (character) => ESCAPES[character] ?? character)}`;
}

/** `SnapshotFormatter.printDetails` */
function inspectSnapshot(name: string, zxid: Zxid, bytes: Uint8Array, data: boolean): Inspection {
  const lines: string[] = [];
  try {
    const { tree, sessions } = decodeSnapshotFile({ file: name, zxid }, bytes, true);
    let last: number = zxid;
    lines.push(`ZNode Details (count=${tree.nodeCount + 1}):`);
    const walk = (path: string): void => {
      const node = tree.node(path);
      if (!node) return;
      const { stat } = node;
      last = Math.max(last, stat.mzxid, stat.pzxid);
      lines.push(
        '----',
        path,
        `  cZxid = ${hex16(stat.czxid)}`,
        `  ctime = ${longDate(stat.ctime)}`,
        `  mZxid = ${hex16(stat.mzxid)}`,
        `  mtime = ${longDate(stat.mtime)}`,
        `  pZxid = ${hex16(stat.pzxid)}`,
        `  cversion = ${stat.cversion}`,
        `  dataVersion = ${stat.version}`,
        `  aclVersion = ${stat.aversion}`,
        `  ephemeralOwner = ${hex16(BigInt(stat.ephemeralOwner))}`,
        data ? `  data = ${node.data ? toBase64(node.data) : ''}` : `  dataLength = ${node.data?.length ?? 0}`,
      );
      for (const name of [...node.children].sort()) walk(childPath(path, name));
    };
    walk('/');
    lines.push('----', 'Session Details (sid, timeout, ephemeralCount):');
    for (const [id, timeout] of sessions) {
      lines.push(`${hex16(BigInt(id))}, ${timeout}, ${tree.getEphemerals(id).length}`);
    }
    lines.push('----', `Last zxid: 0x${last.toString(16)}`);
    return { lines, problem: null };
  } catch (error) {
    return { lines: [], problem: sentence(error) };
  }
}

/** What is wrong with the bytes. Any other error is a bug and goes on. */
function sentence(error: unknown): string {
  if (error instanceof JuteError) return error.message;
  throw error;
}

/** Java's `%#016x`. */
function hex16(value: number | bigint): string {
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16).padStart(14, '0')}`;
}

function toDate(ms: number): Date {
  // eslint-disable-next-line no-restricted-globals -- formats a time that a file tells, and asks no clock
  return new Date(ms);
}

/** Java's short date and long time of the United States, in UTC: `11/21/26, 1:05:09 PM UTC`. */
function shortDate(ms: number): string {
  const date = toDate(ms);
  const hours = date.getUTCHours();
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${two(date.getUTCFullYear() % 100)}`;
  const time = `${hours % 12 || 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} ${hours < 12 ? 'AM' : 'PM'}`;
  return `${day}, ${time} UTC`;
}

/** Java's `Date.toString` in UTC: `Sat Nov 21 13:05:09 UTC 2026`. */
function longDate(ms: number): string {
  const [weekday, day, month, year, time] = toDate(ms).toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}
