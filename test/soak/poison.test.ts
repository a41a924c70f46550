/** Whether the soak notices what becomes of planted documents, and plants them only where that is allowed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Stage } from '../../infra/demo/stage.ts';
import type { Deployment } from '../../infra/local/deploy.ts';
import { plantExit } from './planted_exit.ts';
import { Poison } from './poison.ts';
import { MENDED, POISONS } from './poisons.ts';

const [UNFIT, HEAVY] = ['poison: a text that is longer than its column', 'poison: a document of 20 MiB'];
const BACKFILL = { name: 'backfill of cities', holds: false };

/** A service that sets every planted document aside. */
class Service {
  readonly couchbase = new Map<string, string>();
  readonly oracle = new Map<string, string>();
  readonly asked: string[] = [];
  status: object = { effective: { phase: 'expand' }, decision: { kind: 'arrived' } };
  others = 0;
  readonly poison: Poison;

  constructor() {
    const { couchbase, oracle } = this;
    const stage = {
      service: { ask: async (name: string, input = { key: '' }) => this.#ask(name, input) },
      stores: {
        plant: async ({ key }: { key: string }, bytes: Buffer) => couchbase.set(key, String(bytes)),
        remove: async ({ key }: { key: string }) => couchbase.delete(key),
        isThere: async ({ key }: { key: string }) => couchbase.has(key),
        held: async ({ key }: { key: string }) => ({
          ...{ couchbase: couchbase.get(key) ?? null, oracle: oracle.get(key) ?? null },
        }),
      },
      receipt: async (key: string) => this.asked.push(`receipt ${key}`),
    };
    this.poison = new Poison(stage as unknown as Stage, () => {});
  }

  #ask(name: string, { key }: { key: string }): unknown {
    if (name === 'status') return [{ collection: 'cities', ...this.status }];
    if (name === 'dead-letters') {
      const letters = [...this.couchbase.keys()].map((each) => ({ key: each, cause: 'unfit' }));
      return { letters, open: letters.length + this.others };
    }
    this.asked.push(`${name} ${key}`);
    // What is redriven is settled: Oracle has what Couchbase has.
    if (name === 'redrive') {
      const body = this.couchbase.get(key);
      if (body === undefined) this.oracle.delete(key);
      else this.oracle.set(key, body);
    }
    return { done: 1 };
  }
}

/** Three documents, each dealt with in another way. */
async function dealtWith(): Promise<Service> {
  const service = new Service();
  const names = Object.keys(POISONS).filter((name) => !name.includes('20 MiB'));
  for (const name of names.slice(0, 3)) assert.equal(await service.poison.plant(name), 1);
  service.others = 2;
  assert.equal(await service.poison.settle(), 2, 'letters of others are left');
  return service;
}

test('the operator mends one, deletes one and leaves one out, and nothing is wrong then', async () => {
  const service = await dealtWith();
  assert.deepEqual(service.asked.slice(3), ['redrive poison/0', 'redrive poison/1', 'discard poison/2']);
  assert.deepEqual(await service.poison.wrong('settle'), []);
  assert.deepEqual(service.poison.counts, { mended: 1, deleted: 1, 'left out': 1, 'taken as they are': 0 });
  assert.equal(service.couchbase.has('poison/2'), true);
});

test('a lie is seen: what was mended, deleted or left out is not as it was dealt with', async () => {
  const lies: readonly (readonly [string, (service: Service) => unknown])[] = [
    ['poison/0', ({ oracle }) => oracle.delete('poison/0')],
    ['poison/0', ({ couchbase }) => couchbase.set('poison/0', 'older')],
    ['poison/1', ({ oracle }) => oracle.set('poison/1', MENDED)],
    ['poison/1', ({ couchbase }) => couchbase.set('poison/1', MENDED)],
    ['poison/2', ({ couchbase }) => couchbase.delete('poison/2')],
  ];
  for (const [key, lie] of lies) {
    const service = await dealtWith();
    lie(service);
    const found = await service.poison.wrong('settle');
    assert.deepEqual(
      found.map((fault) => [fault.kind, fault.key]),
      [['lost', `cities/${key}`]],
      String(lie),
    );
  }
});

test('what nobody has set aside is taken by both stores, or not met yet', async () => {
  const service = new Service();
  await service.poison.plant(UNFIT);
  assert.deepEqual([await service.poison.wrong('expand'), service.poison.unmet], [[], 1]);
  service.oracle.set('poison/0', service.couchbase.get('poison/0') ?? '');
  assert.deepEqual([await service.poison.wrong('expand'), service.poison.unmet], [[], 0]);
  assert.equal(service.poison.counts['taken as they are'], 1);
});

test('documents are planted only where Couchbase decides and a run over all keys is still to come', async () => {
  const planted = async (phase: string, wanted: string, conditions: object[] = []) => {
    const service = new Service();
    service.status = { effective: { phase }, decision: { kind: 'waits', wanted, conditions } };
    return service.poison.plant(UNFIT);
  };
  for (const [phase, wanted, conditions, expected] of [
    ['legacy', 'settle', [], 1],
    ['expand', 'expand', [], 1],
    ['expand', 'settle', [BACKFILL], 1],
    ['expand', 'settle', [{ ...BACKFILL, holds: true }], 0],
    ['expand', 'settle', [], 0],
    ['seal', 'legacy', [BACKFILL], 0],
    ['settle', 'settle', [BACKFILL], 0],
    ['contract', 'contract', [], 0],
  ] as const)
    assert.equal(await planted(phase, wanted, [...conditions]), expected, `${phase} to ${wanted}`);
});

test('no more than three lie there at a time, one of each kind, and one of 20 MiB has so many bytes', async () => {
  const service = new Service();
  const names = [UNFIT, UNFIT, ...Object.keys(POISONS)];
  const planted: number[] = [];
  for (const name of names) planted.push(await service.poison.plant(name));
  assert.deepEqual(planted, [1, 0, 0, 1, 1, ...names.slice(5).map(() => 0)]);
  assert.equal(POISONS[HEAVY]?.body().length, 20 * 1024 * 1024);
});

test('a worker into which the bug is planted ends at the document that is to end it, and at no other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-planted-'));
  try {
    const worker = `new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(process.argv[2]));`;
    for (const name of ['backfill', 'verify', 'reconcile'])
      await writeFile(join(folder, `${name}.mjs`), worker);
    const entry = () => ({ settings: { environment: { LAMBDA_TASK_ROOT: folder } } });
    await plantExit({ entry } as unknown as Deployment);
    const code = (name: string, document: string) =>
      spawnSync(process.execPath, [join(folder, `${name}.mjs`), document]).status;
    const deadly = String(POISONS['poison: a document that ends the process of its worker']?.body());
    assert.deepEqual(
      [code('backfill', deadly), code('reconcile', deadly), code('backfill', MENDED)],
      [1, 1, 0],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
