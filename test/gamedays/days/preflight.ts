/** What a look at all documents finds before anything is copied. */
import assert from 'node:assert/strict';
import type { Collection } from 'couchbase';
import { connectCouchbase } from '../../../functions/stores/couchbase/connect.ts';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';
import { SETTINGS } from '../stack.ts';

const TOO_LARGE: Row = {
  table: 'messages',
  signs: ['TOO_LARGE'],
  advice:
    'the API can never serve these documents, so the move to `expand` waits. `npx crossfade preflight NAME` tells their keys: split or delete them and look again, or say ' +
    '`npx crossfade preflight accept NAME --too-large NUMBER --why …`. See [Before anything is copied](#before-anything-is-copied)',
};

/** As a client that has never heard of the API. */
async function pastTheApi(field: Field, act: (cities: Collection) => Promise<unknown>): Promise<void> {
  const { cities } = SETTINGS.configuration.collections;
  const { bucket, scope, collection } = cities?.couchbase ?? assert.fail();
  const cluster = await connectCouchbase({ ...field.stack.stores.logins.couchbase, connectTimeout: 10_000 });
  try {
    await act(cluster.bucket(bucket).scope(scope).collection(collection));
  } finally {
    await cluster.close();
  }
}

const KEY = 'atlas';

export const PREFLIGHT: readonly Day[] = [
  {
    name: 'documents-too-large',
    row: TOO_LARGE,
    // What clients write in `legacy` Oracle has not.
    isQuiet: true,
    provoke: async (field) => {
      await field.place('legacy', 60_000, 'legacy');
      await pastTheApi(field, (cities) =>
        cities.upsert(KEY, { name: 'x'.repeat(7_000_000) }, { timeout: 20_000 }),
      );
      const { output, code } = await field.crossfade('preflight', 'cities');
      assert.deepEqual([code, /1 are too large .*\n {2}"atlas": /.test(output)], [1, true], output);
      await field.succeed('set', 'expand');
    },
    expect: async (field) => {
      const told = () => field.succeed('plan');
      await field.until('nothing waits for it', told, (plan) =>
        /WAITS {2}preflight: TOO_LARGE: 1 doc/.test(plan),
      );
      assert.equal((await field.app.get({ collection: 'cities', key: KEY })).status, 413);
    },
    remedy: async (field) => {
      await field.succeed('preflight', 'accept', 'cities', '--too-large', '1', '--why', 'nobody reads it');
    },
    healed: async (field) => {
      await field.obeyed('expand');
      await pastTheApi(field, (cities) => cities.remove(KEY));
    },
  },
];
