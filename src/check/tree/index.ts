/**
 * What holds for znode trees: `TreeDeterminism`, `StatLaws`, `EphemeralLife`, `SeqNumbers`, `Atomicity`.
 *
 * Each server's tree is followed through its events. What the first server says that a transaction did is what all
 * others must say; and a tree that was loaded is compared whole with the one that another server had at that zxid.
 */
import type { EventOf, ZnodeChange } from '../../protocol/events.ts';
import { unreachable } from '../../protocol/assert.ts';
import { serverName, type ActorName, type EventId, type SessionId } from '../../protocol/ids.ts';
import { formatZxid, makeZxid, ZXID_ZERO, type Zxid } from '../../protocol/zxid.ts';
import type { Checker, Handlers, Report } from '../types.ts';
import { treeDigest } from './digest.ts';
import { difference, isOwnWork, ownerOf, type Node } from './nodes.ts';
import { Replies } from './replies.ts';
import { isWhole, ServerTree } from './server-tree.ts';
import { brokenStat } from './stat-laws.ts';
import { Steps, type Reference, type Step } from './steps.ts';

export const trees: Checker = (_world, report) => new Trees(report).handlers;

class Trees {
  readonly #report: Report;
  readonly #trees = new Map<ActorName, ServerTree>();
  readonly #steps = new Steps();
  readonly #replies: Replies;
  /** (e, 0), as which the tree of a new leader counts, and the transaction that it ends in. */
  readonly #epochStarts = new Map<Zxid, Zxid>();
  /** The tree differed from what its leader foresaw; `applied` follows. */
  readonly #mismatches = new Map<ActorName, EventOf<'digest-mismatch'>>();

  constructor(report: Report) {
    this.#report = report;
    this.#replies = new Replies(this.#steps, report);
  }

  readonly handlers: Handlers = {
    recovered: (event) => {
      const tree = this.#of(event.actor, event.id);
      const fuzzy = event.snapshot === null ? undefined : tree.fuzzy.get(event.snapshot);
      this.#loaded(tree, event, event.lastZxid, fuzzy ?? ZXID_ZERO);
    },
    'log-truncated': ({ actor, id, to }) => {
      this.#of(actor, id).truncatedTo = to;
    },
    'tree-loaded': (event) => {
      const tree = this.#of(event.actor, event.id);
      switch (event.source) {
        case 'SNAP':
          return this.#loaded(tree, event, event.zxid, ZXID_ZERO);
        case 'TRUNC':
          // It loads the newest snapshot again, whichever that is.
          return this.#loaded(
            tree,
            event,
            tree.truncatedTo ?? event.zxid,
            [...tree.fuzzy.values()].reduce(later, ZXID_ZERO),
          );
        case 'replay':
          return this.#loaded(tree, event, event.zxid, tree.exactFrom);
        default:
          return unreachable(event.source);
      }
    },
    'snapshot-started': ({ actor, zxid }) => {
      const tree = this.#trees.get(actor);
      if (tree) tree.writing = zxid;
    },
    'snapshot-taken': ({ actor, zxid }) => {
      const tree = this.#trees.get(actor);
      if (!tree) return;
      if (tree.writing === zxid) tree.fuzzy.set(zxid, tree.at);
      else tree.fuzzy.delete(zxid);
      tree.writing = null;
    },
    'disk-wiped': ({ actor }) => this.#trees.get(actor)?.fuzzy.clear(),
    'server-removed': ({ sid }) => this.#trees.delete(serverName(sid)),

    serving: ({ actor, epoch, leader }) => {
      const tree = this.#trees.get(actor);
      if (tree && epoch > 0 && serverName(leader) === actor) this.#epochStarts.set(makeZxid(epoch, 0), tree.at);
    },
    'digest-mismatch': (event) => this.#mismatches.set(event.actor, event),
    applied: (event) => {
      const tree = this.#trees.get(event.actor);
      if (tree) this.#applied(tree, event);
    },
    'session-opened': ({ actor, sessionId, local }) => {
      if (!local) this.#trees.get(actor)?.sessions.add(sessionId);
    },
    'session-closed': ({ actor, sessionId, id }) => {
      const tree = this.#trees.get(actor);
      if (tree?.sessions.delete(sessionId)) this.#sessionClosed(tree, sessionId, id);
    },
    returned: (event) => this.#replies.returned(event),
  };

  #of(actor: ActorName, event: EventId): ServerTree {
    const known = this.#trees.get(actor);
    if (known) return known;
    const tree = new ServerTree(actor, event);
    this.#trees.set(actor, tree);
    return tree;
  }

  /** A transaction was applied to the tree. */
  #applied(tree: ServerTree, event: EventOf<'applied'>): void {
    const { actor, zxid, txn, changes, id } = event;
    if (txn === 'multi' && zxid <= tree.at && tree.exact) {
      const says = `${actor} applies the multi ${formatZxid(zxid)} in parts: its tree was at ${formatZxid(tree.at)} already.`;
      this.#report({ property: 'Atomicity', says, proof: [tree.event, id], about: actor });
    }
    const known = this.#steps.get(zxid);
    if (known && tree.exact) {
      if (known.parent === tree.at) this.#compareChanges(known, event);
      // Another history: that is for others to tell of, and the trees need not be the same.
      else tree.exactFrom = Infinity as Zxid;
    }
    const before = changes.map((change) => this.#change(tree, change, event));
    if (!known && tree.exact && zxid > tree.at) {
      const step: Step = { zxid, txn, parent: tree.at, changes, before, actor, event: id };
      this.#steps.add(step);
      const law = brokenStat(step);
      if (law) {
        const says = `After ${formatZxid(zxid)}, a ${txn}, ${law.path} at ${actor} ${law.says}.`;
        this.#report({ property: 'StatLaws', says, proof: [tree.event, id], about: law.path });
      }
    }
    tree.at = zxid;
    tree.event = id;
    this.#compareDigest(tree, zxid, id);
  }

  #change(tree: ServerTree, change: ZnodeChange, { zxid, id }: EventOf<'applied'>): Node {
    const [path, node] = change;
    const before = tree.change(change);
    if (node === null || before || !isWhole(node)) return before;
    const owner = ownerOf(node);
    if (owner && tree.exact && !tree.sessions.has(owner)) {
      const says = `${formatZxid(zxid)} makes the ephemeral ${path} at ${tree.actor} for session ${owner}, which does not exist there.`;
      this.#report({ property: 'EphemeralLife', says, proof: [id], about: owner });
    }
    return before;
  }

  /** Another server has said what the transaction did. */
  #compareChanges(step: Step, { actor, zxid, changes, id }: EventOf<'applied'>): void {
    const expected = step.changes.filter(([path]) => !isOwnWork(path));
    const actual = changes.filter(([path]) => !isOwnWork(path));
    for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
      const [theirs, ours] = [expected[i], actual[i]];
      const path = (ours ?? theirs)?.[0] ?? '';
      const differ =
        theirs && ours && theirs[0] === ours[0]
          ? difference(asNode(ours[1]), asNode(theirs[1]))
          : (['another one than before', 'not'] as const);
      if (!differ) continue;
      this.#differs(actor, step.actor, zxid, path, differ, [step.event, id]);
      return;
    }
  }

  /** A tree has come from a disk or from a leader. `exactFrom`: see {@link ServerTree}. */
  #loaded(
    tree: ServerTree,
    { nodes, sessions, id }: EventOf<'recovered' | 'tree-loaded'>,
    zxid: Zxid,
    exactFrom: Zxid,
  ): void {
    const at = this.#epochStarts.get(zxid) ?? zxid;
    const exact = at >= exactFrom;
    this.#mismatches.delete(tree.actor);
    if (exact) {
      const reference = this.#steps.at(at, this.#trees.values());
      if (reference) this.#compareTree(tree.actor, reference, nodes, at, id);
    }
    tree.load(nodes, sessions);
    tree.at = at;
    tree.exactFrom = exactFrom;
    tree.event = id;
    tree.truncatedTo = null;
    if (!exact) return;
    for (const [session, path] of tree.owners()) {
      if (tree.sessions.has(session)) continue;
      const says = `The tree that ${tree.actor} has loaded holds the ephemeral ${path} of session ${session}, which does not exist there.`;
      this.#report({ property: 'EphemeralLife', says, proof: [id], about: session });
    }
  }

  #compareTree(
    actor: ActorName,
    { tree, overlay }: Reference,
    nodes: readonly ZnodeChange[],
    zxid: Zxid,
    id: EventId,
  ): void {
    const at = (path: string): Node => (overlay.has(path) ? overlay.get(path) : tree.nodes.get(path));
    let same = 0;
    for (const [path, node] of nodes) {
      const expected = at(path);
      if (expected) same++;
      const differ = isOwnWork(path) ? null : difference(asNode(node), expected);
      if (differ) return this.#differs(actor, tree.actor, zxid, path, differ, [tree.event, id]);
    }
    let size = tree.nodes.size;
    for (const [path, node] of overlay) size += (node ? 1 : 0) - (tree.nodes.has(path) ? 1 : 0);
    if (size === same) return;
    const here = new Set(nodes.map(([path]) => path));
    for (const path of [...tree.nodes.keys(), ...overlay.keys()]) {
      const expected = at(path);
      if (!expected || here.has(path) || isOwnWork(path)) continue;
      return this.#differs(actor, tree.actor, zxid, path, ['not there', 'there'], [tree.event, id]);
    }
  }

  #differs(
    actor: ActorName,
    other: ActorName,
    zxid: Zxid,
    path: string,
    [ours, theirs]: readonly [string, string],
    proof: readonly EventId[],
  ): void {
    const by = other === actor ? 'before it had restarted' : `at ${other}`;
    const says = `After ${formatZxid(zxid)} ${path} is ${ours} at ${actor}, but ${theirs} ${by}; the same transactions should make the same tree.`;
    this.#report({ property: 'TreeDeterminism', says, proof, about: actor });
  }

  /**
   * The leader may have foreseen a wrong digest, and does where data of the root are set in haste. So what is compared
   * is the tree that the server's transactions have made.
   */
  #compareDigest(tree: ServerTree, zxid: Zxid, id: EventId): void {
    const mismatch = this.#mismatches.get(tree.actor);
    if (!mismatch) return;
    this.#mismatches.delete(tree.actor);
    if (mismatch.zxid !== zxid || !tree.exact || treeDigest(tree.nodes) === mismatch.actual) return;
    const says = `After ${formatZxid(zxid)} the tree of ${tree.actor} has the digest ${mismatch.actual}, but its transactions make ${treeDigest(tree.nodes)}; the leader expects ${mismatch.expected}.`;
    this.#report({ property: 'TreeDeterminism', says, proof: [mismatch.id, id], about: tree.actor });
  }

  /** closeSession was applied: nothing of the session may be left. */
  #sessionClosed(tree: ServerTree, session: SessionId, id: EventId): void {
    const [path] = tree.owned(session);
    tree.forget(session);
    if (path === undefined || !tree.exact) return;
    const says = `${tree.actor} has applied the end of session ${session} with ${formatZxid(tree.at)}, but keeps its ephemeral ${path}.`;
    this.#report({ property: 'EphemeralLife', says, proof: [tree.event, id], about: session });
  }
}

/** Of a change that tells only a Stat, data and ACL are as before; so both sides tell that or neither. */
function asNode(node: ZnodeChange[1]): Node {
  if (node === null || isWhole(node)) return node ?? undefined;
  return { data: null, acl: [], stat: node.stat };
}

function later(a: Zxid, b: Zxid): Zxid {
  return a > b ? a : b;
}
