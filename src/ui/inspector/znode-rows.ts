/** A znode tree as rows, as the tree pattern of ARIA wants them: depth, place among siblings, what is open. Pure. */
import type { TraceData, TraceZnode } from '../../protocol/events.ts';
import { nodeName, parentPath } from '../../protocol/znode.ts';

/** How a znode differs from the same path at the leader. */
export type Difference = 'same' | 'missing-there' | 'missing-here' | 'data' | 'stat';

export interface ZnodeRow {
  readonly path: string;
  readonly name: string;
  readonly depth: number;
  readonly children: number;
  readonly open: boolean;
  /** Place among its siblings, from 1, and their number. */
  readonly place: number;
  readonly of: number;
  readonly difference: Difference;
  /** Null for a znode that only the leader has. */
  readonly node: TraceZnode | null;
}

/** More rows than this are not shown; closing a parent makes room. */
export const ROWS_MAX = 1000;

type Tree = ReadonlyMap<string, TraceZnode>;

/** Visible rows, depth first, children by name. Znodes that only `leader` has are among them. */
export function znodeRows(tree: Tree, leader: Tree | null, closed: ReadonlySet<string>): ZnodeRow[] {
  const children = childrenOf(tree, leader);
  const rows: ZnodeRow[] = [];
  const visit = (path: string, depth: number, place: number, of: number): void => {
    if (rows.length >= ROWS_MAX) return;
    const below = children.get(path) ?? [];
    const open = below.length > 0 && !closed.has(path);
    const node = tree.get(path) ?? null;
    const name = path === '/' ? '/' : nodeName(path);
    const difference = differenceOf(node, leader === null ? undefined : (leader.get(path) ?? null));
    rows.push({ path, name, depth, children: below.length, open, place, of, difference, node });
    if (open) below.forEach((child, i) => visit(child, depth + 1, i + 1, below.length));
  };
  if (tree.has('/') || leader?.has('/') === true) visit('/', 0, 1, 1);
  return rows;
}

function childrenOf(...trees: readonly (Tree | null)[]): Map<string, string[]> {
  const children = new Map<string, Set<string>>();
  for (const tree of trees) {
    for (const path of tree?.keys() ?? []) {
      if (path === '/') continue;
      const parent = parentPath(path);
      const below = children.get(parent) ?? new Set();
      children.set(parent, below.add(path));
    }
  }
  return new Map([...children].map(([path, below]) => [path, [...below].sort()]));
}

/** `there` undefined: nothing to compare with. */
function differenceOf(here: TraceZnode | null, there: TraceZnode | null | undefined): Difference {
  if (there === undefined || here === there) return 'same';
  if (here === null) return 'missing-here';
  if (there === null) return 'missing-there';
  if (dataText(here.data) !== dataText(there.data)) return 'data';
  return STAMPS.every((field) => here.stat[field] === there.stat[field]) ? 'same' : 'stat';
}

/** Fields of a Stat that no two histories share. */
const STAMPS = ['czxid', 'mzxid', 'pzxid', 'version', 'cversion', 'aversion', 'ephemeralOwner'] as const;

export const DIFFERENCE_WORDS: Readonly<Record<Difference, string>> = {
  same: '',
  'missing-there': 'not at the leader',
  'missing-here': 'only at the leader',
  data: 'other data at the leader',
  stat: 'other Stat at the leader',
};

/** Data as a person reads them: text, or base64 with a word that says so. */
export function dataText(data: TraceData): string {
  if (data === null) return 'null';
  return typeof data === 'string' ? data : `base64 ${data.base64}`;
}

/** The row that a key of the tree pattern leads to, and which path it opens or closes. */
export function moveInTree(
  rows: readonly ZnodeRow[],
  at: number,
  key: string,
): { readonly go?: number; readonly toggle?: string } | null {
  const row = rows[at];
  if (row === undefined) return null;
  switch (key) {
    case 'ArrowDown':
      return { go: Math.min(rows.length - 1, at + 1) };
    case 'ArrowUp':
      return { go: Math.max(0, at - 1) };
    case 'Home':
      return { go: 0 };
    case 'End':
      return { go: rows.length - 1 };
    case 'ArrowRight':
      if (row.children === 0) return {};
      return row.open ? { go: at + 1 } : { toggle: row.path };
    case 'ArrowLeft': {
      if (row.open) return { toggle: row.path };
      const parent = rows.findIndex((other) => row.path !== '/' && other.path === parentPath(row.path));
      return parent < 0 ? {} : { go: parent };
    }
    default:
      return null;
  }
}
