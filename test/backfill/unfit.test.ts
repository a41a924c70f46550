/** What is known not to fit is set aside before the batch's transaction, and what only Oracle refuses within it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CopyPorts, copyShard } from '../../functions/backfill/copy_shard.ts';
import type { ShardRow } from '../../functions/records/run.ts';
import { PoisonDocument } from '../../functions/stores/failure.ts';
import type { CopyOutcome } from '../../functions/stores/oracle/batch.ts';
import { document } from '../stores/contract/subject.ts';

type Step = Parameters<CopyPorts['apply']>[1];
type Unfit = Parameters<CopyPorts['apply']>[2];

const KEYS = ['unfit', 'refused', 'good'];
const ROW = { state: 'open', after: null, upTo: null, doneKey: null } as unknown as ShardRow;
const failed = (why: string): CopyOutcome => ({
  kind: 'failed',
  failure: new PoisonDocument({ store: 'oracle', operation: 'apply', collection: 'O', key: null }, why),
});
const [UNFIT, REFUSED, APPLIED] = [failed('no number'), failed('ORA-02290'), { kind: 'applied' } as const];

test('each of them is set aside once', async () => {
  const did: string[] = [];
  const ports = {
    keys: async () => KEYS,
    ...{ timely: () => true, turn: async () => ({ over: async () => {} }), permit: async () => {} },
    read: async (keys: readonly string[]) =>
      keys.map((key) => ({ key, state: { content: document('1'), version: 1n, cas: 1n } })),
    setAside: async ({ key }: { key: string }) => void did.push(`set aside ${key}`),
    repair: async () => {},
    apply: async (_: unknown, step: Step, unfit: Unfit) => {
      await unfit([UNFIT, null, null]);
      did.push('begins');
      const { counts, findings } = await step([UNFIT, REFUSED, APPLIED], []);
      did.push(`${counts.applied} applied, ${counts.failed} failed: ${findings.map(({ key }) => key)}`);
    },
    finish: async () => void did.push('done'),
  } as unknown as CopyPorts;
  assert.equal(await copyShard(ROW, ports, { documents: 10, bytes: 1000 }), 'done');
  assert.deepEqual(did, [
    'set aside unfit',
    'begins',
    'set aside refused',
    '1 applied, 2 failed: unfit,refused',
    'done',
  ]);
});
