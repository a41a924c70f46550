/** Marked documents on all ways but a request's and a backfill's: copied back, repaired, set aside after a forced move, swept, and looked at by the controller. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { receiptText } from '../../functions/edge/queue.ts';
import { flagOf } from '../../functions/phases/parameters.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import { ROUTES } from '../../functions/protocol/phase.ts';
import { OPERATOR } from '../../infra/local/policy.ts';
import type { Local } from '../../infra/local/start.ts';
import { ACCOUNT, REGION } from '../../infra/local/template.ts';
import { operator } from '../local/stack/operator.ts';
import { type BothStores, bothStores, enter, eventually } from '../local/stack/running.ts';
import { BODIES, EXPIRES } from './marks.ts';
import { couchbaseFails, operate, oracleSays, type Stage } from './outside.ts';

type Body = keyof typeof BODIES;

const [why, collection] = ['a look at marks', 'orders'];
/** So long ago a phase has begun that nothing of it bakes any more, in milliseconds. */
const AGO = 60_000;
/** In which documents expire, and in which what is sent has its effect, in milliseconds. */
const [LIFE, SOON] = [1500, 30_000];

/** @param number that Oracle says while something is under way. */
export async function otherWays(stage: Stage, number: number): Promise<void> {
  const stores = bothStores(stage.local.logins);
  try {
    await copiedBack(stage, number);
    await repaired(stage, stores, number);
    await forced(stage, stores, number);
    await swept(stage, number);
  } finally {
    await stage.local.oracle.calm();
    await stage.local.couchbase.calm();
    await stores.close();
  }
}

async function put(stage: Stage, key: string, body: string, expiresAt = EXPIRES): Promise<void> {
  const { status, body: answer } = await stage.ask('PUT', key, body, { 'expires-at': expiresAt });
  if (status >= 400) stage.watched.see('problem of the API', answer);
}

/** In `settle` Oracle has what apps write, and a copy-back tells Couchbase, which fails meanwhile. */
async function copiedBack(stage: Stage, number: number): Promise<void> {
  const { local, watched } = stage;
  enter(local.parameters, 'settle', AGO);
  for (const [kind, body] of Object.entries(BODIES)) await put(stage, `zqkey-back-${kind}`, body);
  const machines = operator(local);
  // The first ends where it is planned.
  for (const said of [true, false]) {
    if (said) await local.oracle.fault(oracleSays(number, 'ORDERS'));
    await local.couchbase.fault(couchbaseFails);
    const ended = await machines.ended('CopyAll', { collection, back: 'all', prefix: 'zqkey-back' });
    watched.see('run CopyAll', JSON.stringify(ended));
    await local.couchbase.calm();
    await local.oracle.calm();
  }
  machines.stop();
}

/** Both stores hold something of their own, and a verification has it repaired. */
async function repaired({ local, watched }: Stage, stores: BothStores, number: number): Promise<void> {
  enter(local.parameters, 'expand', AGO);
  const kinds: readonly Body[] = ['fits', 'array', 'scalar'];
  const content = (kind: Body) => documentFrom(Buffer.from(BODIES[kind]), Date.parse(EXPIRES));
  for (const kind of kinds) {
    const key = `zqkey-mend-${kind}`;
    await stores.couchbase.upsert(key, { content: content(kind) });
    await stores.oracle.apply(key, { content: content('text'), version: 1n });
  }
  const machines = operator(local);
  const ended = await machines.ended('VerifyAll', { collection, repair: true, prefix: 'zqkey-mend' });
  watched.see('run VerifyAll', JSON.stringify(ended));
  machines.stop();
  await local.oracle.fault(oracleSays(number, 'ORDERS', 2));
  await settle(
    local,
    kinds.map((kind) => `zqkey-mend-${kind}`),
  );
  await local.oracle.calm();
  await eventually(
    () => stores.bodies('zqkey-mend-fits'),
    ({ couchbase, oracle }) => couchbase === oracle,
    SOON,
  );
}

/** A move without its gate, and what Oracle has held of keys that Couchbase orders again. */
async function forced(stage: Stage, stores: BothStores, number: number): Promise<void> {
  const { local } = stage;
  enter(local.parameters, 'settle', AGO);
  const keys = ['fits', 'array'].map((kind) => `zqkey-forced-${kind}`);
  for (const key of keys) await put(stage, key, BODIES.fits);
  const { couchbaseWrites, oracleWrites, reads } = ROUTES.legacy.flags;
  const flags = { 'couchbase-writes': couchbaseWrites, 'oracle-writes': oracleWrites, reads } as const;
  for (const [flag, value] of Object.entries(flags)) {
    const Name = flagOf('/crossfade', collection, flag as keyof typeof flags);
    local.parameters.call('PutParameter', { Name, Value: String(value), Overwrite: true }, 'test');
  }
  await operate(stage, 'at-risk', { collection, kind: 'handed-off', after: null });
  for (const confirm of [false, true]) {
    await local.oracle.fault(oracleSays(number, 'CROSSFADE'));
    await operate(stage, 'force', { collection, why, confirm });
    await local.oracle.calm();
  }
  enter(local.parameters, 'expand', AGO);
  for (const key of keys) await put(stage, key, BODIES.scalar);
  await settle(local, keys);
  await eventually(
    () => stores.bodies(keys[0] ?? ''),
    ({ couchbase, oracle }) => couchbase === oracle,
    SOON,
  );
  await operate(stage, 'set-aside', { collection, bodies: true });
}

/** Documents whose time is up, dead letters, and looks of the controller, of which some fail. */
async function swept(stage: Stage, number: number): Promise<void> {
  const { local, ask } = stage;
  enter(local.parameters, 'settle', AGO);
  const expires = new Date(Date.now() + LIFE).toISOString();
  await put(stage, 'zqkey-swept', BODIES.fits, expires);
  await eventually(
    () => ask('GET', 'zqkey-swept'),
    ({ status }) => status === 404,
    SOON,
  );
  const control = local.deployment.entry('control');
  for (const statement of ['ORDERS', 'CROSSFADE', null]) {
    if (statement !== null) await local.oracle.fault(oracleSays(number, statement, 3));
    // A look that has failed is told to its state machine, which is watched.
    await control.invoke({}).catch(() => {});
    await local.oracle.calm();
  }
}

/** Receipts that need not wait for their delay. */
async function settle(local: Local, keys: readonly string[]): Promise<void> {
  const queues = new SQSClient({
    ...{ endpoint: local.deployment.endpoint.url, region: REGION },
    credentials: { accessKeyId: OPERATOR, secretAccessKey: 'x' },
  });
  const name = local.queues.names.find((each) => each.includes('ReceiptsQueue'));
  const QueueUrl = `${local.deployment.endpoint.url}/${ACCOUNT}/${name}`;
  const receipt = { collection, phase: 'expand', cause: 'write', expired: 0n } as const;
  for (const key of keys)
    await queues.send(new SendMessageCommand({ QueueUrl, MessageBody: receiptText({ ...receipt, key }) }));
  queues.destroy();
}
