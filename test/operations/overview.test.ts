import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from '../../functions/control/evidence.ts';
import { type OverviewPorts, overview } from '../../functions/operations/overview.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';

const NOW = 1_000_000;
const EVIDENCE = { deadLetters: 0 } as Evidence;
const LOAD = { at: 0, values: [], pauses: ['full'], slowdowns: [], notGranted: [], unknown: [] };
const CONNECTIONS = {
  couchbase: null,
  oracle: { encrypted: true, verified: true, how: 'by a public authority' },
};
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
  away: async () => new Map(),
  now: () => NOW,
  connections: async () => CONNECTIONS,
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
    assert.deepEqual(seen?.connections, CONNECTIONS);
    if (missing === null) assert.equal(told, null);
    else assert.match(told ?? '', missing);
  }
  const bug = { ...PORTS, runs: () => Promise.reject(new TypeError('bug')) };
  await assert.rejects(overview(bug), TypeError);
});

test('a store that writes go on without is told for the collections that have it as their follower, for as long as the note is fresh', async () => {
  const note = { since: NOW - 600_000, at: NOW - 60_000 };
  const seen = async (store: 'oracle' | 'couchbase', at = note.at, phase: Phase = 'expand') => {
    const look = async () =>
      (await PORTS.look()).map((each) => ({ ...each, effective: { ...each.effective, phase } }));
    const [each] = await overview({ ...PORTS, look, away: async () => new Map([[store, { ...note, at }]]) });
    return each?.away;
  };
  assert.deepEqual(await seen('oracle'), { ...note, store: 'oracle' });
  assert.deepEqual(await seen('couchbase', note.at, 'settle'), { ...note, store: 'couchbase' });
  assert.equal(await seen('couchbase'), undefined);
  assert.equal(await seen('oracle', NOW - 180_000), undefined);
  for (const phase of ['legacy', 'seal', 'switch', 'settle', 'contract'] as const)
    assert.equal(await seen('oracle', note.at, phase), undefined, phase);
});
