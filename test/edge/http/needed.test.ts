import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { CallName } from '../../../functions/protocol/call.ts';
import { PHASES, type Phase, type StoreName } from '../../../functions/protocol/phase.ts';
import { ApiInMemory } from './api_in_memory.ts';

const CALLS = ['read', 'upsert', 'remove', 'swap', 'erase', 'apply', 'write'];
const STORES: readonly StoreName[] = ['couchbase', 'oracle'];
const READS = ['GET', 'HEAD'];
const WRITES = ['PUT', 'PATCH', 'DELETE'];

/** Whether a request on a document that both stores hold is answered without this store. */
async function answers(phase: Phase, method: string, away: StoreName): Promise<boolean> {
  const api = new ApiInMemory();
  api.phase = phase;
  await api.ask('PUT', 'key', { body: '{"a":1}' });
  api.failing = new Map(CALLS.map((call) => [`${away}.${call}` as CallName, 'away' as const]));
  const hasBody = method === 'PUT' || method === 'PATCH';
  const { status } = await api.ask(method, 'key', hasBody ? { body: '{"a":2}' } : {});
  assert.ok(status < 300 || status === 503, `${method} in ${phase} without ${away}: ${status}`);
  return status < 300;
}

/** As the page says it: the one store that all these methods need, or both. */
async function neededBy(phase: Phase, methods: readonly string[]): Promise<string> {
  const needed: string[] = [];
  for (const method of methods) {
    const stores: StoreName[] = [];
    for (const store of STORES) if (!(await answers(phase, method, store))) stores.push(store);
    needed.push(stores.length === 2 ? 'both' : stores[0] === 'oracle' ? 'Oracle' : 'Couchbase');
  }
  assert.equal(new Set(needed).size, 1, `${methods.join()} in ${phase} need ${needed.join()}`);
  return needed[0] as string;
}

test('the README tells for each phase which store a read and a write need', async () => {
  const page = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  for (const phase of PHASES) {
    const row = `| \`${phase}\` | ${await neededBy(phase, READS)} | ${await neededBy(phase, WRITES)} |`;
    assert.ok(page.includes(row), `the page lacks the row ${row}`);
  }
});
