/** A verification in `contract` without the trigger: which rows it finds that SQL has changed, and what becomes of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../functions/protocol/phase.ts';
import { sameState } from '../../functions/protocol/state.ts';
import { document } from './contract/subject.ts';
import { DEEDS, type Deed, OURS, THEIRS } from './sql_deeds.ts';
import { type Hands, Row } from './sql_row.ts';

type Found = string | null;

/**
 * Of a key that Couchbase has ordered last, one that Oracle has in `settle`, and one that Oracle alone was told in `contract`: of that nothing is seen, and the
 * way back copies the row as it is.
 */
const FOUND: Readonly<
  Record<Exclude<Deed, 'INSERT'>, readonly [couchbase: Found, oracle: Found, alone: Found]>
> = {
  'UPDATE of the body': ['sql-unversioned', 'sql-unversioned', null],
  'UPDATE of body and version': ['sql-document', null, null],
  // By one, so it has the version that Couchbase was told.
  'UPDATE of the body, with a lower version': ['sql-document', 'sql-document', 'sql-unversioned'],
  'UPDATE that empties it': ['sql-unversioned', 'sql-unversioned', null],
  'UPDATE of the expiry': ['sql-unversioned', 'sql-unversioned', null],
  'UPDATE that makes of a deletion a document': ['sql-insert', 'sql-unversioned', null],
  DELETE: ['sql-delete', 'sql-delete', 'sql-delete'],
};

/** As it lies in `contract`, and what somebody has done to it there. */
async function changed(hands: Hands, deed: Deed, written: Phase): Promise<Row> {
  const it = new Row(hands);
  if (deed !== 'INSERT') {
    const before: Phase = written === 'contract' ? 'expand' : written;
    assert.equal(await it.put(before, document(OURS)), 'done');
    if (written === 'contract') assert.equal(await it.put(written, document(OURS)), 'done');
    assert.equal(await it.look(), null, 'it is clean before');
  }
  await DEEDS[deed](it, hands.database.table.name, written);
  return it;
}

/** Declares the tests. @param skip why they cannot be made here. */
export function sqlLook(hands: () => Hands, skip: string | false): void {
  found(hands, skip);
  notFound(hands, skip);
  wayBack(hands, skip);
}

function found(hands: () => Hands, skip: string | false): void {
  test('SQL in contract that no trigger sees: a verification finds it, and notes it for a decision', {
    skip,
  }, async () => {
    for (const [deed, kinds] of Object.entries(FOUND) as [Exclude<Deed, 'INSERT'>, readonly Found[]][])
      for (const [n, written] of (['expand', 'settle', 'contract'] as const).entries()) {
        const what = `${deed}, written in ${written}`;
        const it = await changed(hands(), deed, written);
        const before = (await it.both()).texts;
        assert.equal(await it.look(), kinds[n], what);
        const noted = kinds[n] === null ? [] : [(kinds[n] ?? '').slice('sql-'.length)];
        assert.deepEqual(await it.noted(), noted, what);
        assert.deepEqual((await it.both()).texts, before, 'nothing is written over');
      }
    const inserted = await changed(hands(), 'INSERT', 'contract');
    assert.equal(await inserted.look(), 'sql-insert');
    assert.deepEqual(await inserted.noted(), ['insert']);
  });

  test('a verification by version in contract reads no body, and finds all but those that were changed alone', {
    skip,
  }, async () => {
    const look = async (deed: Deed) => (await changed(hands(), deed, 'expand')).look(Date.now(), 'version');
    assert.equal(await look('UPDATE of the body'), null);
    assert.equal(await look('UPDATE of body and version'), 'sql-document');
    assert.equal(await look('UPDATE that empties it'), 'sql-unversioned');
    assert.equal(await look('DELETE'), 'sql-delete');
  });
}

function notFound(hands: () => Hands, skip: string | false): void {
  test('what the API has done in contract is none of it, nor what was written past it in Couchbase', {
    skip,
  }, async () => {
    const of = () => new Row(hands());
    const [created, written, deleted, again] = [of(), of(), of(), of()];
    for (const it of [written, deleted, again]) await it.put('settle', document(OURS));
    await created.put('contract', document(OURS));
    await written.put('contract', document(THEIRS));
    await deleted.put('contract', null);
    await again.put('contract', null);
    await again.put('contract', document(THEIRS));
    for (const it of [created, written, deleted, again]) assert.equal(await it.look(), null);
    const since = Date.now() - 60_000;
    // Written in this stay, by a neighbour in `settle`: one version, so Oracle has taken it.
    const taken = await changed(hands(), 'UPDATE of the body', 'expand');
    assert.equal(await taken.look(since), 'sql-unversioned');
    assert.deepEqual(await taken.noted(), ['unversioned']);
    const { collection } = hands().cluster;
    const [foreign, over, gone] = [of(), of(), of()];
    for (const it of [over, gone]) await it.put('expand', document(OURS));
    await collection.upsert(foreign.key, 1);
    await collection.upsert(over.key, 1);
    await collection.remove(gone.key);
    for (const [it, kind] of [
      [foreign, 'sql-delete'],
      [over, 'sql-document'],
      [gone, 'sql-insert'],
    ] as const) {
      // It is told as a difference, for nobody can tell from the states alone, and not as a change of the row.
      assert.equal(await it.look(since), kind);
      assert.deepEqual(await it.noted(), []);
    }
  });
}

/** One of each kind. */
const ACCEPTED = [
  ...(['UPDATE of the body', 'UPDATE of the body, with a lower version'] as const),
  ...(['UPDATE that empties it', 'DELETE', 'INSERT'] as const),
];

function wayBack(hands: () => Hands, skip: string | false): void {
  test('what was found in contract and accepted there goes back as a write of the service', {
    skip,
  }, async () => {
    for (const deed of ACCEPTED) {
      const it = await changed(hands(), deed, 'expand');
      assert.notEqual(await it.look(), null, deed);
      assert.equal(await it.decide('accept', 'contract'), null, deed);
      assert.equal(await it.look(), null, `${deed}: it is no difference any more`);
      const { texts } = await it.both();
      await it.settled('settle');
      const { held, row, texts: after } = await it.both();
      assert.deepEqual(after, [texts[1], texts[1]], deed);
      if (texts[1] !== null) assert.ok(sameState(held, row), deed);
      assert.deepEqual([await it.aside(), await it.noted()], [[], []], deed);
    }
  });

  test('on the way back nothing that was not decided is written over without being told', {
    skip,
  }, async () => {
    const unversioned = await changed(hands(), 'UPDATE of the body', 'expand');
    await unversioned.look();
    await unversioned.settled('settle');
    assert.deepEqual((await unversioned.both()).texts, [OURS, THEIRS]);
    assert.deepEqual(await unversioned.noted(), ['unversioned']);
    // Written by the API in contract, then by SQL: the row goes back as it is.
    const alone = await changed(hands(), 'UPDATE of the body', 'contract');
    await alone.settled('settle');
    assert.deepEqual((await alone.both()).texts, [THEIRS, THEIRS]);
  });
}
