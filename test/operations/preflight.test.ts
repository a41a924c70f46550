import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { preflight } from '../../functions/operations/preflight.ts';
import { foundIn, foundText, NOTHING_FOUND } from '../../functions/records/preflight.ts';
import { preflightLines } from '../../infra/console/told/preflight.ts';
import { LOAD } from './preflight_world.ts';

const ASKED = { name: 'preflight', collection: 'orders', after: null, upTo: null } as const;
const PORTS = {
  keys: async () => [],
  sizes: async () => [],
  read: async () => [],
  require: () => {},
  load: async () => LOAD,
  timely: () => true,
  walks: { find: async () => null, write: async () => true },
  attempts: { begin: async () => null, touch: async () => {}, leave: async () => {} },
  ...{ stamp: '.m', now: () => 0 },
};
const linesOf = (found: Parameters<typeof preflightLines>[0]) => preflightLines(found, 'orders');

test('preflight tells where Couchbase makes no durable writes, and what is wrong with it', async () => {
  const looked = (problem: string | null) =>
    preflight(ASKED, { ...PORTS, durabilityProblem: async () => problem });
  const found = await looked('too few replicas');
  assert.equal(found.durabilityProblem, 'too few replicas');
  assert.ok(linesOf(found).includes('Couchbase takes no durable writes: too few replicas'));
  assert.doesNotMatch(linesOf(await looked(null)).join(), /durable/);
});

test('preflight tells what is not watched of the load of Oracle, and which grants that needs; it reads it once', async () => {
  const ports = { ...PORTS, durabilityProblem: async () => null };
  const found = await preflight(ASKED, { ...ports, load: async () => ({ ...LOAD, user: 'CROSSFADE_APP' }) });
  const lines = linesOf(found);
  assert.deepEqual(lines.slice(-7), [
    'bulk work     Oracle tells: sessions or processes 3 %',
    '              not watched: fast recovery area, undo in use. The user of the functions lacks the right: a DBA can grant it',
    '              GRANT SELECT ON SYS.V_$RECOVERY_FILE_DEST TO CROSSFADE_APP; -- fast recovery area',
    '              GRANT SELECT ON SYS.V_$UNDOSTAT TO CROSSFADE_APP; -- undo in use',
    '              GRANT SELECT ON SYS.V_$TABLESPACE TO CROSSFADE_APP; -- undo in use',
    '              GRANT SELECT ON SYS.DBA_DATA_FILES TO CROSSFADE_APP; -- undo in use',
    '              -- and the same to the user of deployment.secrets.oracleWork, if there is one: it is the workers of runs who look',
  ]);
  const next = await preflight({ ...ASKED, after: 'k' }, { ...ports, load: () => assert.fail('again') });
  assert.equal(next.load, undefined);
  // Functions of the version before do not tell the user.
  assert.match(linesOf(await preflight(ASKED, ports)).join(), / TO USER; --/);
  const { load: _, ...before } = found;
  assert.doesNotMatch(linesOf(before).join(), /bulk work/);
});

test('what was found fits its column whatever causes and examples are named in, and no document is lost of a count', () => {
  const name = fc.string({ unit: 'binary', maxLength: 150 });
  const causes = fc.uniqueArray(name, { minLength: 1, maxLength: 21 });
  const keys = fc.array(fc.string({ unit: 'binary', maxLength: 80 }), { maxLength: 8 });
  fc.assert(
    fc.property(causes, keys, (named, examples) => {
      const found = {
        ...{ ...NOTHING_FOUND, causes: Object.fromEntries(named.map((cause, n) => [`x${cause}`, n + 1])) },
        samples: examples.map((key) => ({ key, why: 'w', fault: 'refused' as const })),
      };
      const text = foundText(found, 4000);
      assert.ok(Buffer.byteLength(text) <= 4000);
      const sum = (of: object) => Object.values(of).reduce((all, count) => all + count, 0);
      assert.equal(sum(foundIn(text).causes), sum(found.causes));
    }),
  );
  const long = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`${'名'.repeat(149)}${n}`, 1]));
  assert.ok(Buffer.byteLength(foundText({ ...NOTHING_FOUND, causes: long }, 4000)) <= 4000);
});
