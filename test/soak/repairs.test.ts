/** The operator of the soak gives commands that the service takes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptIdentity } from '../../functions/identity/accept.ts';
import type { Overview } from '../../functions/operations/overview.ts';
import { parseOperation } from '../../functions/operations/request.ts';
import { PHASES } from '../../functions/protocol/phase.ts';
import type { Stage } from '../../infra/demo/stage.ts';
import type { Fallbacks } from './fallback.ts';
import { repairOf } from './repairs.ts';

const NONE = { due: new Set() } as unknown as Fallbacks;

test('another store is accepted in each phase, as the one whose truth the phase follows', async () => {
  for (const phase of PHASES.filter((each) => each !== 'legacy')) {
    const evidence = { identities: [{ problem: 'IDENTITY_CHANGED' }], collection: {} };
    const seen = { collection: 'cities', effective: { phase }, evidence } as unknown as Overview;
    const asked: { readonly name: string; readonly body: object }[] = [];
    const service = { ask: async (name: string, body: object) => asked.push({ name, body }) };
    const task = repairOf(seen, { service } as unknown as Stage, NONE, () => {}, 0);
    await task?.act();
    const [{ name, body } = assert.fail()] = asked;
    const operation = parseOperation(name, body, ['cities']);
    assert.ok(operation.name === 'accept-identity');
    const accepted = await acceptIdentity(operation, {
      ...{ phase: async () => ({ phase, ahead: null }), sights: async () => [], accept: async () => [] },
      ...{ audit: async () => {}, note: async () => {}, now: () => 0 },
    });
    assert.deepEqual(accepted, { before: [] }, phase);
  }
});
