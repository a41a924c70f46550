import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../infra/demo/book.ts';
import { failuresTold } from '../../infra/demo/failures.ts';
import { Tally } from '../../infra/demo/tally.ts';
import { exitCodeOf, type Found, verdictLines, verdictOf } from '../../infra/demo/verdict.ts';
import { GATEWAY } from '../../infra/local/gateway.ts';

const FAULT: Fault = {
  key: 'cities/a',
  kind: 'lost',
  detail: 'Oracle should hold write 1, and holds nothing',
};
const STUCK = 'In 240 s it does not come to seal: cities is in expand';

function ended(faults: readonly Fault[], broken: string | null, isSlow: boolean) {
  const machine = { isSlow, measured: '13.0 processes wanted 2 processors, and a timer was 0.4 s late' };
  const found: Found = {
    ...{ seed: 1, took: 80, documents: 1250, acknowledged: 31, way: ['legacy', 'expand'] },
    past: { taken: 12, late: 3, restored: 2 },
    ...{ faults, broken, machine, answer: ['Asked in SQL'] },
  };
  const tally = new Tally(() => 0);
  tally.count('expand', 12, null);
  return { code: exitCodeOf(found), text: verdictLines(verdictOf(found, tally)).join('\n') };
}

test('each end has a code of its own, and says what it means', () => {
  const well = ended([], null, true);
  assert.deepEqual([well.code, /Nothing that was acknowledged is missing\./.test(well.text)], [0, true]);
  assert.match(well.text, /Asked in SQL/);
  assert.match(well.text, /Past the API 12 writes .* old service; 3 more came too late, .* 2 were restored/);
  const wrong = ended([FAULT], null, true);
  assert.deepEqual([wrong.code, /THE SERVICE WAS WRONG\.$/.test(wrong.text)], [1, true]);
  const slow = ended([], STUCK, true);
  assert.equal(slow.code, 3);
  assert.match(slow.text, /did not come to its end\. In 240 s it does not come to seal/);
  assert.match(slow.text, /TOO SLOW OR TOO BUSY .* 13\.0 processes wanted 2 processors/);
  assert.match(slow.text, /It is not data that was lost/);
  assert.match(slow.text, /Requests {5}1, of which 31 writes were acknowledged/, 'the figures so far');
  const stuck = ended([], STUCK, false);
  assert.deepEqual([stuck.code, /may be in Crossfade/.test(stuck.text)], [2, true]);
  assert.ok(!/Nothing that was acknowledged is missing|TOO SLOW/.test(stuck.text));
});

test('what is missing is missing, however slow the machine is', () => {
  const { code, text } = ended([FAULT], STUCK, true);
  assert.equal(code, 1);
  assert.match(text, /lost: cities\/a: Oracle should hold write 1/);
  assert.ok(!text.includes('It is not data that was lost'));
});

test('why requests fail is told, but not each time where many do', () => {
  const told: string[] = [];
  let now = 0;
  const log = failuresTold({ tell: (line: string) => told.push(line) }, () => now);
  log('ApiFunction', 'what a function logs');
  for (; now < 25_000; now += 1000) log(GATEWAY, `Sandbox.Timedout ${now}`);
  assert.deepEqual(told, [
    'A request failed: Sandbox.Timedout 0',
    'A request failed: Sandbox.Timedout 10000 (and 9 before it)',
    'A request failed: Sandbox.Timedout 20000 (and 9 before it)',
  ]);
});
