/** A stack in `expand` whose runs are not slowed down, for the tests of verifications. */
import { after, before } from 'node:test';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { type Local, startLocal } from '../../../infra/local/start.ts';
import { operator } from './operator.ts';
import { type Ask, app, type BothStores, bothStores, endStack, enter, SETTINGS } from './running.ts';

export let local: Local;
export let stores: BothStores;
export let ask: Ask;
export let runs: ReturnType<typeof operator>;

/** Starts it before the tests of the file that asks for it, and stops it after them. */
export function verifiable(): void {
  before(begin);
  after(end);
}

async function begin(): Promise<void> {
  local = await startLocal({
    settings: SETTINGS,
    data: null,
    port: 0,
    containers: 2,
    rules: false,
    log: () => {},
  });
  stores = bothStores(local.logins);
  ask = await app(local.deployment.gateway);
  runs = operator(local);
  const change = { Name: '/crossfade/backfill-pace', Value: '100000', Overwrite: true };
  local.parameters.call('PutParameter', change, 'test');
  enter(local.parameters, 'expand', 60_000);
}

async function end(): Promise<void> {
  runs.stop();
  await endStack(local, stores);
}

export const text = (body: string) => ({ content: documentFrom(Buffer.from(body), null) });
export const keys = Array.from({ length: 300 }, (_, n) => `v-${String(n).padStart(3, '0')}`);
