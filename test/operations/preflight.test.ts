import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preflight } from '../../functions/operations/preflight.ts';
import { preflightLines } from '../../infra/console/told/documents.ts';

const PORTS = {
  keys: async () => [],
  sizes: async () => [],
  read: async () => [],
  require: () => {},
  timely: () => true,
};

test('preflight tells where Couchbase makes no durable writes, and what is wrong with it', async () => {
  const looked = (problem: string | null) =>
    preflight({ after: null, upTo: null }, { ...PORTS, durabilityProblem: async () => problem });
  const found = await looked('too few replicas');
  assert.equal(found.durabilityProblem, 'too few replicas');
  assert.equal(preflightLines(found).at(-1), 'Couchbase takes no durable writes: too few replicas');
  assert.doesNotMatch(preflightLines(await looked(null)).join(), /durable/);
});
