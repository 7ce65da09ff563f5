/** A server of one tree, no more than the console's tests need, and shells that are connected to it. */
import type { Operation, OperationResult } from '../../../../src/protocol/operations.ts';
import { nodeName, OPEN_ACL_UNSAFE, parentPath, type Acl } from '../../../../src/protocol/znode.ts';
import { Rig, statOf, z, type Answer } from '../rig.ts';

export interface Znode {
  readonly data: Uint8Array | null;
  readonly acl: readonly Acl[];
}
export type Tree = Map<string, Znode>;

export const CONFIG = [
  'server.1=s1:2888:3888:participant;0.0.0.0:2181',
  'server.2=s2:2888:3888:participant;s2:2182',
  'server.3=s3:2888:3888:observer',
  'version=100000000',
].join('\n');

export const bytes = (text: string | null): Uint8Array | null =>
  text === null ? null : new TextEncoder().encode(text);
export const text = (data: Uint8Array | null): string | null => (data === null ? null : new TextDecoder().decode(data));
export const znode = (data: string | null): Znode => ({ data: bytes(data), acl: OPEN_ACL_UNSAFE });

export function serverOf(tree: Tree): (operation: Operation) => Answer {
  const children = (path: string) => [...tree.keys()].filter((key) => key !== '/' && parentPath(key) === path);
  const at = (path: string, then: (node: Znode) => OperationResult): Answer => {
    const node = tree.get(path);
    return node ? { result: then(node) } : { error: 'NONODE' };
  };
  const answer = (operation: Operation): Answer => {
    switch (operation.op) {
      case 'create':
      case 'create2':
      case 'createContainer':
      case 'createTTL': {
        const { mode, acl, data } = operation;
        const path = String(mode).includes('SEQUENTIAL') ? `${operation.path}0000000001` : operation.path;
        if (acl?.some(({ scheme }) => scheme === 'nobody')) return { error: 'INVALIDACL' };
        if (path.startsWith('/local')) return { error: 'EPHEMERALONLOCALSESSION' };
        if (tree.has(path)) return { error: 'NODEEXISTS' };
        if (!tree.has(parentPath(path))) return { error: 'NONODE' };
        tree.set(path, { data, acl: acl ?? [] });
        return { result: { path, stat: statOf() } };
      }
      case 'delete':
        if (operation.path === '/') return { error: 'BADARGUMENTS' };
        if (!tree.has(operation.path)) return { error: 'NONODE' };
        if (children(operation.path).length > 0) return { error: 'NOTEMPTY' };
        if (operation.version > 0) return { error: 'BADVERSION' };
        tree.delete(operation.path);
        return {};
      case 'setData':
        if (operation.version > 0) return { error: 'BADVERSION' };
        return at(operation.path, (node) => {
          tree.set(operation.path, { ...node, data: operation.data });
          return { stat: statOf({ version: 2 }) };
        });
      case 'getData':
        if (operation.path === '/zookeeper/config') return { result: { data: bytes(CONFIG), stat: statOf() } };
        return at(operation.path, ({ data }) => ({ data, stat: statOf() }));
      case 'exists':
        return at(operation.path, () => ({ stat: statOf() }));
      case 'getChildren':
      case 'getChildren2':
        return at(operation.path, () => ({
          children: children(operation.path).map(nodeName).reverse(),
          stat: statOf(),
        }));
      case 'getACL':
        return at(operation.path, ({ acl }) => ({ acl, stat: statOf() }));
      case 'setACL':
        if (operation.path === '/a/b') return { error: 'NOAUTH' };
        return at(operation.path, (node) => {
          tree.set(operation.path, { ...node, acl: operation.acl ?? [] });
          return { stat: statOf({ aversion: 1 }) };
        });
      case 'multi': {
        const before = new Map(tree);
        for (const [failed, part] of operation.ops.entries()) {
          const { error } = answer(part);
          if (error === undefined) continue;
          tree.clear();
          for (const [path, node] of before) tree.set(path, node);
          const results = operation.ops.map((_, i) => ({
            op: 'error' as const,
            error: i < failed ? ('OK' as const) : i === failed ? error : ('RUNTIMEINCONSISTENCY' as const),
          }));
          return { result: { results } };
        }
        return { result: { results: operation.ops.map(() => ({ op: 'delete' as const })) } };
      }
      case 'sync':
        return { result: { path: operation.path } };
      case 'getEphemerals':
        return { result: { paths: ['/e1', '/e2'] } };
      case 'getAllChildrenNumber':
        return { result: { number: tree.size - 1 } };
      case 'whoAmI':
        return { result: { ids: [{ scheme: 'ip', user: '127.0.0.1' }] } };
      case 'removeWatches':
        return operation.path === '/a' ? {} : { error: 'NOWATCHER' };
      case 'reconfig':
        if (operation.leavingServers === '9') return { error: 'BADARGUMENTS' };
        if (operation.leavingServers === '8') return { error: 'NEWCONFIGNOQUORUM' };
        if (operation.leavingServers === '7') return { error: 'RECONFIGDISABLED' };
        return { result: { data: bytes(CONFIG), stat: statOf({ czxid: z(0) }) } };
      default:
        return {};
    }
  };
  return answer;
}

/** A connected shell with /a (text `v1`), /a/b, /a/c, /a/b/d and /null. */
export function shell(): { readonly rig: Rig; readonly tree: Tree } {
  const tree: Tree = new Map([
    ['/', znode(null)],
    ['/a', znode('v1')],
    ['/a/b', znode('')],
    ['/a/c', znode('x\ny')],
    ['/a/b/d', znode('')],
    ['/null', znode(null)],
  ]);
  const rig = new Rig().establish();
  rig.server = serverOf(tree);
  rig.take();
  return { rig, tree };
}

/** `call`s as `op path`. */
export const calls = (rig: Rig, from = 0): readonly string[] =>
  rig
    .of('call')
    .slice(from)
    .map(({ request }) => `${request.op} ${request.path ?? ''}`.trim());

export const STAT_BLOCK = [
  'cZxid = 0x100000001',
  'ctime = Thu Jan 01 00:00:00 UTC 1970',
  'mZxid = 0x100000002',
  'mtime = Thu Jan 01 00:00:00 UTC 2026',
  'pZxid = 0x100000003',
  'cversion = 2',
  'dataVersion = 1',
  'aclVersion = 0',
  'ephemeralOwner = 0x0',
  'dataLength = 2',
  'numChildren = 1',
];
