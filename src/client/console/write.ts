/** zkCli's commands that change znodes (`CreateCommand`, `SetCommand`, `DeleteCommand`, `DeleteAllCommand`). */
import type { ClientOp } from '../../protocol/events.ts';
import { fromBase64, toBase64 } from '../../protocol/trace-data.ts';
import { TTL_MAX, type Acl, type CreateMode } from '../../protocol/znode.ts';
import type { CallOutcome } from '../client.ts';
import { parseAcl } from './acl-text.ts';
import { codeLine, pathLine, statLines } from './format.ts';
import {
  ask,
  failureLine,
  intOption,
  parseLong,
  pathOf,
  tryAsk,
  type Command,
  type CommandLine,
  type Shell,
  type Steps,
} from './shell.ts';
import { listSubTree } from './tree.ts';

/** `DeleteAllCommand`: deletes of one multi, if -b does not say. */
const BATCH = 1000;
/** `ZKUtil.deleteInBatch`: multis without an answer at a time. */
const MULTIS_IN_FLIGHT = 10;

export const WRITE_COMMANDS: readonly Command[] = [
  {
    name: 'create',
    usage: '[-s] [-e] [-c] [-t ttl] path [data] [acl]',
    says: 'Creates a znode; -e ephemeral, -s with a number at its end, -c a container, -t with a time to live in ms.',
    options: [
      { name: 'e', says: 'ephemeral' },
      { name: 's', says: 'sequential' },
      { name: 'c', says: 'container' },
      { name: 't', takesValue: true, says: 'ttl' },
    ],
    words: ['path', [], 'acl'],
    least: 1,
    run: create,
  },
  {
    name: 'delete',
    usage: '[-v version] path',
    says: 'Deletes a znode that has no children.',
    options: [{ name: 'v', takesValue: true, says: 'version' }],
    words: ['path'],
    least: 1,
    run: deleteNode,
  },
  {
    name: 'deleteall',
    usage: 'path [-b batch size]',
    says: 'Deletes a znode and all below it, the children first.',
    options: [{ name: 'b', takesValue: true, says: 'batch size' }],
    words: ['path'],
    least: 1,
    run: deleteAll,
  },
  {
    name: 'set',
    usage: 'path data [-s] [-v version] [-b]',
    says: 'Replaces the data of a znode; -v only if it has this version.',
    options: [
      { name: 's', says: 'Print znode stats additionally' },
      { name: 'v', takesValue: true, says: 'Set with an expected version' },
      { name: 'b', says: 'Supply data in base64 format' },
    ],
    listsOptions: true,
    words: ['path'],
    least: 2,
    run: set,
  },
];

function* create(shell: Shell, { options, args }: CommandLine): Steps {
  const [, path = '', data, aclText] = args;
  const [sequential, ephemeral, container] = [options.has('s'), options.has('e'), options.has('c')];
  const ttlText = options.get('t');
  if (container && (sequential || ephemeral)) {
    return shell.print('-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.');
  }
  const ttl = ttlText === undefined ? null : parseLong(ttlText);
  if (ttlText !== undefined && ttl === null) return shell.print('-t argument must be a long value');
  if (ttl !== null && ephemeral) return shell.print('TTLs cannot be used with Ephemeral znodes');
  if (ttl !== null && container) return shell.print('TTLs cannot be used with Container znodes');
  if (ttl !== null && (ttl <= 0n || ttl > TTL_MAX)) {
    return shell.print(`ttl must be positive and cannot be larger than: ${TTL_MAX}`);
  }
  const acl = aclText === undefined ? null : aclOf(shell, aclText);
  const badPath = pathLine(path, sequential);
  if (badPath !== null) return shell.print(badPath);
  // The client refuses an empty list before it sends anything, and names no path.
  if (acl?.length === 0) return shell.print(codeLine('INVALIDACL', null), 'Acl is not valid : null');

  const outcome = yield* tryAsk({
    op: 'create',
    path,
    mode: modeOf(container, ephemeral, sequential, ttl !== null),
    // Only the call with a time to live wants the Stat.
    stat: ttl !== null,
    ...(data === undefined ? {} : { data }),
    ...(acl === null ? {} : { acl }),
    ...(ttl === null ? {} : { ttl: Number(ttl) }),
  });
  const { error, result } = outcome;
  if (error === null) return shell.print(`Created ${result?.path ?? path}`);
  if (error === 'EPHEMERALONLOCALSESSION') shell.print('Unable to create ephemeral node on a local session');
  if (error === 'INVALIDACL' && outcome.reason === undefined) shell.print(codeLine(error, path));
  shell.print(failureLine(outcome, path));
}

function modeOf(container: boolean, ephemeral: boolean, sequential: boolean, ttl: boolean): CreateMode {
  if (container) return 'CONTAINER';
  if (ephemeral) return sequential ? 'EPHEMERAL_SEQUENTIAL' : 'EPHEMERAL';
  if (sequential) return ttl ? 'PERSISTENT_SEQUENTIAL_WITH_TTL' : 'PERSISTENT_SEQUENTIAL';
  return ttl ? 'PERSISTENT_WITH_TTL' : 'PERSISTENT';
}

function aclOf(shell: Shell, text: string): readonly Acl[] {
  const { acl, complaints } = parseAcl(text);
  shell.print(...complaints);
  return acl;
}

function* deleteNode(shell: Shell, line: CommandLine): Steps {
  if (line.args.length > 2) {
    // The old form is read, but its version never was taken.
    shell.print("'delete path [version]' has been deprecated. Please use 'delete [-v version] path' instead.");
  }
  const version = intOption(shell, line, 'v', -1);
  if (version === null) return;
  const path = pathOf(shell, line);
  if (path !== null) yield* ask(shell, { op: 'delete', path, version });
}

/** `ZKUtil.deleteRecursive`: the subtree is listed breadth first, and deleted from the end of the list. */
function* deleteAll(shell: Shell, line: CommandLine): Steps {
  const batch = intOption(shell, line, 'b', BATCH);
  if (batch === null) return;
  const path = pathOf(shell, line);
  if (path === null) return;
  const tree = yield* listSubTree(shell, path);
  if (tree === null) return;
  const deletes = tree.toReversed().map((node): ClientOp => ({ op: 'delete', path: node, version: -1 }));
  if (batch <= 0) {
    for (const request of deletes) if (!(yield* ask(shell, request))) return;
    return;
  }
  const multis: ClientOp[] = [];
  for (let at = 0; at < deletes.length; at += batch) {
    multis.push({ op: 'multi', ops: deletes.slice(at, at + batch) });
  }
  const outcomes = yield { requests: multis, inFlight: MULTIS_IN_FLIGHT };
  if (outcomes?.some(hasFailed)) shell.print('Failed to delete some node(s) in the subtree!');
}

/** Also of a multi that came back with the failure of one of its operations. */
export function hasFailed({ error, result }: CallOutcome): boolean {
  return error !== null || (result?.results ?? []).some((each) => each.op === 'error');
}

function* set(shell: Shell, line: CommandLine): Steps {
  const { options, args } = line;
  const text = args[2] ?? '';
  const data = options.has('b') ? decodeBase64(text) : text;
  if (data === null) return shell.print('set -b: the data is not valid base64');
  const version = intOption(shell, line, 'v', -1);
  if (version === null) return;
  const path = pathOf(shell, line);
  if (path === null) return;
  const reply = yield* ask(shell, { op: 'set', path, data, version });
  if (reply?.result?.stat && options.has('s')) shell.print(...statLines(reply.result.stat));
}

/** `Base64.getDecoder`, which takes text without its padding, too. */
function decodeBase64(text: string): { readonly base64: string } | null {
  const bytes = fromBase64(text.includes('=') ? text : text.padEnd(Math.ceil(text.length / 4) * 4, '='));
  return bytes && { base64: toBase64(bytes) };
}
