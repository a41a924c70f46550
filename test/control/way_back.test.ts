/** Moves back from where Oracle has ordered keys: Couchbase must have been told of all of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helpful } from '../../functions/control/decide.ts';
import type { RunEvidence } from '../../functions/control/evidence.ts';
import { collection, compared, decided, evidence, type Last, run } from './given.ts';

test('on the way back Couchbase must have been told of all that Oracle has ordered', async () => {
  const held = async (given: Last) =>
    (await decided('settle', 'legacy', evidence({ collection: collection(given) }))).missing;
  assert.deepEqual(await held({}), ['copy-back of orders']);
  assert.deepEqual(await held({ copyback: run('settle', 40_000) }), ['copy-back of orders']);
  assert.deepEqual(await held({ copyback: run('settle', 50_000) }), []);
});

test('in switch every key is given back before anybody compares, and only then', async () => {
  const held = async (given: Last) => {
    const { decision, missing } = await decided(
      'switch',
      'legacy',
      evidence({ collection: collection(given) }),
    );
    const started = 'conditions' in decision ? helpful(decision.conditions) : [];
    // One of the phase before may stand in its place: whoever begins it must know that nobody waits for an answer.
    assert.ok(started.every(({ input }) => input.ifPossible === true));
    return [missing, started.map(({ job }) => job)];
  };
  const both = ['copy-back of orders', 'verification of orders by version'];
  assert.deepEqual(await held({}), [both, ['copy']]);
  assert.deepEqual(await held({ copyback: run('settle', 500_000) }), [both, ['copy']]);
  const copyback = run('switch', 500_000);
  assert.deepEqual(await held({ copyback }), [[both[1]], ['verify']]);
  assert.deepEqual(await held({ copyback, verification: compared('switch', 400_000) }), [
    [both[1]],
    ['verify'],
  ]);
  assert.deepEqual(await held({ copyback, verification: compared('switch', 600_000) }), [[], []]);
});

test('copy-backs that are started again and again put no verification off that has begun after the first of them', async () => {
  const held = async (copybacks: readonly RunEvidence[], verification: RunEvidence) => {
    const given = evidence({ collection: { ...collection({ verification }), copybacks } });
    return (await decided('switch', 'legacy', given)).missing;
  };
  const [first, later] = [run('switch', 500_000), run('switch', 700_000)];
  const [both, byVersion] = [[later, first], 'verification of orders by version'];
  assert.deepEqual(await held(both, compared('switch', 600_000)), []);
  // None that began before each key was given back.
  assert.deepEqual(await held(both, compared('switch', 500_000)), [byVersion]);
  for (const none of [run('switch', 500_000, false), run('switch', 10_000), run('settle', 500_000)])
    assert.deepEqual(await held([later, none], compared('switch', 600_000)), [byVersion], none.phase);
  const part = { ...first, range: { after: 'a', upTo: null } };
  assert.deepEqual(await held([later, part], compared('switch', 600_000)), [byVersion]);
  // The last one has to be clean, too.
  const unclean = run('switch', 700_000, false);
  assert.deepEqual(await held([unclean, first], compared('switch', 600_000)), ['copy-back of orders']);
});

test('in settle a later run by version refutes no difference that a run by content has found', async () => {
  const [unclean, version] = [
    compared('settle', 200_000, false),
    { ...compared('settle', 250_000), mode: 'version' as const },
  ];
  const { conditions, missing } = await decided('settle', 'contract', {
    ...evidence(),
    collection: { ...collection(), verifications: [version, unclean] },
  });
  assert.deepEqual(missing, ['copy-back of orders', 'verification of orders by content']);
  assert.match(conditions.at(-1)?.measured ?? '', /run-200000 of .* compared contents and was not clean/);
});

test('whoever turns round in settle, on the way back from contract, has Couchbase told what it has missed', async () => {
  const at = async (given: Last) => {
    const found = evidence({ collection: collection(given) });
    const { decision, missing } = await decided('settle', 'contract', found);
    const [wanted] = 'conditions' in decision ? helpful(decision.conditions) : [];
    return [missing, wanted?.job];
  };
  const [copyBack, verification] = ['copy-back of orders', 'verification of orders by content'];
  assert.deepEqual(await at({}), [[verification], 'verify']);
  const unclean = compared('settle', 200_000, false);
  assert.deepEqual(await at({ verification: unclean }), [[copyBack, verification], 'copy']);
  const early = { verification: unclean, copyback: run('settle', 150_000) };
  assert.deepEqual(await at(early), [[copyBack, verification], 'copy']);
  const told = { verification: unclean, copyback: run('settle', 300_000) };
  assert.deepEqual(await at(told), [[verification], 'verify']);
  assert.deepEqual(await at({ ...told, verification: compared('settle', 400_000) }), [[], undefined]);
});
