/** `preflight` over many pages, as operators see it: it goes on after failures, stops in time, and says how to go on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Preflight } from '../../functions/operations/preflight.ts';
import { type Asking, preflightAll } from '../../infra/console/preflight.ts';
import { NotDone } from '../../infra/console/service.ts';
import { isWell, preflightLines } from '../../infra/console/told/preflight.ts';
import { failureText } from '../../infra/console/unreachable.ts';

const page = (checked: number, next: string | null, given: Partial<Preflight> = {}): Preflight => ({
  ...{ checked, refused: 0, notJson: 0, largest: 9, samples: [], began: 7, before: 0, next, ...given },
});
const gone = new NotDone(500, '500: Internal Server Error');

/** A console whose API answers so, one after the other. */
function consoleOver(answers: readonly (Preflight | Error)[]) {
  const left = [...answers];
  const [asked, said]: [object[], string[]] = [[], []];
  const asking = {
    service: {
      ask: async (_: string, input: object) => {
        asked.push(input);
        const answer = left.shift() ?? assert.fail('it was asked too often');
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    say: (line: string) => void said.push(line),
    count: () => {},
  } as unknown as Asking;
  return { asking, asked, said, left };
}

test('pages follow each other until the end; what the first tells of the stores is told at the end', async () => {
  const load = { at: 0, values: [], pauses: [], slowdowns: [], notGranted: [], unknown: [] };
  const { asking, asked } = consoleOver([
    page(5, 'k5', { durabilityProblem: 'too few replicas', load }),
    page(9, null),
  ]);
  const found = await preflightAll(asking, 'orders', { prefix: 'k' });
  assert.deepEqual(asked, [
    { collection: 'orders', prefix: 'k', walk: 'resume' },
    { collection: 'orders', prefix: 'k', began: 7 },
  ]);
  assert.deepEqual([found.checked, found.durabilityProblem, found.load], [9, 'too few replicas', load]);
});

test('a page that fails is asked for again; a walk that was to begin anew is begun so once', async () => {
  const { asking, asked, said } = consoleOver([gone, gone, page(5, 'k5'), gone, page(9, null)]);
  await preflightAll(asking, 'orders', { again: true });
  assert.deepEqual(
    asked.map((input) => ('walk' in input ? input.walk : 'on')),
    ['anew', 'resume', 'resume', 'on', 'on'],
  );
  assert.equal(said.length, 3);
});

test('after six failures in a row it stops, and says how far it is and which command goes on', async () => {
  const failures = Array.from({ length: 6 }, () => gone);
  const { asking, left } = consoleOver([page(5, 'k"5'), ...failures, page(9, null)]);
  await assert.rejects(preflightAll(asking, 'orders', { prefix: 'k' }), {
    message:
      '500: Internal Server Error 5 documents were looked at, up to the key "k\\"5", and what was found is kept. ' +
      'It goes on there: npx crossfade preflight orders --prefix "k"',
  });
  assert.equal(left.length, 1);
});

test('what is refused is not asked for again', async () => {
  const { asking, asked } = consoleOver([new NotDone(400, 'PREFLIGHT_OVERTAKEN: another')]);
  await assert.rejects(preflightAll(asking, 'orders'), { message: 'PREFLIGHT_OVERTAKEN: another' });
  assert.equal(asked.length, 1);
  const onTheWay = consoleOver([page(5, 'k5'), new NotDone(400, 'PREFLIGHT_OVERTAKEN: another')]);
  const failure = await preflightAll(onTheWay.asking, 'orders').catch((error: Error) => error);
  assert.match(
    failureText(failure, {}),
    /^PREFLIGHT_OVERTAKEN: another 5 documents .* npx crossfade preflight orders$/,
  );
});

test('a command that goes on with an earlier one says so', async () => {
  const { asking, said } = consoleOver([page(9, null, { before: 5 })]);
  await preflightAll(asking, 'orders');
  assert.match(said.join(), /goes on after 5 documents .*--again begins anew/);
});

test('faults are told by their kinds, with examples, counts for each reason, and what to do', () => {
  const lines = preflightLines(
    page(9, null, {
      ...{ refused: 3, tooLarge: 1, unread: 1, notObject: 2 },
      causes: { 'no number at total': 1, 'too long for NAME': 2 },
      samples: [
        { key: 'a', why: 'too long', fault: 'refused' },
        { key: 'b', why: 'its body has 6300000 bytes', fault: 'too-large' },
        { key: 'c', why: 'no answer', fault: 'unread' },
      ],
    }),
    'orders',
  );
  const text = lines.join('\n');
  assert.match(
    text,
    /3 would be set aside:\n +2 {2}too long for NAME\n +1 {2}no number at total\n {2}"a": too long\n/,
  );
  assert.match(text, /1 are too large .*preflight accept orders --too-large 1 --why "…"\n {2}"b": /);
  assert.match(text, /1 could not be read.*\n {2}"c": no answer/);
  assert.match(text, /2 are JSON and no object/);
  for (const fault of [{ refused: 1 }, { tooLarge: 1 }, { unread: 1 }, { durabilityProblem: 'x' }])
    assert.equal(isWell(page(9, null, fault)), false);
  // Functions of the version before tell no more than that.
  const { began: _, before: __, ...old } = page(9, null);
  assert.equal(isWell(old), true);
  assert.match(preflightLines(old, 'orders').join('\n'), /Oracle can hold all of them/);
});

test('people read how documents fill the tables of projections, and which paths no document has', () => {
  const none = { missing: 0, nulled: 0, rounded: 0, refused: 0 };
  const table = { table: 'LINES', counted: 9, taken: 4, rows: 30, refused: 0 };
  const filled = (given: object) =>
    preflightLines(page(9, null, { projections: [{ ...table, columns: [], ...given }] }), 'orders').slice(3);
  assert.deepEqual(
    filled({
      refused: 2,
      columns: [
        { ...none, name: 'SKU', from: 'lines[…].sku' },
        { name: 'PRICE', from: 'lines[…].price', missing: 3, nulled: 4, rounded: 5, refused: 2 },
        { ...none, name: 'NOTE', from: 'lines[…].nte', missing: 30 },
      ],
    }),
    [
      'LINES: 30 rows of 4 documents, 2 of which it cannot take.',
      '  SKU (lines[…].sku): 30 filled',
      '  PRICE (lines[…].price): 23 filled, 3 have nothing there, 4 do not fit and are NULL, 5 are rounded, 2 documents are refused for it',
      '  NOTE (lines[…].nte): no document has anything there. Look at where it comes from',
    ],
  );
  const refused = [{ ...none, name: 'SKU', from: 'sku', refused: 4 }];
  assert.deepEqual(filled({ rows: 0, refused: 4, columns: refused }), [
    'LINES: 0 rows of 4 documents, 4 of which it cannot take.',
    '  SKU (sku): 0 filled, 4 documents are refused for it',
  ]);
  assert.deepEqual(filled({ taken: 0, rows: 0, columns: [{ ...none, name: 'SKU', from: 'sku' }] }), [
    'LINES: 0 rows of 0 documents.',
    '  No document meets what it asks for: look at its where.',
  ]);
  assert.deepEqual(filled({ counted: 5 }), [
    'LINES: 30 rows of 4 documents. 5 documents were counted alone: --again counts all.',
  ]);
});
