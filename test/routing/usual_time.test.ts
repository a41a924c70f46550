import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsualTime } from '../../functions/routing/usual_time.ts';

test('the time that is waited follows the usual time within its bounds, and forgets outliers', () => {
  const usual = new UsualTime({ least: 100, most: 500 });
  assert.equal(usual.budget, 500, 'nothing is known yet');
  for (let n = 0; n < 50; n++) usual.note(5);
  assert.equal(usual.budget, 100);
  usual.note(5000);
  assert.equal(usual.budget, 100, 'nobody waits for what takes longer than the upper bound');
  for (let n = 0; n < 50; n++) usual.note(n % 2 === 0 ? 80 : 120);
  const { budget } = usual;
  assert.ok(budget > 120 && budget < 300, `${budget}`);
  for (let n = 0; n < 50; n++) usual.note(450);
  assert.ok(usual.budget >= 450);
});
