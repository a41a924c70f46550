/** The book of certifications, on a server that other tests have started. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Certificates } from '../../functions/books/certificates.ts';
import { CertificationUnderWay, GIVEN_UP } from '../../functions/records/certification_row.ts';
import type { TestDatabase } from '../stores/oracle/database.ts';

const PLACES = ['{"bucket":"a"}', '{"bucket":"b"}'];
const ENDED = {
  verdict: 'passed',
  about: '{"code":"c"}',
  body: `{"checks":"${'é'.repeat(30_000)}"}`,
  at: 30,
};

/** @param database whose control tables are there. */
export function certificates(database: () => TestDatabase): void {
  oneAtATime(database);
  givenUp(database);
}

function oneAtATime(database: () => TestDatabase): void {
  test('one certification is under way at a time; its parts are kept, and end once', async () => {
    const book = new Certificates(database().connection);
    assert.deepEqual(await book.latest(), []);
    const begun = await Promise.allSettled(['one', 'two'].map((run) => book.begin(run, 'whole', PLACES, 10)));
    assert.deepEqual(begun.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const refused = begun.find((each) => each.status === 'rejected');
    assert.ok(refused?.reason instanceof CertificationUnderWay, String(refused?.reason));
    assert.match(refused.reason.message, /^CERTIFICATION_UNDER_WAY: (one|two) was begun/);
    const [{ run = '' } = {}] = await book.latest();
    // The same again, whose answer was lost.
    await book.begin(run, 'whole', PLACES, 10);
    const parts = await book.partsOf(run);
    assert.deepEqual(
      parts.map(({ part, form, place, working, ended, verdict, about }) => [
        part,
        form,
        place,
        working,
        ended,
        verdict,
        about,
      ]),
      PLACES.map((place, part) => [part, 'whole', place, false, null, null, null]),
    );
    assert.equal(await book.body(run, 1), null);
    assert.equal(await book.note(run, 1, true, 20, '{"state":1}'), true);
    assert.equal(await book.note(run, 1, true, 21), true);
    assert.equal(await book.body(run, 1), '{"state":1}');
    assert.equal(await book.end(run, 1, ENDED), true);
    assert.equal(await book.end(run, 1, { ...ENDED, verdict: 'failed' }), false);
    assert.equal(await book.note(run, 1, true, 40), false);
    const [first, second] = await book.partsOf(run);
    assert.deepEqual(
      [first?.ended, second?.ended, second?.verdict, second?.about],
      [null, 30, 'passed', ENDED.about],
    );
    assert.equal(await book.body(run, 1), ENDED.body);
    await book.end(run, 0, ENDED);
    await book.leave(run);
    await book.begin('three', 'short', PLACES.slice(1), 50);
  });
}

function givenUp(database: () => TestDatabase): void {
  test('a certification that nobody goes on with is given up after a while, and not before', async () => {
    const book = new Certificates(database().connection);
    await book.note('three', 0, true, 60);
    await assert.rejects(book.begin('four', 'short', PLACES, 50 + GIVEN_UP), CertificationUnderWay);
    await book.begin('four', 'short', PLACES, 61 + GIVEN_UP);
    const [three] = await book.partsOf('three');
    assert.deepEqual([three?.verdict, three?.working], ['abandoned', false]);
    // Should a step of it be alive all the same, it changes nothing any more.
    assert.equal(await book.note('three', 0, false, 62 + GIVEN_UP), false);
    await book.leave('four');
  });
}
