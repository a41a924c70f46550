/** What Oracle refuses although it fits the columns of the configuration: who may refuse it, and what was refused lately. */
import type { Content } from '../../protocol/state.ts';
import { PoisonDocument, type Target } from '../failure.ts';
import { orAsBytes } from './as_bytes.ts';
import type { OracleConnection } from './connection.ts';
import { ForeignRules } from './foreign_rules.ts';
import { Refusals } from './refusals.ts';
import type { Filled, Table } from './table.ts';

export class Unforeseen {
  readonly #foreign: ForeignRules;
  readonly #refusals: Refusals;
  readonly #table: string;

  /** @param now milliseconds since the epoch. */
  constructor(connection: OracleConnection, table: Table, now: () => number) {
    this.#foreign = new ForeignRules(connection, table, now);
    this.#refusals = new Refusals(now);
    this.#table = table.name;
  }

  /** Whether Oracle may refuse what fits. */
  isPossible(target: Target): Promise<boolean> {
    return this.#foreign.any(target);
  }

  /** Throws `PoisonDocument` for what would be refused again. @param values of the columns, by name. */
  recall(key: string, content: Content, values: Filled['copied'], target: Target): void {
    this.#refusals.require(key, content, values, target);
  }

  /** Has a row written, as bytes where its JSON is refused. What is refused all the same is remembered. */
  async taken<T>(
    key: string,
    content: Content,
    filled: Filled,
    act: (filled: Filled) => Promise<T>,
  ): Promise<T> {
    try {
      return await orAsBytes(this.#table, filled, act);
    } catch (error) {
      if (error instanceof PoisonDocument) {
        this.#foreign.refused();
        this.#refusals.learn(key, content, error, error.target.collection === this.#table);
      }
      throw error;
    }
  }
}
