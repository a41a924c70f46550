/** Documents that the API can never serve, on the way out of `legacy`: an operator knows of them, or the move waits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PreflightEvidence, preflightEvidence } from '../../functions/control/preflight.ts';
import { NOTHING_FOUND, type Walk } from '../../functions/records/preflight.ts';
import { decided, evidence } from './given.ts';

const ALL = { after: null, upTo: null };
const PART = { after: 'a', upTo: 'b' };

const walk = (given: Partial<Walk> & { tooLarge?: number; refused?: number }): Walk => ({
  ...{ collection: 'orders', range: ALL, stamp: '.m', epoch: 1, state: 'done', doneKey: 'z' },
  ...{ started: 100, changed: 200, largeBefore: 0, accepted: 0, acceptedOrphans: 0 },
  found: { ...NOTHING_FOUND, checked: 9, tooLarge: given.tooLarge ?? 0, refused: given.refused ?? 0 },
  ...given,
});

async function told(preflight: PreflightEvidence | undefined) {
  const given = evidence(preflight === undefined ? {} : { preflight });
  const { kind, conditions, missing } = await decided('legacy', 'expand', given);
  const found = conditions.find(({ name }) => name === 'preflight');
  return { kind, missing, measured: found?.measured ?? null, command: found?.command };
}
const of = (...walks: Walk[]) => told(preflightEvidence(walks));

test('where nobody has looked the move is made, and it is said that nobody has', async () => {
  const { kind, measured } = await of();
  assert.equal(kind, 'move');
  assert.match(measured ?? '', /nobody has looked at all documents yet. npx crossfade preflight orders/);
  // A look that has not come to its end, or at some keys, is none.
  for (const some of [walk({ state: 'going' }), walk({ range: PART })])
    assert.match((await of(some)).measured ?? '', /nobody has looked/);
});

test('documents that are too large hold it until as many are accepted; more of them hold it again', async () => {
  const found = walk({ tooLarge: 3 });
  const { kind, missing, measured, command } = await of(found);
  assert.deepEqual([kind, missing], ['wait', ['preflight']]);
  assert.match(measured ?? '', /^TOO_LARGE: 3 documents/);
  assert.equal(command, 'npx crossfade preflight accept orders --too-large 3 --why "…"');
  assert.equal((await of({ ...found, accepted: 2 })).kind, 'wait');
  const accepted = await of({ ...found, accepted: 3 });
  assert.equal(accepted.kind, 'move');
  assert.match(accepted.measured ?? '', /3 too large for the API, which was accepted/);
  assert.equal((await of(walk({ tooLarge: 4, accepted: 3 }))).kind, 'wait');
});

test('what a look has found counts before it has come to its end, and until the next one has', async () => {
  assert.equal((await of(walk({ state: 'going', tooLarge: 1 }))).kind, 'wait');
  assert.equal((await of(walk({ state: 'going', largeBefore: 1 }))).kind, 'wait');
  assert.equal((await of(walk({ range: PART, tooLarge: 1 }))).kind, 'wait');
  // All keys were looked at after that part.
  assert.equal(
    (await of(walk({ started: 300, changed: 400 }), walk({ range: PART, tooLarge: 1 }))).kind,
    'move',
  );
  assert.equal((await of(walk({}), walk({ range: PART, tooLarge: 1, changed: 300 }))).kind, 'wait');
});

test('what a backfill would set aside is told, and holds nothing up here: the gate after the backfill waits for it', async () => {
  const { kind, measured } = await of(walk({ refused: 2 }));
  assert.equal(kind, 'move');
  assert.equal(
    measured,
    '9 documents by 1970-01-01T00:00:00.200Z, none too large for the API, 2 that a backfill would set aside',
  );
});

test('functions of the version before tell nothing of it', async () => {
  assert.deepEqual((await told(undefined)).measured, null);
});

test('documents that no collection takes hold the first move until as many are accepted, also while another look is under way', async () => {
  const orphans = (count: number, given: Partial<Walk> = {}) =>
    walk({ ...given, found: { ...NOTHING_FOUND, checked: 9, orphans: count } });
  const { kind, measured, command } = await of(orphans(2));
  assert.equal(kind, 'wait');
  assert.match(measured ?? '', /ORPHANS: the keys of 2 documents beside those of orders match no pattern/);
  assert.equal(command, 'npx crossfade preflight accept orders --orphans 2 --why "…"');
  assert.equal((await of(orphans(2, { accepted: 2 }))).kind, 'wait');
  assert.match(
    (await of(orphans(2, { acceptedOrphans: 2 }))).measured ?? '',
    /beside 2 that no collection takes, which was accepted/,
  );
  assert.equal((await of(orphans(3, { acceptedOrphans: 2 }))).kind, 'wait');
  const going = { ...NOTHING_FOUND, orphansBefore: 2 };
  assert.equal((await of(walk({ state: 'going', found: going }))).kind, 'wait');
  assert.equal((await of(walk({ found: going }))).kind, 'move');
});

test('columns that are more lenient than they tolerate hold the first move, by the last look at all documents', async () => {
  const none = { missing: 0, nulled: 0, rounded: 0, refused: 0 };
  const columns = [none, { ...none, nulled: 1, rounded: 2 }];
  const fillings = { counted: 9, tables: [{ taken: 9, rows: 30_000, refused: 0, columns }] };
  const looked = (tolerate: number | undefined, given: Partial<Walk> = {}, lenient: number | null = 3) =>
    told(
      preflightEvidence(
        [walk({ found: { ...NOTHING_FOUND, checked: 9, fillings }, ...given })],
        ({ tables }) =>
          tables.flatMap((filled) => [
            { table: 'LINES', column: 'PRICE', rows: filled.rows, lenient, tolerate },
            { table: 'LINES', column: 'SKU', rows: filled.rows, lenient: 0, tolerate: 0 },
          ]),
      ),
    );
  const { kind, missing, measured, command } = await looked(99);
  assert.deepEqual([kind, missing], ['wait', ['preflight']]);
  assert.match(
    measured ?? '',
    /^LENIENT: 3 of 30000 values of LINES\.PRICE are NULL or rounded.*: 100 of a million, above the 99 that it tolerates\. Mend the documents, or the type or tolerate of the column, and look again$/,
  );
  assert.equal(command, 'npx crossfade preflight orders --again');
  assert.equal((await looked(100)).kind, 'move');
  assert.equal((await looked(undefined)).kind, 'move');
  const unknown = await looked(0, {}, null);
  assert.equal(unknown.kind, 'move');
  assert.match(unknown.measured ?? '', /1 columns whose lenient values are not known/);
  // What a part of the documents shows is no share of all of them.
  assert.equal((await looked(0, { state: 'going' })).kind, 'move');
});
