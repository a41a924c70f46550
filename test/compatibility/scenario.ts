/** A life of a deployment that makes it write one of each: messages, rows, parameters, documents, metrics and answers. */
import { PHASES, type Phase } from '../../functions/protocol/phase.ts';
import { Hands } from './hands.ts';
import { foreignWrite } from './snapshot.ts';
import type { World } from './world.ts';

export interface Stage {
  readonly hands: Hands;
  readonly world: World;
  /** Keeps what lies in Couchbase now. */
  documents(phase: Phase): Promise<void>;
  /** Whether a function has counted in a metric of this name. */
  counted(metric: string): boolean;
  /** Keeps what a command printed. */
  printed(command: string, code: number, output: string): void;
}

/** Keys of `orders` that the scenario writes. */
const KINDS = ['plain', 'patched', 'named', 'expiring', 'deleted', 'text', 'ä+%/'] as const;
export const KEYS = [
  ...PHASES.flatMap((phase) => KINDS.map((kind) => `${phase}-${kind}`)),
  ...Array.from({ length: 30 }, (_, n) => `many-${n}`),
  ...['unfit', 'waits', 'foreign', 'batch-1', 'batch-2'],
];

export async function live(stage: Stage): Promise<void> {
  const { hands } = stage;
  await requests(stage, 'legacy');
  await many(stage);
  await operator(stage, 'set', 'expand');
  await hands.arrive('orders', 'expand');
  await requests(stage, 'expand');
  await mistakes(stage);
  await waiting(stage);
  await letters(stage);
  await backfill(stage);
  await verification(stage);
  await operator(stage, 'set', 'settle');
  for (const phase of ['seal', 'switch', 'settle'] as const) {
    await hands.arrive('orders', phase);
    await requests(stage, phase);
  }
  await operator(stage, 'set', 'contract');
  await operator(stage, 'force', 'carts', '--why', 'to record it', '--confirm');
  await hands.arrive('orders', 'contract');
  await hands.arrive('carts', 'contract');
  await requests(stage, 'contract');
  await operator(stage, 'set', 'settle', '--collection', 'orders');
  await hands.arrive('orders', 'settle');
  await operator(stage, 'retire', 'carts', '--why', 'to record it', '--confirm');
  await stoppedRun(stage);
  for (const command of [['status'], ['plan'], ['audit'], ['verified', 'orders']])
    await operator(stage, ...command);
  await operator(stage, 'explain', 'orders', 'expand-patched');
}

async function operator({ hands, printed }: Stage, ...given: string[]): Promise<void> {
  const { code, output } = await hands.command(...given);
  printed(given.join(' '), code, output);
}

/** One of each kind of request. */
async function requests({ hands, documents }: Stage, phase: Phase): Promise<void> {
  const at = (kind: (typeof KINDS)[number]) => Hands.at('orders', `${phase}-${kind}`);
  const body = '{"customer":{"id":"c-1"},"total":1.10}';
  for (const kind of ['plain', 'patched', 'deleted', 'ä+%/'] as const) await hands.ask('PUT', at(kind), body);
  await hands.ask('PATCH', at('patched'), '{"total":2}');
  await hands.ask('DELETE', at('deleted'));
  await hands.ask('PUT', at('named'), body, { 'idempotency-key': 'first-1' });
  await hands.ask('PUT', at('named'), body, { 'idempotency-key': 'first-1', 'if-none-match': '*' });
  await hands.ask('PUT', at('expiring'), body, { ttl: '86400' });
  await hands.ask('PUT', at('text'), '["no object"]');
  const { etag } = await hands.ask('GET', at('plain'));
  await hands.ask('GET', at('plain'), undefined, { 'if-none-match': etag });
  await hands.ask('HEAD', at('expiring'));
  await hands.ask('GET', at('deleted'));
  await hands.ask('PUT', at('plain'), body, { 'if-match': '"1"' });
  const writes = [
    { key: 'batch-1', put: { total: 1 } },
    { key: 'batch-2', patch: { total: 1 } },
  ];
  await hands.ask('POST', 'orders/batch', JSON.stringify({ writes }));
  await hands.ask('PUT', Hands.at('carts', `cart-${phase}`), '{}');
  await documents(phase);
}

async function many({ hands }: Stage): Promise<void> {
  for (let n = 0; n < 30; n++) await hands.ask('PUT', Hands.at('orders', `many-${n}`), `{"total":${n}}`);
}

/** Answers that refuse, and a document that Oracle can never hold. */
async function mistakes({ hands }: Stage): Promise<void> {
  await hands.ask('GET', Hands.at('nowhere', 'a'));
  await hands.ask('PUT', Hands.at('orders', 'a'), '{');
  await hands.ask('PUT', Hands.at('orders', 'a'), '1', { 'if-match': 'x' });
  await hands.ask('PUT', Hands.at('orders', 'a'), '1', { ttl: 'x' });
  await hands.ask('POST', 'orders/batch', '[]');
  await hands.ask('PUT', Hands.at('orders', 'unfit'), '{"total":"much"}');
}

/** A receipt that finds Couchbase away, and is settled later. */
async function waiting({ hands, world, counted }: Stage): Promise<void> {
  const { couchbase } = world.stores;
  await hands.ask('PUT', Hands.at('orders', 'waits'), '{}');
  await couchbase.fault({ operation: 'lookupIn', times: null, action: { kind: 'status', status: 0x86 } });
  await hands.until(() => counted('ReceiptsDelayed'), 'a receipt that waits');
  await couchbase.calm();
  await hands.until(() => counted('ReceiptsBuried'), 'a dead letter');
}

async function backfill(stage: Stage): Promise<void> {
  const { hands } = stage;
  await operator(stage, 'preflight', 'orders');
  await operator(stage, 'backfill', 'forecast', 'orders');
  await hands.until(
    async () => (await hands.command('backfill', 'start', 'orders')).code !== 2,
    'a backfill',
  );
  await operator(stage, 'backfill', 'start', 'carts');
  await operator(stage, 'backfill', 'status', 'orders');
}

async function letters(stage: Stage): Promise<void> {
  const { hands } = stage;
  await operator(stage, 'dead-letters', 'list');
  await operator(stage, 'dead-letters', 'explain');
  await operator(stage, 'dead-letters', 'redrive', '--why', 'to record it');
  const open = async () => (await hands.command('dead-letters', 'explain')).output.includes('unfit');
  await hands.until(open, 'the letter again');
  await hands.ask('PUT', Hands.at('orders', 'unfit'), '{"total":1}');
  await operator(stage, 'dead-letters', 'discard', '--why', 'to record it');
}

/** One that finds a difference, and has it repaired. */
async function verification(stage: Stage): Promise<void> {
  const { world } = stage;
  await foreignWrite(world.stores.logins, 'foreign', '{"total":7}');
  await operator(stage, 'verify', 'start', 'orders', '--repair');
}

/** A copy-back that was stopped half-way: its checkpoint lies in its rows. */
async function stoppedRun(stage: Stage): Promise<void> {
  const { hands, world } = stage;
  const pace = { Name: '/crossfade/backfill-pace', Value: '1', Overwrite: true };
  world.parameters.call('PutParameter', pace, 'test');
  // Refused until the bake is over.
  const forecast = () => hands.command('copy-back', 'forecast', 'orders');
  await hands.until(async () => (await forecast()).code === 0, 'a copy-back that can begin');
  const running = hands.command('copy-back', 'start', 'orders', '--back', 'all', '--shards', '2');
  let ended = false;
  const end = running.then(({ code, output }) => {
    ended = true;
    stage.printed('copy-back start orders', code, output);
  });
  const status = () => hands.command('copy-back', 'status', 'orders');
  const begun = async () => ended || /"listed": ?[1-9]/.test((await status()).output);
  await hands.until(begun, 'a run that is under way');
  await operator(stage, 'copy-back', 'stop', 'orders');
  await end;
}
