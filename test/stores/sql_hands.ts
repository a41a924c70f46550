/** Other hands in the tables of Oracle: what becomes of a row that somebody changes by SQL once Oracle orders the keys, without and with the trigger that sees it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../functions/protocol/phase.ts';
import { sameState } from '../../functions/protocol/state.ts';
import { document } from './contract/subject.ts';
import { DEEDS, type Deed, OURS, THEIRS, watching } from './sql_deeds.ts';
import { type Hands, Row } from './sql_row.ts';

/** Both texts after the receipt in `settle`, what was set aside, and what waits for a decision. */
interface Becomes {
  readonly texts: readonly (string | null)[];
  readonly aside: readonly string[];
  readonly noted: readonly string[];
}

/** @param written where the key was written last; nowhere for an insertion. */
async function becomes(hands: Hands, deed: Deed, written: Phase): Promise<Becomes> {
  const it = new Row(hands);
  if (deed !== 'INSERT') assert.equal(await it.put(written, document(OURS)), 'done');
  await DEEDS[deed](it, hands.database.table.name, written);
  await it.settled('settle');
  return { texts: (await it.both()).texts, aside: await it.aside(), noted: await it.noted() };
}

const NOTHING = { aside: [], noted: [] } as const;

/** Without the trigger: of a key that Couchbase has ordered last, and of one that Oracle has. */
const UNWATCHED: Readonly<Record<Deed, readonly [Becomes, Becomes]>> = {
  'UPDATE of the body': [
    // Nothing is written over anything: a person decides.
    { texts: [OURS, THEIRS], aside: [], noted: ['unversioned'] },
    // Oracle may have fallen back as well: what Couchbase held is a conflict, which shuts gates.
    { texts: [THEIRS, THEIRS], aside: ['oracle forgot'], noted: [] },
  ],
  // As a write of the API.
  'UPDATE of body and version': [
    { texts: [THEIRS, THEIRS], ...NOTHING },
    { texts: [THEIRS, THEIRS], ...NOTHING },
  ],
  'UPDATE of the body, with a lower version': [
    { texts: [OURS, OURS], ...NOTHING },
    { texts: [THEIRS, THEIRS], aside: ['oracle forgot'], noted: [] },
  ],
  'UPDATE that empties it': [
    { texts: [OURS, null], aside: [], noted: ['unversioned'] },
    { texts: [null, null], aside: ['oracle forgot'], noted: [] },
  ],
  'UPDATE of the expiry': [
    { texts: [OURS, OURS], aside: [], noted: ['unversioned'] },
    { texts: [OURS, OURS], aside: ['oracle forgot'], noted: [] },
  ],
  'UPDATE that makes of a deletion a document': [
    { texts: [THEIRS, THEIRS], ...NOTHING },
    { texts: [THEIRS, THEIRS], aside: ['oracle forgot'], noted: [] },
  ],
  // Undone.
  DELETE: [
    { texts: [OURS, OURS], ...NOTHING },
    { texts: [OURS, OURS], ...NOTHING },
  ],
  INSERT: [
    { texts: [THEIRS, THEIRS], ...NOTHING },
    { texts: [THEIRS, THEIRS], ...NOTHING },
  ],
};

/** With the trigger: each one waits for a decision. */
const WATCHED: Readonly<
  Record<'UPDATE of the body' | 'UPDATE of body and version' | 'DELETE' | 'INSERT', Becomes>
> = {
  'UPDATE of the body': { texts: [THEIRS, THEIRS], aside: [], noted: ['document'] },
  'UPDATE of body and version': { texts: [THEIRS, THEIRS], aside: [], noted: ['document'] },
  DELETE: { texts: [OURS, OURS], aside: [], noted: ['delete'] },
  INSERT: { texts: [THEIRS, THEIRS], aside: [], noted: ['insert'] },
};

/** Declares the tests. @param skip why they cannot be made here. */
export function sqlHands(hands: () => Hands, skip: string | false): void {
  unwatched(hands, skip);
  watched(hands, skip);
  insertedAgain(hands, skip);
  decided(hands, skip);
}

function unwatched(hands: () => Hands, skip: string | false): void {
  test('SQL in settle that no trigger sees: what a receipt makes of it', { skip }, async () => {
    for (const [deed, [couchbase, oracle]] of Object.entries(UNWATCHED) as [Deed, [Becomes, Becomes]][]) {
      assert.deepEqual(await becomes(hands(), deed, 'expand'), couchbase, `${deed}, written in expand`);
      assert.deepEqual(await becomes(hands(), deed, 'settle'), oracle, `${deed}, written in settle`);
    }
  });

  test('a body that was changed without a version is accepted in a version of its own, or left', {
    skip,
  }, async () => {
    const [one, other] = [new Row(hands()), new Row(hands())];
    for (const it of [one, other]) {
      await it.put('expand', document(OURS));
      await DEEDS['UPDATE of the body'](it, hands().database.table.name);
      await it.receipt('settle');
    }
    const before = (await one.both()).row.version;
    assert.equal(await one.decide('accept', 'settle'), null);
    const { held, row, texts } = await one.both();
    assert.deepEqual(texts, [THEIRS, THEIRS]);
    assert.ok(sameState(held, row) && row.version > before && row.handoff === before);
    assert.match((await other.decide('accept', 'switch')) ?? '', /^in switch Couchbase orders the documents/);
    assert.equal(await other.decide('leave', 'settle'), null);
    assert.deepEqual((await other.both()).texts, [OURS, THEIRS]);
    assert.deepEqual([await one.noted(), await other.noted()], [[], []]);
  });
}

function watched(hands: () => Hands, skip: string | false): void {
  test(
    'SQL in settle that the trigger sees: it waits for a decision, and an ETag of before fits no more',
    { skip },
    () =>
      watching(hands(), async (table) => {
        for (const [deed, expected] of Object.entries(WATCHED) as [keyof typeof WATCHED, Becomes][])
          for (const written of ['expand', 'settle'] as const)
            assert.deepEqual(
              await becomes(hands(), deed, written),
              expected,
              `${deed}, written in ${written}`,
            );
        const it = new Row(hands());
        await it.put('settle', document(OURS));
        const { version } = (await it.both()).row;
        await DEEDS['UPDATE of the body'](it, table);
        assert.equal(await it.put('settle', document(OURS), { kind: 'version', version }), 'refused');
        assert.deepEqual((await it.both()).texts[1], THEIRS);
        // What the functions write is none of it.
        const [client, { changes }] = [new Row(hands()), it];
        await client.put('settle', document(OURS));
        await client.put('settle', null);
        assert.deepEqual(await client.noted(), []);
        assert.ok((await changes.count(table)) >= 9);
      }),
  );

  test('SQL in contract is handed off, so the way back copies it, and a deletion stays one', { skip }, () =>
    watching(hands(), async (table) => {
      const [changed, deleted] = [new Row(hands()), new Row(hands())];
      for (const it of [changed, deleted]) await it.put('expand', document(OURS));
      await DEEDS['UPDATE of the body'](changed, table);
      await DEEDS.DELETE(deleted, table);
      assert.notEqual((await changed.both()).row.handoff, null);
      // Nobody asks Couchbase in contract.
      assert.equal(await deleted.decide('accept', 'contract'), null);
      assert.deepEqual((await deleted.both()).texts, [OURS, null]);
      for (const it of [changed, deleted]) await it.receipt('settle');
      assert.deepEqual((await changed.both()).texts, [THEIRS, THEIRS]);
      assert.deepEqual((await deleted.both()).texts, [null, null]);
    }),
  );
}

function insertedAgain(hands: () => Hands, skip: string | false): void {
  test(
    'a job that deletes rows and inserts them again, just after their last writes: each is a change of its row, and no conflict',
    {
      skip,
    },
    () =>
      watching(hands(), async (table) => {
        for (const written of ['expand', 'settle'] as const)
          for (const repaired of [true, false]) {
            const it = new Row(hands());
            await it.put(written, document(OURS));
            const { version } = (await it.both()).row;
            for (let n = 0; n < 2; n++) {
              await DEEDS.DELETE(it, table);
              await DEEDS.INSERT(it, table);
            }
            const what = `written in ${written}, ${repaired ? 'repaired' : 'accepted at once'}`;
            assert.ok((await it.both()).row.version > version, what);
            if (repaired) await it.settled('settle');
            assert.equal(await it.decide('accept', 'settle'), null, what);
            const { held, row, texts } = await it.both();
            assert.deepEqual([texts, await it.aside(), await it.noted()], [[THEIRS, THEIRS], [], []], what);
            assert.ok(sameState(held, row), what);
          }
      }),
  );
}

function decided(hands: () => Hands, skip: string | false): void {
  test(
    'a change that is accepted is in both stores in one version, whatever a repair has done meanwhile',
    { skip },
    () =>
      watching(hands(), async (table) => {
        for (const deed of Object.keys(WATCHED) as (keyof typeof WATCHED)[])
          for (const repaired of [true, false]) {
            const it = new Row(hands());
            if (deed !== 'INSERT') await it.put('expand', document(OURS));
            await DEEDS[deed](it, table);
            if (repaired) await it.receipt('settle');
            assert.equal(await it.decide('accept', 'settle'), null, deed);
            const { held, row, texts } = await it.both();
            const expected = deed === 'DELETE' ? null : THEIRS;
            assert.deepEqual(texts, [expected, expected], `${deed}, ${repaired}`);
            if (deed !== 'DELETE') assert.ok(sameState(held, row), deed);
            assert.deepEqual(await it.noted(), []);
          }
      }),
  );

  test('a change that a client has written over is not accepted any more, and is closed', { skip }, () =>
    watching(hands(), async (table) => {
      const it = new Row(hands());
      await it.put('settle', document(OURS));
      await DEEDS['UPDATE of the body'](it, table);
      await it.put('settle', document('{"by":"a client"}'));
      assert.match((await it.decide('accept', 'settle')) ?? '', /^the key was written since/);
      assert.deepEqual(await it.noted(), ['document']);
      assert.equal(await it.decide('leave', 'settle'), null);
      assert.deepEqual(await it.noted(), []);
    }),
  );
}
