/** Deletions leave tombstones in Oracle, and nobody drops them. */
import assert from 'node:assert/strict';
import { Batches } from '../../../functions/stores/oracle/batch.ts';
import { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';
import { SETTINGS } from '../stack.ts';

const GROWN: Row = {
  table: 'alarms',
  signs: ['Tombstones'],
  happened:
    'a collection has more tombstones in Oracle than `mostTombstones`. Nothing is wrong but the space that they take, about 234 bytes each',
  advice:
    'the log of Control says which collection, with `TOO_MANY_TOMBSTONES`. `npx crossfade tombstones NAME --why …` as the owner of the tables tells how many nothing can need any more, and ' +
    '`--confirm` drops them: run it once a week. Where a month of deletions is more than `mostTombstones`, raise it. See [Tombstones](#tombstones)',
};

/** Milliseconds of 40 days. */
const AGO = 40 * 86_400_000;
const COUNT = SETTINGS.configuration.mostTombstones + 100;

/** As deletions of 40 days ago have left them. */
async function bury(field: Field): Promise<void> {
  const connection = new OracleConnection({
    ...{ login: async () => field.stack.stores.logins.oracle, size: 1, timeout: 20_000 },
  });
  const then = Date.now() - AGO;
  const version = BigInt(then) * 1_000_000n;
  const gone = Array.from({ length: COUNT }, (_, n) => ({ key: `gone/${n}`, content: null, version }));
  await new Batches(connection, { name: 'CITIES', columns: [], projections: [] }, () => then).apply(gone);
  await connection.close();
}

export const TOMBSTONES: readonly Day[] = [
  {
    name: 'tombstones-grow',
    row: GROWN,
    provoke: (field) => bury(field),
    expect: async (field) => {
      assert.ok(field.said('TOO_MANY_TOMBSTONES'));
      const told = await field.succeedAsOwner('tombstones', 'cities', '--why', 'how many are there');
      assert.match(told, new RegExp(`^${COUNT} tombstones of CITIES can be dropped`));
    },
    remedy: async (field) => {
      const told = await field.succeedAsOwner('tombstones', 'cities', '--why', 'weekly', '--confirm');
      assert.match(told, new RegExp(`${COUNT} tombstones of CITIES were dropped`));
    },
  },
];
