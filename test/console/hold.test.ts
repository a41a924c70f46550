/** `hold` and `commit`: what is asked for, what is refused before, and what is printed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../../infra/console/program.ts';
import { committedLines, heldLines } from '../../infra/console/told/hold.ts';

test('times and phases that cannot be are refused before anything is asked', async () => {
  for (const [given, message] of [
    [['commit', 'orders', '--within', '2x'], /It must be like 30m, 2h or 1d/],
    [['commit', 'orders', '--within', '0h'], /It must be like/],
    [['hold', 'orders', '--before', 'settle'], /Allowed choices are seal, switch/],
    [
      ['hold', 'orders', '--before', 'seal', '--release'],
      /--release ends the whole hold: leave --before out/,
    ],
    [['hold'], /missing required argument 'collection'/],
  ] as const) {
    let said = '';
    const error = (text: string) => {
      said += text;
    };
    const code = await run(given, { out: () => {}, error });
    assert.deepEqual([code, message.test(said)], [2, true], said);
  }
});

test('what was held or committed is told with the command that comes next', () => {
  const hold = { before: ['seal' as const, 'switch' as const], by: 'ann', at: 0, why: null };
  const held = { collection: 'orders', hold, audited: true, because: null };
  assert.match(heldLines(held)[0] ?? '', /into seal and switch wait for npx crossfade commit orders\.$/);
  assert.match(heldLines({ ...held, hold: null }).join(), /No operator holds orders any more/);
  const unaudited = heldLines({ ...held, audited: false, because: 'Oracle is away' });
  assert.equal(unaudited.at(-1), 'The audit log has no entry of it: Oracle is away');
  const commit = {
    ...({ from: 'expand', to: 'seal', version: 3, by: 'ann', at: 0, why: null } as const),
    ...{ until: 3_600_000, outsideWindow: false, over: 0 },
  };
  assert.match(
    committedLines({ collection: 'orders', from: 'expand', to: 'seal', commit }).join('\n'),
    /^Committed: orders moves from expand to seal .*, if that is before 1970-01-01T01:00:00\.000Z\.\n.*status orders$/,
  );
});
