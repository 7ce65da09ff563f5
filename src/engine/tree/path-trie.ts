/** Paths by their components, some of them marked (`PathTrie`): finds the deepest marked one above a path. */

interface TrieNode {
  readonly children: Map<string, TrieNode>;
  marked: boolean;
}

export class PathTrie {
  readonly #root: TrieNode = { children: new Map(), marked: false };

  addPath(path: string): void {
    let node = this.#root;
    for (const part of componentsOf(path)) {
      let child = node.children.get(part);
      if (!child) {
        child = { children: new Map(), marked: false };
        node.children.set(part, child);
      }
      node = child;
    }
    node.marked = true;
  }

  /** Takes all marks below the path away with its own, as the real trie does. */
  deletePath(path: string): void {
    const parts = componentsOf(path);
    const last = parts.pop();
    let node: TrieNode | undefined = this.#root;
    for (const part of parts) node = node?.children.get(part);
    if (last !== undefined) node?.children.delete(last);
  }

  /** The deepest marked path that is the path itself or above it; null: there is none. */
  findMaxPrefix(path: string): string | null {
    let node: TrieNode | undefined = this.#root;
    let prefix = '';
    let deepest: string | null = null;
    for (const part of componentsOf(path)) {
      node = node.children.get(part);
      if (!node) break;
      prefix += `/${part}`;
      if (node.marked) deepest = prefix;
    }
    return deepest;
  }
}

/** Without those that are empty or blank. */
function componentsOf(path: string): string[] {
  return path.split('/').filter((part) => !/^ *$/.test(part));
}
