/**
 * What clients are told, against what the transaction did: `SeqNumbers` of sequential creates, `Atomicity` of multis.
 * Clients with a chroot call paths by their end.
 */
import type { ClientOp, EventOf, TraceMultiResult } from '../../protocol/events.ts';
import type { EventId } from '../../protocol/ids.ts';
import { parentPath } from '../../protocol/znode.ts';
import { formatZxid, type Zxid } from '../../protocol/zxid.ts';
import type { Report } from '../types.ts';
import { isWhole } from './server-tree.ts';
import type { Step, Steps } from './steps.ts';

type Returned = EventOf<'returned'>;

/** A number that was given. `order`: of its part in a multi. */
interface Given {
  readonly zxid: Zxid;
  readonly order: number;
  readonly number: number;
  readonly path: string;
  readonly event: EventId;
}

/** So many of the last numbers under one parent are remembered, of so many parents. */
const GIVEN_MAX = 64;
const PARENTS_MAX = 4096;
const WRITES = ['create', 'delete', 'set', 'check'];

export class Replies {
  readonly #steps: Steps;
  readonly #report: Report;
  /** By parent and its czxid, in the order of the transactions. */
  readonly #given = new Map<string, Given[]>();

  constructor(steps: Steps, report: Report) {
    this.#steps = steps;
    this.#report = report;
  }

  returned(event: Returned): void {
    const { zxid, request, result } = event;
    if (zxid === null || result === null) return;
    const step = this.#steps.get(zxid);
    if (!step) return;
    if (request.op === 'create' && event.error === null && result.path !== undefined) {
      if (isSequential(request)) this.#numbered(event, step, request, result.path, 0);
    } else if (request.op === 'multi' && result.results && step.txn === 'multi') {
      this.#multi(event, step, result.results);
    }
  }

  #multi(event: Returned, step: Step, results: readonly TraceMultiResult[]): void {
    const { actor, error, request, id } = event;
    const ops: readonly ClientOp[] = Array.isArray(request['ops']) ? (request['ops'] as readonly ClientOp[]) : [];
    // Reads in a multi are no transaction, and their reply may name the zxid of another one.
    if (!ops.every(({ op }) => WRITES.includes(op))) return;
    const failed = error !== null || results.some(({ op }) => op === 'error');
    const z = formatZxid(step.zxid);
    if (failed) {
      const [change] = step.changes;
      if (!change) return;
      const says = `${actor} is told that its multi ${z} has failed, but ${step.actor} has changed ${change[0]} by it.`;
      this.#report({ property: 'Atomicity', says, proof: [step.event, id], about: z });
      return;
    }
    for (const [i, result] of results.entries()) {
      if (result.op !== 'create') continue;
      this.#numbered(event, step, ops[i], result.path, i);
      if (step.changes.some(([path]) => path.endsWith(result.path))) continue;
      const says = `${actor} is told that its multi ${z} has created ${result.path}, but ${step.actor} has not changed it by that.`;
      this.#report({ property: 'Atomicity', says, proof: [step.event, id], about: z });
    }
  }

  #numbered({ actor, id }: Returned, step: Step, asked: ClientOp | undefined, told: string, order: number): void {
    // What stands behind the path that was asked for: `n-` and 0000000001 are no −1. Behind the greatest integer come negative ones.
    const prefix = asked?.path ?? '';
    const number = told.startsWith(prefix) && told !== prefix ? Number(told.slice(prefix.length)) : NaN;
    const path = step.changes.find(([each, node]) => isWhole(node) && each.endsWith(told))?.[0];
    const parent = path === undefined ? undefined : parentPath(path);
    const stat = step.changes.find(([each]) => each === parent)?.[1]?.stat;
    if (path === undefined || parent === undefined || !stat || Number.isNaN(number)) return;
    const list = this.#of(`${parent} ${stat.czxid}`);
    const given: Given = { zxid: step.zxid, order, number, path, event: id };
    // Replies of several clients do not come in the order of their transactions.
    let at = list.length;
    while (at > 0 && isBefore(given, list[at - 1])) at--;
    list.splice(at, 0, given);
    const [before, after] = [list[at - 1], list[at + 1]];
    if (list.length > GIVEN_MAX) list.shift();
    for (const [low, high] of [
      [before, given],
      [given, after],
    ]) {
      if (!low || !high || low.number < high.number || isLast(low, high)) continue;
      const says = `${high.path} was created after ${low.path} under the same parent, so its number should be higher (${actor} is told).`;
      this.#report({ property: 'SeqNumbers', says, proof: [low.event, high.event, step.event], about: parent });
    }
  }

  #of(key: string): Given[] {
    let list = this.#given.get(key);
    if (!list) {
      list = [];
      this.#given.set(key, list);
      const [oldest] = this.#given.keys();
      if (this.#given.size > PARENTS_MAX && oldest !== undefined) this.#given.delete(oldest);
    }
    return list;
  }
}

function isSequential({ mode }: ClientOp): boolean {
  return String(mode).includes('SEQUENTIAL');
}

function isBefore(a: Given, b: Given | undefined): boolean {
  return b !== undefined && (a.zxid < b.zxid || (a.zxid === b.zxid && a.order < b.order));
}

/** Behind the greatest integer comes the least. */
function isLast(low: Given, high: Given): boolean {
  return low.number > 0 && high.number < 0;
}
