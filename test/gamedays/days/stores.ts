/** A store is away, or slow. */
import assert from 'node:assert/strict';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';
import { COLLECTIONS } from '../operator.ts';

export const STORE_FAILURES: Row = {
  table: 'alarms',
  signs: ['CouchbaseFailures', 'OracleFailures'],
  happened:
    'calls to that store fail: requests are served all the same where the other one decides, and receipts catch up',
  advice: 'bring it back; `ReceiptAge` tells if it lasts',
};

const UNSERVED: Row = {
  table: 'alarms',
  signs: ['OutcomesUnknown', 'StoresUnavailable'],
  happened: 'requests are answered 503',
  advice:
    'which store is it? The Api function’s log names it, and so does `npx crossfade status`. The [README](../README.md) has the table of which ' +
    'phase needs which store. Where it stays away: set the flags back (`npx crossfade set legacy`, `npx crossfade set settle`; it exits with 1 ' +
    'where Oracle is away, which has the audit log). `expand` → `legacy` and `contract` → `settle` need no store; nor do `seal` → `expand` and ' +
    '`switch` → `settle`, unless `npx crossfade status` says `FORCED`. For those then, and for `settle` → `switch` → `seal`, read ' +
    '[Forcing a move](#forcing-a-move)',
};

const SATURATED: Row = {
  table: 'alarms',
  signs: ['PoolSaturated'],
  happened:
    'requests wait for a connection to Oracle, and all are at work; sessions that do not open count as `OracleFailures` alone',
  advice: 'is Oracle slow? Otherwise raise `connections`, and with it `oracleSessions`',
};

const SKIPPED: Row = {
  table: 'alarms',
  signs: ['FollowerSkipped'],
  happened:
    'for more than 5 minutes, writes are acknowledged by the first store and their receipts alone: Oracle in `expand`, Couchbase in `settle`, fails or is slow, and is tried every 3 seconds',
  advice:
    '`npx crossfade status` says which store, since when (`AWAY`), and why. Bring it back: receipts catch up by themselves, and gates wait for ' +
    'them ([more](../functions/routing/README.md#a-store-that-follows-is-slow-or-away))',
};

const GONE = { kind: 'error', number: 3113, text: 'end-of-file on communication channel' } as const;

/** Every statement of functions fails. */
export function oracleIsAway({ stack }: Field): Promise<void> {
  return stack.stores.oracle.fault({ operation: 'execute', statement: null, times: null, action: GONE });
}

/** Both stores must have each write, so none is skipped. */
async function inSeal(field: Field): Promise<void> {
  await field.crowd.stop();
  await field.settled();
  await field.place('seal', 60_000, 'settle');
  await field.obeyed('seal');
  field.crowd.start();
}

/** Batches, whose writes go side by side in one container. */
async function sendBatches(field: Field, many: number): Promise<void> {
  const token = await field.stack.deployment.gateway.token('gamedays');
  const writes = Array.from({ length: 100 }, (_, n) => ({ key: `batch/${n}`, put: { n } }));
  const url = `${field.stack.deployment.gateway.url}/v1/collections/cities/batch`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  for (let n = 0; n < many; n++)
    await fetch(url, { method: 'POST', headers, body: JSON.stringify({ writes }) }).then((answer) =>
      answer.text(),
    );
}

export const STORES: readonly Day[] = [
  {
    name: 'oracle-away',
    row: STORE_FAILURES,
    alarms: ['OracleFailures'],
    provoke: async (field) => {
      field.noteFailures();
      await oracleIsAway(field);
    },
    expect: async (field) => field.noneFailed(),
    remedy: ({ stack }) => stack.stores.oracle.calm(),
    healed: async (field) => field.noneFailed(),
  },
  {
    name: 'couchbase-away',
    row: STORE_FAILURES,
    alarms: ['CouchbaseFailures'],
    provoke: async ({ stack }) => {
      const action = { kind: 'status', status: 0x86 } as const;
      for (const operation of ['mutateIn', 'lookupIn'] as const)
        await stack.stores.couchbase.fault({ operation, times: null, action });
    },
    remedy: ({ stack }) => stack.stores.couchbase.calm(),
  },
  {
    name: 'follower-slow',
    row: SKIPPED,
    provoke: async (field) => {
      field.noteFailures();
      const action = { kind: 'delay', milliseconds: 900 } as const;
      await field.stack.stores.oracle.fault({ operation: 'execute', statement: null, times: null, action });
    },
    expect: async (field) => {
      // The alarm may still be on from the day before.
      await field.until(
        'no function says that its follower is away',
        () => field.said('FOLLOWER_AWAY'),
        (said) => said,
      );
      const { output } = await field.crossfade('status');
      assert.match(output, /AWAY {5}oracle fails or is slow: writes are acknowledged without it/);
      field.noneFailed();
    },
    remedy: ({ stack }) => stack.stores.oracle.calm(),
    healed: async (field) => {
      await field.until(
        'writes do not wait for Oracle again',
        () => field.said('FOLLOWER_BACK'),
        (said) => said,
      );
      field.noneFailed();
    },
  },
  {
    name: 'pool-too-small',
    row: SATURATED,
    provoke: async (field) => {
      // Here each write waits for Oracle, and those of a batch begin with twice as many as there are sessions.
      await inSeal(field);
      const action = { kind: 'delay', milliseconds: 3000 } as const;
      await field.stack.stores.oracle.fault({
        operation: 'execute',
        statement: 'CITIES',
        times: null,
        action,
      });
      await Promise.all([sendBatches(field, 2), sendBatches(field, 2)]);
    },
    remedy: async (field) => {
      await field.stack.stores.oracle.calm();
      await field.crossfade('set', 'expand');
      await field.until(
        'it does not come to expand',
        () => field.statusOf('cities'),
        ({ effective }) => effective.phase === 'expand',
      );
    },
  },
  {
    name: 'oracle-away-in-seal',
    row: UNSERVED,
    held: 'couchbase',
    provoke: async (field) => {
      await inSeal(field);
      const action = { kind: 'drop', applied: true } as const;
      await field.stack.stores.oracle.fault({ operation: 'execute', statement: null, times: null, action });
    },
    expect: async (field) => {
      const { output } = await field.crossfade('status');
      assert.match(output, /STORES {3}cities.*: oracle read/);
    },
    remedy: async (field) => {
      const { output, error, code } = await field.crossfade('set', 'legacy');
      assert.deepEqual([code, /audit log has no entry/.test(error)], [1, true], output + error);
      for (const collection of COLLECTIONS)
        await field.until(
          'it does not come to legacy',
          () => field.statusOf(collection),
          ({ effective }) => effective.phase === 'legacy',
        );
    },
    healed: async (field) => {
      await field.stack.stores.oracle.calm();
      await field.crossfade('set', 'settle').then(() => field.crossfade('set', 'expand'));
    },
  },
];
