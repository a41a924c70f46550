/** How many calls each operation makes, as the page has them: what comes later must not make them dearer unseen. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PHASES, type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import { EMPTY } from '../model/world.ts';
import { Stores } from './stores.ts';

const PAGE = new URL('../../functions/protocol/README.md', import.meta.url);

const OPERATIONS: Readonly<Record<string, (stores: Stores, phase: Phase) => Promise<unknown>>> = {
  GET: (stores, phase) => stores.seen(phase),
  PUT: (stores, phase) => stores.put(phase, 'b'),
  DELETE: (stores, phase) => stores.remove(phase),
  'receipt, both equal': (stores, phase) => stores.converge(phase),
};

async function callsOf(phase: Phase, operation: string): Promise<string> {
  const isDual = ROUTES[phase].second !== null;
  if (operation.startsWith('receipt') && !isDual) return '–';
  const stores = new Stores(EMPTY);
  await stores.put(phase, 'a');
  if (isDual) await stores.converge(phase);
  stores.calls.length = 0;
  await OPERATIONS[operation]?.(stores, phase);
  const to = (store: string) => stores.calls.filter((name) => name.startsWith(store)).length;
  return `${to('couchbase')} + ${to('oracle')}`;
}

async function table(): Promise<string> {
  const names = Object.keys(OPERATIONS);
  const lines = [`| phase | ${names.join(' | ')} |`, `|---|${'---|'.repeat(names.length)}`];
  for (const phase of PHASES) {
    const counts = await Promise.all(names.map((name) => callsOf(phase, name)));
    lines.push(`| \`${phase}\` | ${counts.join(' | ')} |`);
  }
  return lines.join('\n');
}

test('the page has the calls of each operation in each phase', async () => {
  const expected = await table();
  assert.ok(readFileSync(PAGE, 'utf8').includes(`\n${expected}\n`), `It should have:\n${expected}`);
});

test('Couchbase is asked for a tombstone only where it lacks what Oracle holds', async () => {
  for (const phase of ['expand', 'seal', 'switch', 'settle'] as const) {
    const stores = new Stores(EMPTY);
    await stores.put(phase, 'a');
    await stores.converge(phase);
    await stores.remove(phase);
    await stores.converge(phase);
    assert.equal(stores.calls.includes('couchbase.gone'), false, phase);
  }
});
