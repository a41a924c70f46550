import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from '../../functions/control/evidence.ts';
import { type OverviewPorts, overview } from '../../functions/operations/overview.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';

const EVIDENCE = { deadLetters: 0 } as Evidence;
const LOAD = { at: 0, values: [], pauses: ['full'], slowdowns: [], notGranted: [], unknown: [] };
const TARGET = { store: 'oracle', operation: 'read', collection: 'RUNS', key: null } as const;
const PORTS: OverviewPorts = {
  look: async () => [
    {
      ...{ collection: 'orders', wish: null, effective: { phase: 'expand', since: 0, by: 'test' } },
      decision: { kind: 'arrived', phase: 'expand' },
      evidence: EVIDENCE,
    },
  ],
  runs: async () => [],
  load: async () => LOAD,
};

const withoutEvidence = async () =>
  (await PORTS.look()).map((seen) => ({ ...seen, evidence: { missing: 'away' } }));

test('where a store is away, or goes away meanwhile, the phase is told all the same', async () => {
  const away = new StoreUnavailable(TARGET, false, new Error('gone'));
  for (const [ports, missing] of [
    [PORTS, null],
    [{ ...PORTS, look: withoutEvidence }, /away/],
    [{ ...PORTS, runs: () => Promise.reject(away) }, /RUNS.*gone/],
  ] as const) {
    const [seen] = await overview(ports);
    assert.equal(seen?.effective.phase, 'expand');
    const told = seen !== undefined && 'missing' in seen.evidence ? seen.evidence.missing : null;
    // It lies in Oracle.
    assert.deepEqual(seen?.load, missing === null ? LOAD : undefined);
    if (missing === null) assert.equal(told, null);
    else assert.match(told ?? '', missing);
  }
  const bug = { ...PORTS, runs: () => Promise.reject(new TypeError('bug')) };
  await assert.rejects(overview(bug), TypeError);
});
