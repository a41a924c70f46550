/** A DELETE that looks before it writes: its condition is one that no store can check by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_PRECONDITION } from '../../functions/routing/precondition.ts';
import { Router } from '../../functions/routing/router.ts';
import { Receipts } from '../../functions/stores/receipt.ts';
import { documentOf } from '../model/documents.ts';
import { Reference } from '../stores/reference.ts';

for (const phase of ['seal', 'switch'] as const)
  test(`${phase}: a DELETE that finds a document expired in Oracle alone deletes it in Couchbase, too: expand reads there`, async () => {
    const key = 'k';
    const { couchbase, oracle } = new Reference(() => 0);
    // Its time is up by Oracle's clock, and not yet by that of Couchbase.
    const version = await couchbase.upsert(key, { content: documentOf('A') });
    await oracle.apply(key, { content: null, version });
    const pair = {
      couchbase: { ...couchbase, require: () => {} },
      oracle: { ...oracle, require: () => {} },
    };
    const router = new Router(
      () => pair,
      new Receipts(async () => true),
      () => false,
    );
    const place = { collection: 'c', key };
    const precondition = { ...NO_PRECONDITION, noneMatch: [1n, 2n] };
    const deletion = { ...place, precondition, verb: 'delete' } as const;
    const answer = await router.write(deletion, { phase, timely: () => true });
    assert.equal(answer.kind, 'written');
    assert.deepEqual(await router.read(place, { phase: 'expand', timely: () => true }), { kind: 'absent' });
  });
