/** SSM's clock is the one that counts: over the SDK, on a machine whose own clock is a day off. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SSMClient } from '@aws-sdk/client-ssm';
import { move, standing } from '../../functions/control/publish.ts';
import type { Container } from '../../functions/edge/container.ts';
import { pacedWrites } from '../../functions/edge/controller.ts';
import { operationPorts } from '../../functions/edge/operations.ts';
import { gatheredReader, hearDates, phasesReader } from '../../functions/edge/parameters.ts';
import { registerIn } from '../../functions/edge/register.ts';
import { ServiceClock } from '../../functions/edge/service_clock.ts';
import { INITIAL_PHASE } from '../../functions/phases/effective_phase.ts';
import { phaseOf } from '../../functions/phases/parameters.ts';
import { PhaseCache } from '../../functions/phases/phase_cache.ts';
import { type Endpoint, type Services, serveAws } from '../../infra/local/aws/endpoint.ts';
import { ParameterStore } from '../../infra/local/aws/parameters.ts';

const DAY = 86_400_000;
const SETTLING = 20_000;
/** What SSM takes for now: a day before or after this machine. */
let now = 0;
let endpoint: Endpoint;
let client: SSMClient;

before(async () => {
  const parameters = new ParameterStore(null, () => now);
  parameters.declare(phaseOf('/c', 'orders'), JSON.stringify(INITIAL_PHASE), '', null);
  endpoint = await serveAws({ parameters, allows: () => true } as unknown as Services);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  client = new SSMClient({ endpoint: endpoint.url, region: 'test', credentials });
});
after(async () => {
  client.destroy();
  await endpoint.stop();
});

test('a phase begins when SSM wrote it, and the time is that of the answer, in whole seconds, cut off', async () => {
  const register = registerIn(client, gatheredReader(client), pacedWrites(), '/c', 'orders');
  for (const [n, off] of [-DAY, DAY].entries()) {
    now = Date.now() + off;
    const written = now;
    const { version } = await register.read();
    assert.equal(version, n + 1);
    const made = { from: 'legacy', to: 'expand', by: 'test', at: Date.now(), why: '' } as const;
    assert.equal((await move(register, version, made, SETTLING)).won, true);
    // Reads of what was written a moment ago may tell what was before.
    now += 70_999;
    assert.deepEqual((await register.claimed(version))?.at, written);
    const seen = await standing(register, SETTLING);
    assert.equal(seen.effective.since, written + SETTLING);
    assert.equal(seen.now, Math.floor(now / 1000) * 1000);
  }
});

test('what containers note is by SSM’s clock where their own is off, and by their own where it is not', async () => {
  const own = { wall: 0, steady: 5 };
  const clock = { wall: () => own.wall, steady: () => own.steady };
  const service = new ServiceClock(clock);
  own.wall = 123;
  assert.equal(service.now(), 123);
  now = 1_700_000_000_700;
  const ages = { refresh: 5000, lease: 30_000, retry: 1000, settling: SETTLING };
  const cache = new PhaseCache(phasesReader(client, '/c', ['orders'], service.heard), clock, ages, () => {});
  await cache.current('orders');
  own.steady += 10_000;
  for (const [wall, told] of [
    [now + 10_000, now + 10_000],
    [now + DAY, 1_700_000_011_000],
    [now - DAY, 1_700_000_010_000],
  ] as const) {
    own.wall = wall;
    assert.equal(service.now(), told);
  }
});

test('entries of the audit log are dated by SSM, also in a container that was frozen for long; by its own clock where SSM is away', async () => {
  const { heard, now: own } = new ServiceClock({ wall: () => Date.now(), steady: () => 0 });
  const ssm = new SSMClient({
    ...{
      endpoint: endpoint.url,
      region: 'test',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
  });
  hearDates(ssm, heard);
  const moves = { hold: false, windows: [] };
  const configuration = { collections: { orders: {} }, moves, timing: { request: 20_000, call: 3000 } };
  const timeOf = (parameters: SSMClient) =>
    operationPorts(
      { ...{ parameters, configuration, now: own, queues: {} }, stores: {} } as unknown as Container,
      { PARAMETERS: '/c' } as never,
      {} as never,
      () => 20_000,
    ).time();
  const nobody = new SSMClient({ endpoint: 'http://127.0.0.1:1', region: 'test', maxAttempts: 1 });
  const before = Date.now();
  assert.ok((await timeOf(nobody)) >= before);
  for (const off of [-DAY, DAY]) {
    now = Date.now() + off;
    const time = await timeOf(ssm);
    assert.ok(time >= now - 1000 && time <= now + 1000, `${time - now}`);
  }
  ssm.destroy();
  nobody.destroy();
});
