/** The move out of `legacy` remembers what the stores are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Logger } from '@aws-lambda-powertools/logger';
import { rememberStores } from '../../functions/edge/identity.ts';
import type { IdentityGuard } from '../../functions/identity/guard.ts';
import type { StoreName } from '../../functions/protocol/phase.ts';

const logger = new Logger({ logLevel: 'SILENT' });
const remembering = async (
  from: 'legacy' | 'expand',
  to: 'expand' | 'seal',
  accept: () => Promise<unknown>,
) => {
  const accepted: [string, readonly StoreName[]][] = [];
  const identity = {
    accept: (collection: string, stores: readonly StoreName[]) => {
      accepted.push([collection, stores]);
      return accept();
    },
  } as unknown as IdentityGuard;
  await rememberStores({ logger, stores: { identity } }, 'orders', { from, to });
  return accepted;
};

test('the move out of legacy remembers both stores, and no other move does', async () => {
  const both = [['orders', ['couchbase', 'oracle']]];
  assert.deepEqual(await remembering('legacy', 'expand', async () => []), both);
  assert.deepEqual(await remembering('expand', 'seal', async () => []), []);
});

test('a ledger that is away keeps no forced move from being made', async () => {
  await remembering('legacy', 'expand', () => Promise.reject(new Error('away')));
});
