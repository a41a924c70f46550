/** Each writer by SQL in each phase in which Couchbase orders the keys, and what a verification finds in `contract`: the counterpart of other hands in Couchbase. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../functions/protocol/phase.ts';
import { sameState } from '../../functions/protocol/state.ts';
import { document } from './contract/subject.ts';
import { DEEDS, type Deed, OURS, THEIRS, watching } from './sql_deeds.ts';
import { type Hands, Row } from './sql_row.ts';

/** What both stores hold after receipts, and what tells of it: reasons of what was set aside, and what waits for a decision. */
type Becomes = readonly [held: string | null, ...told: string[]];
type Ordered = 'expand' | 'seal' | 'switch';

const KEPT: Becomes = [OURS, 'changed by SQL'];
/** Nothing tells of these. */
const UNDONE: Becomes = [OURS];

/** Without the trigger, in `seal`. */
const SEALED: Readonly<Partial<Record<Deed, Becomes>>> = {
  'UPDATE of the body': KEPT,
  'UPDATE of body and version': [THEIRS, 'couchbase forgot'],
  'UPDATE of the body, with a lower version': UNDONE,
  'UPDATE that empties it': KEPT,
  'UPDATE of the expiry': KEPT,
  'UPDATE that makes of a deletion a document': [null, 'changed by SQL'],
  DELETE: UNDONE,
  INSERT: [null, 'unexplained'],
};

/** Without the trigger. */
const UNWATCHED: Readonly<Record<Ordered, Readonly<Partial<Record<Deed, Becomes>>>>> = {
  // The others become what they become in `seal`.
  expand: {
    'UPDATE of the body': KEPT,
    'UPDATE that makes of a deletion a document': [null, 'unexplained'],
    INSERT: [null, 'unexplained'],
  },
  seal: SEALED,
  // Where Oracle is read, what only Oracle has counts.
  switch: { ...SEALED, INSERT: [THEIRS] },
};

/** With the trigger, in `seal` and `switch`: Couchbase is given it, and each waits for a decision. */
const WATCHED: Readonly<Record<Deed, Becomes>> = {
  'UPDATE of the body': [THEIRS, 'document'],
  'UPDATE of body and version': [THEIRS, 'document'],
  'UPDATE of the body, with a lower version': [THEIRS, 'document'],
  'UPDATE that empties it': [null, 'document'],
  'UPDATE of the expiry': [OURS, 'document'],
  'UPDATE that makes of a deletion a document': [THEIRS, 'document'],
  DELETE: [OURS, 'delete'],
  INSERT: [THEIRS, 'insert'],
};

async function changed(hands: Hands, deed: Deed, written: Phase): Promise<Row> {
  const it = new Row(hands);
  if (deed !== 'INSERT') assert.equal(await it.put(written, document(OURS)), 'done');
  await DEEDS[deed](it, hands.database.table.name, written);
  return it;
}

async function becomes(it: Row, phase: Phase, what: string): Promise<Becomes> {
  await it.settled(phase);
  const { held, row, texts } = await it.both();
  assert.equal(texts[0], texts[1], what);
  if (texts[0] !== null) assert.ok(sameState(held, row), what);
  return [texts[0] ?? null, ...(await it.aside()), ...(await it.noted())];
}

/** Declares the tests. @param skip why they cannot be made here. */
export function sqlPhases(hands: () => Hands, skip: string | false): void {
  ordered(hands, skip);
  asked(hands, skip);
}

function ordered(hands: () => Hands, skip: string | false): void {
  test('SQL that no trigger sees, where Couchbase orders the keys: what a receipt makes of it', {
    skip,
  }, async () => {
    for (const [phase, deeds] of Object.entries(UNWATCHED) as [Ordered, (typeof UNWATCHED)['seal']][])
      for (const [deed, expected] of Object.entries(deeds) as [Deed, Becomes][]) {
        const what = `${deed} in ${phase}`;
        assert.deepEqual(await becomes(await changed(hands(), deed, phase), phase, what), expected, what);
      }
  });

  test('SQL that the trigger sees, where Couchbase orders the keys', { skip }, () =>
    watching(hands(), async () => {
      for (const [deed, expected] of Object.entries(WATCHED) as [Deed, Becomes][])
        assert.deepEqual(await becomes(await changed(hands(), deed, 'seal'), 'seal', deed), expected, deed);
      const body = 'UPDATE of the body';
      const read = await changed(hands(), body, 'switch');
      assert.deepEqual(await becomes(read, 'switch', 'switch'), WATCHED[body]);
      const taken = await changed(hands(), body, 'expand');
      assert.deepEqual(await becomes(taken, 'expand', 'expand'), [OURS, 'taken back', 'document']);
    }),
  );
}

function asked(hands: () => Hands, skip: string | false): void {
  test('requests in seal and switch write over no row that SQL has changed before what it holds is set aside', {
    skip,
  }, async () => {
    const read = await changed(hands(), 'UPDATE of the body', 'seal');
    assert.equal(await read.get('seal'), OURS);
    assert.deepEqual([await read.aside(), (await read.both()).texts], [['changed by SQL'], [OURS, OURS]]);
    // Oracle is read alone: a receipt finds it.
    const shown = await changed(hands(), 'UPDATE of the body', 'switch');
    assert.equal(await shown.get('switch'), THEIRS);
    assert.deepEqual((await shown.both()).texts, [OURS, THEIRS]);
    const newer = '{"by":"a client"}';
    for (const phase of ['seal', 'switch'] as const) {
      const written = await changed(hands(), 'UPDATE of the body', phase);
      assert.equal(await written.ask(phase, newer), 'written');
      assert.deepEqual((await written.both()).texts, [newer, newer]);
      assert.deepEqual(await written.aside(), ['changed by SQL'], phase);
    }
  });

  test('what was set aside is kept once, however often it is met, and a hand that comes back is another', {
    skip,
  }, async () => {
    const it = await changed(hands(), 'UPDATE of the body', 'seal');
    for (let n = 0; n < 2; n++) await it.receipt('seal');
    assert.deepEqual(await it.aside(), ['changed by SQL']);
    await DEEDS['UPDATE of the body'](it, hands().database.table.name);
    await it.receipt('seal');
    assert.deepEqual(await it.aside(), ['changed by SQL', 'changed by SQL']);
  });
}
