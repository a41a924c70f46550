import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Seen } from '../../functions/control/seen.ts';
import { BadFlag, flagParameters, wishOf } from '../../functions/phases/flags.ts';
import { FLAGS, flagOf, flagOfAll, INHERIT } from '../../functions/phases/parameters.ts';
import { PHASES, RESTING_PHASES, ROUTES, wantedPhase } from '../../functions/protocol/phase.ts';
import { changesTo, parameterOf, refusalOf } from '../../infra/console/flags.ts';

const PREFIX = '/x';
const COLLECTIONS = ['orders', 'carts'];

/** All parameters as a new stack has them. */
const fresh = () =>
  new Map([
    ...FLAGS.map(
      (flag) =>
        [
          flagOfAll(PREFIX, flag),
          { reads: 'couchbase', 'couchbase-writes': 'true', 'oracle-writes': 'false' }[flag],
        ] as const,
    ),
    ...COLLECTIONS.flatMap((name) => FLAGS.map((flag) => [flagOf(PREFIX, name, flag), INHERIT] as const)),
  ]);

test('whatever is asked for, no step of it asks for what cannot be, and it ends where it should', () => {
  const place = fc.constantFrom<string | null>(null, ...COLLECTIONS);
  const step = fc.tuple(fc.constantFrom<string>(...RESTING_PHASES), place);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
      const values = fresh();
      for (const [phase, collection] of steps) {
        for (const { flag, value } of changesTo(phase, undefined) ?? []) {
          values.set(parameterOf(PREFIX, collection, flag), value);
          const looked = wantedPhase(wishOf(values, PREFIX, collection ?? 'orders').flags);
          if (collection !== null) assert.ok('phase' in looked, JSON.stringify([phase, flag, looked]));
        }
        if (collection !== null)
          assert.deepEqual(wantedPhase(wishOf(values, PREFIX, collection).flags), { phase });
      }
    }),
  );
});

test('of a collection that inherits, the common flags count; its own count alone for it', () => {
  const values = fresh();
  for (const { flag, value } of changesTo('settle', undefined) ?? [])
    values.set(parameterOf(PREFIX, 'carts', flag), value);
  assert.deepEqual(wishOf(values, PREFIX, 'carts'), { flags: ROUTES.settle.flags, own: [...FLAGS] });
  assert.deepEqual(wishOf(values, PREFIX, 'orders'), { flags: ROUTES.legacy.flags, own: [] });
  for (const { flag, value } of changesTo(INHERIT, undefined) ?? [])
    values.set(parameterOf(PREFIX, 'carts', flag), value);
  assert.deepEqual(wishOf(values, PREFIX, 'carts'), { flags: ROUTES.legacy.flags, own: [] });
  assert.deepEqual([...values.keys()].sort(), flagParameters(PREFIX, COLLECTIONS).sort());
});

test('a flag that is missing, or has another value, is named, with what it can be', () => {
  const values = fresh();
  values.set('/x/collections/carts/reads', 'both');
  assert.throws(
    () => wishOf(values, PREFIX, 'carts'),
    (error) =>
      error instanceof BadFlag &&
      /carts\/reads is "both": set it to inherit or couchbase or oracle/.test(error.message),
  );
  assert.deepEqual(wishOf(values, PREFIX, 'orders').own, []);
  values.delete('/x/reads');
  assert.throws(() => wishOf(values, PREFIX, 'orders'), /\/x\/reads is null: set it to couchbase or oracle/);
});

test('what would ask for nothing that could be is refused before anything is changed', () => {
  const seen = (own: readonly (typeof FLAGS)[number][]): Seen => ({
    ...{ collection: 'orders', wish: { flags: ROUTES.legacy.flags, own } },
    effective: { phase: 'legacy', since: 0, by: 'test' },
    decision: { kind: 'arrived', phase: 'legacy' },
    evidence: { missing: 'nobody has looked' },
  });
  const reads = changesTo('reads', 'oracle') ?? [];
  assert.match(refusalOf(seen([]), reads, false) ?? '', /oracle-writes is false/);
  // It is not this flag that counts for it.
  assert.equal(refusalOf(seen(['reads']), reads, false), null);
  assert.match(refusalOf(seen(['reads']), reads, true) ?? '', /oracle-writes is false/);
  assert.equal(refusalOf(seen([]), changesTo('oracle-writes', 'true') ?? [], false), null);
  assert.equal(changesTo('reads', undefined), null);
  assert.equal(changesTo('seal', undefined), null);
  assert.ok(PHASES.length > RESTING_PHASES.length);
});
