/** A few game days, cheap ones, of those that `npm run gamedays` holds. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DAYS } from './days/all.ts';
import { Field } from './field.ts';
import { goOff, heal } from './hold.ts';

let field: Field | undefined;
before(async () => {
  // Five minutes are three seconds.
  field = await Field.start(() => {}, 100);
  await field.place('expand', 60_000, 'expand');
});
after(async () => {
  await field?.stop();
  assert.deepEqual(field?.caught, []);
});

for (const name of ['phase-by-hand', 'receipts-refused'])
  test(`game day: ${name}`, async () => {
    const day = DAYS.find((each) => each.name === name);
    assert.ok(day !== undefined && field !== undefined);
    await goOff(day, field, () => {});
    await heal(day, field, () => {});
    await field.crowd.stop();
  });
