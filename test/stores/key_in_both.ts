/** A key that lies in both real stores. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { perform } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { converge } from '../../functions/protocol/converge.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Content } from '../../functions/protocol/state.ts';
import { write } from '../../functions/protocol/write.ts';
import { SetAside } from '../../functions/stores/oracle/set_aside.ts';
import { portOf } from '../../functions/stores/port.ts';
import type { TestCluster } from './couchbase/cluster.ts';
import type { TestDatabase } from './oracle/database.ts';
import { Reference } from './reference.ts';

const text = (content: Content) => (content === null ? null : Buffer.from(content.body).toString());

/** One key of real stores, and what a router and a receipt make of it. */
export class KeyInBoth {
  readonly key = randomUUID();
  readonly #cluster: TestCluster;
  readonly #database: TestDatabase;
  readonly #port: ReturnType<typeof portOf>;

  constructor(cluster: TestCluster, database: TestDatabase) {
    [this.#cluster, this.#database] = [cluster, database];
    const { receipt } = new Reference(Date.now);
    this.#port = portOf(this.key, { couchbase: cluster.store, oracle: database.store, receipt });
  }

  async put(phase: Phase, content: Content): Promise<void> {
    const { kind } = await perform(write(phase, { content, condition: UNCONDITIONAL }), this.#port);
    assert.equal(kind, 'done');
  }

  /** As a receipt does. */
  async receipt(phase: Phase) {
    return (await perform(converge(phase, 0n), this.#port)).kind;
  }

  async both() {
    const [held, row] = [await this.#cluster.store.read(this.key), await this.#database.store.read(this.key)];
    return { held, row, texts: [text(held.content), text(row.content)] };
  }

  async aside(): Promise<string[]> {
    const { name } = this.#database.table;
    const entries = await new SetAside(this.#database.connection).list(name, { key: this.key }, null, 10);
    return entries.map(({ code }) => code);
  }
}
