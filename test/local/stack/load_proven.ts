/** The proof of load in a deployed stack: from a read of an app to the row that a gate looks at. */
import assert from 'node:assert/strict';
import { LoadProofs } from '../../../functions/books/load_proofs.ts';
import { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import type { Local } from '../../../infra/local/start.ts';
import { type Ask, eventually } from './running.ts';

/** In `expand`, where all reads of `orders` are chosen. */
export async function loadIsProven(local: Local, ask: Ask): Promise<void> {
  assert.equal((await ask('PUT', 'proven', '1')).status, 204);
  const database = new OracleConnection({ login: async () => local.logins.oracle, size: 1, timeout: 30_000 });
  const figures = async () => {
    const { status, body } = await ask('GET', 'proven');
    assert.deepEqual([status, body], [200, '1']);
    const rows = await new LoadProofs(database).since('orders', 0);
    return rows.map((row) => row.figures);
  };
  type Found = Awaited<ReturnType<typeof figures>>;
  const measured = ({ latencies }: { readonly latencies: object }) => Object.keys(latencies).length > 0;
  const both = (all: Found) => all.some(({ oracle, couchbase }) => measured(oracle) && measured(couchbase));
  const failed = (all: Found) => all.some(({ oracle }) => oracle.failed > 0);
  assert.equal(failed(await eventually(figures, both)), false);
  // The function that proves waits for its calls until their time is over, and no app does.
  const action = { kind: 'silence', applied: false } as const;
  await local.oracle.fault({ operation: 'execute', statement: 'FROM ORDERS', times: null, action });
  await eventually(figures, failed).finally(() => local.oracle.calm());
  await database.close();
}
