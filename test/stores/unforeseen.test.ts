/** What Oracle refuses although it fits the configuration, over both stores through their drivers. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Payload } from '../../functions/protocol/payload.ts';
import { PHASES } from '../../functions/protocol/phase.ts';
import type { Content } from '../../functions/protocol/state.ts';
import { NO_PRECONDITION } from '../../functions/routing/precondition.ts';
import { Router } from '../../functions/routing/router.ts';
import { Receipts } from '../../functions/stores/receipt.ts';
import { document } from './contract/subject.ts';
import { type TestCluster, testCluster } from './couchbase/cluster.ts';
import { type TestDatabase, testDatabase } from './oracle/database.ts';

let cluster: TestCluster;
let database: TestDatabase;
before(async () => {
  [cluster, database] = await Promise.all([testCluster(), testDatabase({ size: 4 })]);
});
after(() => Promise.all([cluster.stop(), database.stop()]));

const textOf = (content: Content) => (content === null ? null : Buffer.from(content.body).toString());

/** Adds a rule to the table that Crossfade does not know: nothing but JSON objects and arrays. */
async function define(text: string): Promise<void> {
  const { connection, store, table } = database;
  const target = store.target(null, 'define');
  await connection.use(target, true, (session) => session.execute(text.replaceAll('#', table.name)));
}

test('what a constraint refuses that nobody has told Crossfade of is answered 422 wherever both stores are needed, and never keeps a read from its document', async () => {
  const stores = { couchbase: cluster.store, oracle: database.store };
  const router = new Router(
    () => stores,
    new Receipts(async () => true),
    () => false,
  );
  await define('ALTER TABLE # ADD CONSTRAINT #_WHOLE CHECK (bytes IS NULL)');
  try {
    for (const phase of PHASES) {
      const surroundings = { phase, timely: () => true };
      const place = { collection: 'c', key: randomUUID() };
      const put = (body: string, precondition = NO_PRECONDITION) => {
        const payload = new Payload(Buffer.from(body), null);
        return router.write({ ...place, precondition, verb: 'put', payload }, surroundings).then(
          ({ kind }) => kind,
          (error: Error) => error.name,
        );
      };
      const found = async () => {
        const answer = await router.read(place, surroundings);
        return answer.kind === 'found' ? textOf(answer.document) : answer.kind;
      };
      assert.equal(await put('{"n":1}'), 'written', phase);
      const first = await put('42');
      const lags = phase === 'legacy' || phase === 'expand';
      assert.equal(first, lags ? 'written' : 'PoisonDocument', phase);
      assert.equal(await found(), lags ? '42' : '{"n":1}', phase);
      const held = await cluster.store.read(place.key);
      if (!lags && phase !== 'contract') assert.equal(textOf(held.content), '{"n":1}', phase);
      // It is known by now.
      if (phase === 'expand') assert.equal(await put('42'), 'PoisonDocument');
    }

    // Left in Couchbase alone by a forced move: nothing in Oracle, or another document.
    for (const before of [null, document('{"n":1}')]) {
      const place = { collection: 'c', key: randomUUID(), precondition: NO_PRECONDITION };
      if (before !== null) await database.store.apply(place.key, { content: before, version: 1n });
      await cluster.store.upsert(place.key, { content: document('42') });
      const surroundings = { phase: 'seal', timely: () => true } as const;
      const answer = await router.read(place, surroundings);
      assert.ok(answer.kind === 'found' && textOf(answer.document) === '42');
      const payload = new Payload(Buffer.from('{"n":2}'), null);
      const only = {
        ...place,
        precondition: { match: null, noneMatch: 'any' },
        verb: 'put',
        payload,
      } as const;
      assert.equal((await router.write(only, surroundings)).kind, 'refused');
      const patch = { ...place, verb: 'patch', patch: '{"n":3}', expiresAt: 'keep' } as const;
      assert.equal((await router.write(patch, surroundings)).kind, 'written');
      assert.equal(textOf((await database.store.read(place.key)).content), '{"n":3}');
    }
  } finally {
    await define('ALTER TABLE # DROP CONSTRAINT #_WHOLE');
  }
});
