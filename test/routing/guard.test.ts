/** What stands between a request and the stores: no call that is too late, and no refusal once something may be written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Call, CallFailed, type Reply } from '../../functions/protocol/call.ts';
import { type Course, guard } from '../../functions/routing/guard.ts';
import {
  DurabilityImpossible,
  OperatorNeeded,
  PoisonDocument,
  StoreUnavailable,
} from '../../functions/stores/failure.ts';

const TARGET = { store: 'oracle', operation: 'apply', collection: 'orders', key: 'k' } as const;
const read = { name: 'couchbase.read' } as Call;
const upsert = { name: 'couchbase.upsert' } as Call;
const apply = { name: 'oracle.apply' } as Call;
const sent = { name: 'receipt.sent' } as Call;

function guarded(timely = true) {
  const course: Course = { causes: [], written: false };
  const called: string[] = [];
  let fails: Error | null = null;
  const port = guard(
    async (call) => {
      called.push(call.name);
      if (fails !== null) throw fails;
      return {} as Reply;
    },
    () => timely,
    course,
  );
  const failing = (error: Error, call: Call) => {
    fails = error;
    return port(call).finally(() => {
      fails = null;
    });
  };
  return { course, called, port, failing };
}

test('without time no call begins but the one that a receipt was sent', async () => {
  const { port, called, course } = guarded(false);
  for (const call of [read, upsert]) await assert.rejects(port(call), { name: 'OutOfTime' });
  await port(sent);
  assert.deepEqual([called, course.written, course.causes], [['receipt.sent'], false, []]);
});

test('a mutation is written once it is answered, and may be where its answer is not clear; a read never is', async () => {
  const after = async (act: (it: ReturnType<typeof guarded>) => Promise<unknown>) => {
    const it = guarded();
    await act(it).catch(() => {});
    return it.course.written;
  };
  assert.equal(await after(({ port }) => port(read)), false);
  assert.equal(await after(({ port }) => port(upsert)), true);
  const away = new StoreUnavailable(TARGET, true, new Error('time'));
  assert.equal(await after(({ failing }) => failing(away, apply)), true);
  assert.equal(await after(({ failing }) => failing(away, read)), false);
  // It is surely not applied.
  assert.equal(await after(({ failing }) => failing(new DurabilityImpossible(TARGET, null), upsert)), false);
  assert.equal(await after(({ failing }) => failing(new PoisonDocument(TARGET, 'no'), apply)), false);
});

test('what a store will never take is refused to the client, unless something may be written already', async () => {
  const poison = new PoisonDocument(TARGET, 'too large');
  const first = guarded();
  await assert.rejects(first.failing(poison, apply), poison);
  const second = guarded();
  await second.port(upsert);
  await assert.rejects(second.failing(poison, apply), (error: Error) => {
    assert.deepEqual([error.name, error.cause], ['CallFailed', poison]);
    return error instanceof CallFailed;
  });
  // The log learns of it all the same.
  assert.deepEqual(second.course.causes, [poison]);
});

test('what an operator has to put right is no answer for a client', async () => {
  const { failing, course } = guarded();
  const needed = new OperatorNeeded(TARGET, 'no grant');
  await assert.rejects(failing(needed, read), { name: 'CallFailed', cause: needed });
  assert.deepEqual(course.causes, [needed]);
});
