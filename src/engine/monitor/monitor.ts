/** Who answers operators: one for each server process, whatever its role. */
import { isAdminCommand } from '../../protocol/monitoring.ts';
import type { ServerContext } from '../context.ts';
import { answerAdminCommand } from './admin-commands.ts';
import { FourLetterWords, type Answer } from './four-letter-words.ts';
import type { MonitoredCnxns, MonitoredPeer, MonitoredServer } from './monitored.ts';

export class Monitor {
  /** Null: a standalone server. */
  peer: MonitoredPeer | null = null;
  /** The role that runs, whether it serves clients or not: whom the admin server speaks of. */
  running: MonitoredServer | null = null;
  readonly #ctx: ServerContext;
  readonly #cnxns: MonitoredCnxns;
  readonly #words = new FourLetterWords();

  constructor(ctx: ServerContext, cnxns: MonitoredCnxns) {
    this.#ctx = ctx;
    this.#cnxns = cnxns;
  }

  /**
   * The answer to a command (`isMonitorCommand`); null: a word that is not answered.
   * @param serving who serves clients: whom four-letter words speak of
   */
  answer(command: string, serving: MonitoredServer | null): Answer | null {
    const subject = { ctx: this.#ctx, peer: this.peer, cnxns: this.#cnxns };
    return isAdminCommand(command)
      ? answerAdminCommand(command, { ...subject, server: this.running }, this.#words)
      : this.#words.answer(command, this.#ctx.zoo, { ...subject, server: serving });
  }
}
