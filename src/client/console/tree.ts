/** Walks through a subtree, call by call (`ZKUtil`): never an atomic view of it. */
import { childPath } from '../../protocol/znode.ts';
import { ask, failureLine, tryAsk, type Shell, type Steps } from './shell.ts';

/** What is done with a znode on a walk. A line ends the walk. */
export type Visit = (path: string) => Steps<string | null>;

/** `ZKUtil.visitSubTreeDFS`. Null, or the line that says why the walk has ended early. */
export function* visitSubTree(path: string, watch: boolean, visit: Visit): Steps<string | null> {
  const root = yield* tryAsk({ op: 'get', path, watch });
  if (root.error !== null) return failureLine(root, path);
  return yield* visitFrom(path, watch, visit);
}

/** {@link visitSubTree} from a znode that is known to exist. */
export function* visitFrom(path: string, watch: boolean, visit: Visit): Steps<string | null> {
  return (yield* visit(path)) ?? (yield* visitBelow(path, watch, visit));
}

/** A node's children are visited together before the walk enters the first of them. */
function* visitBelow(path: string, watch: boolean, visit: Visit): Steps<string | null> {
  const outcome = yield* tryAsk({ op: 'ls', path, watch });
  // The node went away after it was listed.
  if (outcome.error === 'NONODE') return null;
  if (outcome.error !== null) return failureLine(outcome, path);
  const children = childPaths(path, [...(outcome.result?.children ?? [])].sort());
  for (const child of children) {
    const line = yield* visit(child);
    if (line !== null) return line;
  }
  for (const child of children) {
    const line = yield* visitBelow(child, watch, visit);
    if (line !== null) return line;
  }
  return null;
}

/** `ZKUtil.listSubTreeBFS`: the paths of a subtree, breadth first; null after a failure, which is printed. */
export function* listSubTree(shell: Shell, path: string): Steps<readonly string[] | null> {
  const tree = [path];
  for (let at = 0; at < tree.length; at++) {
    const parent = tree[at]!;
    const reply = yield* ask(shell, { op: 'ls', path: parent, stat: false });
    if (!reply) return null;
    tree.push(...childPaths(parent, reply.result?.children ?? []));
  }
  return tree;
}

function childPaths(parent: string, names: readonly string[]): readonly string[] {
  return names.map((name) => childPath(parent, name));
}
