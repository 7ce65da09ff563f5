/** The last committed transactions in memory, for DIFF (`ZKDatabase.committedLog`). */
import type { LoggedTxn } from '../../protocol/txns.ts';
import type { Zxid } from '../../protocol/zxid.ts';

export class CommittedLog {
  readonly #countMax: number;
  #txns: LoggedTxn[] = [];

  /**
   * `commitLogCount`. The oldest is dropped only when the size already exceeds it, so one more is kept:
   * 501 by default, as in 3.8. (3.9.4 and later keep 500.)
   */
  constructor(commitLogCount: number) {
    this.#countMax = commitLogCount + 1;
  }

  /** Oldest first. */
  get txns(): readonly LoggedTxn[] {
    return this.#txns;
  }

  /** Null if empty. */
  get min(): Zxid | null {
    return this.#txns[0]?.header.zxid ?? null;
  }

  get max(): Zxid | null {
    return this.#txns.at(-1)?.header.zxid ?? null;
  }

  /** What is not above {@link max} is here already: the tree was rewound and replayed. */
  add(txn: LoggedTxn): void {
    if (this.max !== null && txn.header.zxid <= this.max) return;
    this.#txns.push(txn);
    if (this.#txns.length > this.#countMax) this.#txns.shift();
  }

  clear(): void {
    this.#txns = [];
  }
}
