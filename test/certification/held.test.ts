/** Which certificate speaks of a collection: the last one of such places, unless it is of no use for the gate. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { About } from '../../functions/certification/certificate.ts';
import { held } from '../../functions/certification/held.ts';
import type { CertificationRow } from '../../functions/records/certification_row.ts';

const server = { version: '1', identity: { name: 'a' } };
const NOW: About = {
  ...{ code: 'c', servers: { couchbase: server, oracle: server } },
  settings: {
    bucket: 'b',
    schema: 'S',
    durability: 'majority',
    durabilityImpossible: 'refuse',
    tls: 'verified',
  },
};
const row = (run: string, more: Partial<CertificationRow> = {}, about: object = NOW): CertificationRow => ({
  ...{
    run,
    part: 0,
    form: 'whole',
    place: '{}',
    began: 1,
    changed: 2,
    working: false,
    ended: 2,
    verdict: 'passed',
  },
  about: JSON.stringify(about),
  ...more,
});
const of = (rows: readonly CertificationRow[], wanted: 'whole' | 'short' = 'whole', now = NOW) => {
  const { last, voids } = held(rows, now, wanted);
  return [last?.run ?? null, voids.length === 0];
};

test('the last one that has ended counts; what is under way, was abandoned or cannot be read does not', () => {
  assert.deepEqual(of([]), [null, true]);
  const others = [
    row('going', { ended: null, verdict: null }),
    row('abandoned', { verdict: 'abandoned', about: null }),
    row('nonsense', { about: '{"code":1}' }),
    row('form', { form: 'quick' }),
  ];
  assert.deepEqual(of(others), [null, true]);
  assert.deepEqual(of([...others, row('b'), row('a')]), ['b', true]);
  // One that has failed speaks against what an earlier one has shown.
  assert.deepEqual(of([row('b', { verdict: 'failed' }), row('a')]), ['b', false]);
  assert.deepEqual(of([row('b', { verdict: 'incomplete' }), row('a')]), ['b', false]);
});

test('the short form counts for the gate where it is enough, and against it always', () => {
  const short = row('s', { form: 'short' });
  assert.deepEqual(of([short]), [null, true]);
  assert.deepEqual(of([short, row('a')]), ['a', true]);
  assert.deepEqual(of([short, row('a')], 'short'), ['s', true]);
  assert.deepEqual(of([row('s', { form: 'short', verdict: 'failed' }), row('a')]), ['s', false]);
});

test('a certificate of a test system counts as a whole one; where nobody has broken what was to be, it counts for nothing', () => {
  const tried = (verdict: string) => row('t', { form: 'test-system', verdict });
  assert.deepEqual(of([tried('passed')]), ['t', true]);
  assert.deepEqual(of([tried('failed'), row('a')]), ['t', false]);
  assert.deepEqual(of([tried('incomplete'), row('a')]), ['a', true]);
});

test('a collection of another bucket or durability has a certificate of its own; of other servers, code or TLS none holds', () => {
  const with_ = (settings: object) => ({ ...NOW, settings: { ...NOW.settings, ...settings } });
  const rows = [
    row('other', {}, with_({ bucket: 'o' })),
    row('none', {}, with_({ durability: 'none' })),
    row('a'),
  ];
  assert.deepEqual(of(rows), ['a', true]);
  assert.deepEqual(of(rows.slice(0, 2)), ['other', false]);
  for (const now of [
    { ...NOW, code: 'd' },
    { ...NOW, servers: { ...NOW.servers, oracle: { ...server, version: '2' } } },
    { ...NOW, servers: { ...NOW.servers, couchbase: { ...server, identity: { name: 'z' } } } },
    with_({ tls: 'plain' }) as About,
  ])
    assert.deepEqual(of(rows, 'whole', now), ['a', false]);
  // A pace, and a new collection of the same bucket, are nothing that is compared: members that nobody knows neither.
  assert.deepEqual(of([row('a', {}, { ...NOW, pace: 500 })]), ['a', true]);
});
