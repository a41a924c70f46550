import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preflight } from '../../functions/operations/preflight.ts';
import type { LoadSummary } from '../../functions/runs/load.ts';
import { preflightLines } from '../../infra/console/told/documents.ts';

const LOAD: LoadSummary = {
  ...{ at: 0, values: ['sessions or processes 3 %'], pauses: [], slowdowns: [], unknown: [] },
  notGranted: ['recoveryArea', 'undo'],
};
const PORTS = {
  keys: async () => [],
  sizes: async () => [],
  read: async () => [],
  require: () => {},
  load: async () => LOAD,
  timely: () => true,
};

test('preflight tells where Couchbase makes no durable writes, and what is wrong with it', async () => {
  const looked = (problem: string | null) =>
    preflight({ after: null, upTo: null }, { ...PORTS, durabilityProblem: async () => problem });
  const found = await looked('too few replicas');
  assert.equal(found.durabilityProblem, 'too few replicas');
  assert.ok(preflightLines(found).includes('Couchbase takes no durable writes: too few replicas'));
  assert.doesNotMatch(preflightLines(await looked(null)).join(), /durable/);
});

test('preflight tells what is not watched of the load of Oracle, and which grants that needs; it reads it once', async () => {
  const ports = { ...PORTS, durabilityProblem: async () => null };
  const found = await preflight(
    { after: null, upTo: null },
    { ...ports, load: async () => ({ ...LOAD, user: 'CROSSFADE_APP' }) },
  );
  const lines = preflightLines(found);
  assert.deepEqual(lines.slice(-6), [
    'bulk work     Oracle tells: sessions or processes 3 %',
    '              not watched: fast recovery area, undo in use. The user of the functions lacks the right: a DBA can grant it',
    '              GRANT SELECT ON SYS.V_$RECOVERY_FILE_DEST TO CROSSFADE_APP; -- fast recovery area',
    '              GRANT SELECT ON SYS.V_$UNDOSTAT TO CROSSFADE_APP; -- undo in use',
    '              GRANT SELECT ON SYS.V_$TABLESPACE TO CROSSFADE_APP; -- undo in use',
    '              GRANT SELECT ON SYS.DBA_DATA_FILES TO CROSSFADE_APP; -- undo in use',
  ]);
  const next = await preflight({ after: 'k', upTo: null }, { ...ports, load: () => assert.fail('again') });
  assert.equal(next.load, undefined);
  // Functions of the version before do not tell the user.
  assert.match(preflightLines(await preflight({ after: null, upTo: null }, ports)).join(), / TO USER; --/);
  const { load: _, ...before } = found;
  assert.doesNotMatch(preflightLines(before).join(), /bulk work/);
});
