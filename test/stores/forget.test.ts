/** Stores that come back with less than they have acknowledged, through their drivers. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { CallFailed, perform } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { converge } from '../../functions/protocol/converge.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { read } from '../../functions/protocol/read.ts';
import { type Content, NO_ROW, type OracleState } from '../../functions/protocol/state.ts';
import { write } from '../../functions/protocol/write.ts';
import { CouchbaseStore } from '../../functions/stores/couchbase/store.ts';
import type { Durable } from '../../functions/stores/durability.ts';
import { CONTROL } from '../../functions/stores/oracle/control_tables.ts';
import { SetAside } from '../../functions/stores/oracle/set_aside.ts';
import { upgrade } from '../../functions/stores/oracle/upgrade.ts';
import { portOf } from '../../functions/stores/port.ts';
import { document } from './contract/subject.ts';
import { type TestCluster, testCluster } from './couchbase/cluster.ts';
import { type TestDatabase, testDatabase } from './oracle/database.ts';
import { Reference } from './reference.ts';

/** A failover is an order to the embedded server. */
const skip = process.env.COUCHBASE_URL !== undefined && 'a cluster of your own takes no orders';

let cluster: TestCluster;
let database: TestDatabase;
before(async () => {
  [cluster, database] = await Promise.all([testCluster(), testDatabase({ size: 4 })]);
  await upgrade(database.connection, [CONTROL], null, () => {});
});
afterEach(() => cluster.server?.calm());
after(() => Promise.all([cluster.stop(), database.stop()]));

const [OLD, NEW] = [document('"old"'), document('"new"')];
const text = (content: Content) => (content === null ? null : Buffer.from(content.body).toString());

/** More than connections that a failover breaks. */
const DELIVERIES = 10;

/** One key, as the functions of a collection with this durability see it. */
class Key {
  readonly key = randomUUID();
  readonly #port: ReturnType<typeof portOf>;

  constructor(durable: Durable) {
    const couchbase = new CouchbaseStore(cluster.connection, cluster.keyspace, 10_000, durable);
    const receipt = new Reference(Date.now).receipt;
    this.#port = portOf(this.key, { couchbase, oracle: database.store, receipt });
  }

  put(phase: Phase, content: Content) {
    return perform(write(phase, { content, condition: UNCONDITIONAL }), this.#port);
  }

  async seen(phase: Phase) {
    return text((await perform(read(phase), this.#port)).content);
  }

  /**
   * As the receipts of a write do, a bake later. A failover breaks the connections, and the driver cancels what it has sent on one of
   * them just then: a receipt is delivered again after that.
   */
  async settle(phase: Phase): Promise<void> {
    for (let deliveries = 1; ; deliveries++)
      try {
        return await this.#deliver(phase);
      } catch (error) {
        if (!(error instanceof CallFailed) || deliveries === DELIVERIES) throw error;
      }
  }

  async #deliver(phase: Phase): Promise<void> {
    const first = await perform(converge(phase, 0n), this.#port);
    const last = first.kind === 'marker' ? await perform(converge(phase, first.cas), this.#port) : first;
    assert.equal(last.kind, 'equal');
  }

  async both() {
    const [held, row] = [await cluster.store.read(this.key), await database.store.read(this.key)];
    return [text(held.content), text(row.content)];
  }

  /** What was set aside: bodies and reasons. */
  async aside(): Promise<string[]> {
    const [kept, { name }] = [new SetAside(database.connection), database.table];
    const entries = await kept.list(name, { key: this.key }, null, 10);
    const bodies = await Promise.all(entries.map(({ id }) => kept.body(name, id)));
    return entries.map(({ reason }, i) => `${bodies[i]?.toString()}: ${reason}`);
  }
}

const KINDS = ['update', 'insert', 'delete'] as const;
const A: Readonly<Record<Kind, string>> = { update: 'an update', insert: 'an insert', delete: 'a deletion' };
type Kind = (typeof KINDS)[number];
const left = (kind: Kind) => (kind === 'delete' ? null : NEW);

/** It is acknowledged and in both stores; then the node fails, and its replica had not heard of it. */
async function failedOver(phase: Phase, kind: Kind, durable: Durable): Promise<Key> {
  const key = new Key(durable);
  if (kind !== 'insert') {
    await key.put(phase, OLD);
    await key.settle(phase);
  }
  await cluster.server?.lagReplication();
  const outcome = await key.put(phase, left(kind));
  assert.equal(outcome.kind, 'done');
  await cluster.server?.failOver();
  await cluster.server?.nodesBack();
  await key.settle(phase);
  return key;
}

for (const phase of ['expand', 'seal', 'switch', 'settle'] as const)
  for (const kind of KINDS) {
    test(`${phase}: a failover does not take ${A[kind]} away that a majority had acknowledged`, {
      skip,
    }, async () => {
      const key = await failedOver(phase, kind, { level: 'majority', fallBack: null });
      const wanted = text(left(kind));
      assert.deepEqual(
        [await key.both(), await key.seen(phase), await key.aside()],
        [[wanted, wanted], wanted, []],
      );
    });

    test(`${phase}: ${lost(phase, kind)}`, { skip }, async () => {
      const key = await failedOver(phase, kind, { level: 'none', fallBack: null });
      const aside = await key.aside();
      // An insert leaves no version behind that would tell it from a deletion.
      const counted = kind === 'insert' && (phase === 'expand' || phase === 'seal');
      const wanted = counted ? null : text(left(kind));
      assert.deepEqual([await key.both(), await key.seen(phase)], [[wanted, wanted], wanted]);
      if (counted) assert.match(aside.join(), /^"new": .*no tombstone/);
      else if (kind === 'insert' || phase === 'settle') assert.deepEqual(aside, []);
      else assert.match(aside.join(), /^"old": .*failover/);
    });
  }

function lost(phase: Phase, kind: Kind): string {
  if (kind === 'insert' && (phase === 'expand' || phase === 'seal'))
    return 'an insert that a failover takes away, not being durable, counts as deleted and is set aside';
  return `${A[kind]} that a failover takes away, not being durable, comes back from Oracle`;
}

test('what somebody deletes past the API in expand is deleted in Oracle, and nothing is set aside', async () => {
  const key = new Key({ level: 'majority', fallBack: null });
  await key.put('expand', OLD);
  await cluster.collection.remove(key.key);
  await key.settle('expand');
  assert.deepEqual([await key.both(), await key.aside()], [[null, null], []]);
});

/** Oracle comes back with the row that it had before its last commits. */
async function fallBack(key: string, row: OracleState): Promise<void> {
  const target = { store: 'oracle', operation: 'write', collection: database.table.name, key } as const;
  await database.connection.use(target, true, (session) =>
    session.execute(`DELETE FROM ${database.table.name} WHERE doc_key = :key`, { key }, { autoCommit: true }),
  );
  assert.equal(row.version === 0n || (await database.store.swap(key, { from: NO_ROW, to: row })), true);
}

for (const kind of KINDS)
  test(`settle: where Oracle has lost ${A[kind]}, what Couchbase holds is not destroyed`, async () => {
    const key = new Key({ level: 'majority', fallBack: null });
    if (kind !== 'insert') await key.put('settle', OLD);
    const row = await database.store.read(key.key);
    await key.put('settle', left(kind));
    await fallBack(key.key, row);
    await key.settle('settle');
    // Of a row that is gone nothing says that Oracle orders the key, so what Couchbase has is taken.
    const wanted = kind === 'insert' ? '"new"' : '"old"';
    assert.deepEqual([await key.both(), await key.seen('settle')], [[wanted, wanted], wanted]);
    const aside = await key.aside();
    if (kind === 'insert') assert.deepEqual(aside, []);
    else assert.match(aside.join(), kind === 'update' ? /^"new": .*earlier state/ : /^: .*earlier state/);
  });
