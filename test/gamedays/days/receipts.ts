/** Receipts that cannot be settled, or wait. */
import assert from 'node:assert/strict';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';

const NOT_EMPTY: Row = {
  table: 'alarms',
  signs: ['Receipts…NotEmpty'],
  happened: 'documents were set aside: no redelivery will settle them',
  advice:
    '`npx crossfade dead-letters list` tells the causes, `npx crossfade dead-letters explain` each document with its reason. Mend the ' +
    'documents, or the columns, then `npx crossfade dead-letters redrive --why …`. Where a document needs no mending, since it has been ' +
    'deleted, say: `npx crossfade dead-letters discard --why …`. No gate of their collections opens before',
};

const UNFIT = JSON.stringify({ name: 'Nowhere', country: 'longer than its column' });
const FIT = JSON.stringify({ name: 'Nowhere', country: 'NA' });

/** Oracle has a column for two letters. */
async function writeUnfit({ app }: Field, key: string): Promise<void> {
  const { status, body } = await app.put({ collection: 'cities', key }, UNFIT);
  assert.equal(status, 204, body);
}

async function isTold(field: Field): Promise<void> {
  const list = await field.crossfade('dead-letters', 'list');
  assert.deepEqual([list.code, /COUNTRY/.test(list.output)], [1, true], list.output + list.error);
  const explained = await field.crossfade('dead-letters', 'explain');
  assert.match(explained.output, /unfit/);
}

async function noneIsLeft(field: Field): Promise<void> {
  const { output, code } = await field.crossfade('dead-letters', 'list');
  assert.equal(code, 0, output);
}

export const RECEIPTS: readonly Day[] = [
  {
    name: 'document-mended',
    row: NOT_EMPTY,
    provoke: (field) => writeUnfit(field, 'unfit/mended'),
    expect: isTold,
    remedy: async (field) => {
      assert.equal((await field.app.put({ collection: 'cities', key: 'unfit/mended' }, FIT)).status, 204);
      await field.succeed('dead-letters', 'redrive', '--why', 'mended');
    },
    healed: async (field) => {
      await noneIsLeft(field);
      await field.held('cities', 'unfit/mended', FIT);
    },
  },
  {
    name: 'document-deleted',
    row: NOT_EMPTY,
    provoke: (field) => writeUnfit(field, 'unfit/deleted'),
    expect: isTold,
    remedy: async (field) => {
      assert.equal((await field.app.delete({ collection: 'cities', key: 'unfit/deleted' })).status, 204);
      await field.succeed('dead-letters', 'discard', '--why', 'deleted');
    },
    healed: async (field) => {
      await noneIsLeft(field);
      await field.held('cities', 'unfit/deleted', null);
    },
  },
];
