/** Two versions on the same stores, in every phase. */
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Deployment } from '../../infra/local/deploy.ts';
import { Clients } from './clients.ts';
import { SETTINGS } from './configuration.ts';
import { Hands } from './hands.ts';
import { rawDocuments, rawTables } from './snapshot.ts';
import { Taps } from './taps.ts';
import type { World } from './world.ts';

export interface Both<T> {
  readonly before: T;
  readonly now: T;
}

type Controllers = readonly (keyof Both<unknown>)[];
/** Where to go, and whose controllers look, in turns. The version before moves while this one serves, and the other way round. */
const WAY: readonly { readonly wish: Phase; readonly by: Controllers }[] = [
  { wish: 'expand', by: ['before'] },
  { wish: 'settle', by: ['before', 'now'] },
  { wish: 'expand', by: ['now'] },
];
const KEYS = 24;

/** @param log is given what functions print. @returns what is wrong; nothing where both live beside each other. */
export async function sideBySide(
  world: World,
  outdirs: Both<string>,
  checkouts: Both<string>,
  tell: (line: string) => void,
  log: (version: string, source: string, line: string) => void,
): Promise<string[]> {
  const taps = { before: new Taps(), now: new Taps() };
  const heard = (version: keyof typeof taps) => (source: string, line: string) => {
    taps[version].log(source, line);
    log(version, source, line);
  };
  const deployments = {
    before: await world.deploy(outdirs.before, heard('before')),
    // Over the other one, as a deployment is: its tables are upgraded, its parameters stay.
    now: await world.deploy(outdirs.now, heard('now')),
  };
  const hands = {
    before: await Hands.of(deployments.before, world.parameters, checkouts.before),
    now: await Hands.of(deployments.now, world.parameters, checkouts.now),
  };
  const clients = new Clients(hands, KEYS);
  clients.start();
  try {
    for (const { wish, by } of WAY) {
      tell(`To ${wish}, moved by ${by.join(' and ')}`);
      await walk(wish, by, deployments, hands);
      for (const { key, what } of clients.wrong) tell(`wrong so far: ${key}: ${what}`);
    }
  } finally {
    await clients.stop();
  }
  tell(JSON.stringify(clients.answers, null, 2));
  await settled(world, deployments.now, hands.now);
  const wrong = [
    ...clients.wrong.map(({ key, what }) => `${key}: ${what}`),
    ...(await different(world, clients)),
    ...(await unhappy(hands)),
    ...failures(taps.before, 'before'),
    ...failures(taps.now, 'now'),
  ];
  return [...new Set(wrong)];
}

/** The operator of the version that does not move sets the flags, and starts the backfill. */
async function walk(
  wish: Phase,
  by: Controllers,
  deployments: Both<Deployment>,
  hands: Both<Hands>,
): Promise<void> {
  const operator = by.includes('now') ? hands.before : hands.now;
  let said = '';
  const set = async () => {
    const { code, output } = await operator.command('set', wish);
    said = output;
    return code === 0;
  };
  // A store may be slow just now: then a command fails, and an operator gives it again.
  await hands.now.until(set, `set ${wish}`, async () => said);
  let turn = 0;
  const look = () => deployments[by[turn++ % by.length] ?? 'now'].entry('control').invoke({});
  if (wish === 'settle') {
    const copied = async () => {
      const all = ['orders', 'carts'].map((name) => hands.before.command('backfill', 'start', name));
      return (await Promise.all(all)).every(({ code }) => code === 0);
    };
    await hands.now.until(copied, 'a backfill', look);
  }
  const arrived = () => ['orders', 'carts'].every((name) => hands.now.phase(name) === wish);
  await hands.now.until(arrived, `all collections in ${wish}`, look);
}

/** Until no receipt is left. */
async function settled({ queues }: World, now: Deployment, hands: Hands): Promise<void> {
  const receipts = queues.names.find((name) => name.startsWith('ReceiptsQueue')) ?? '';
  const none = () => {
    const { ready, delayed, inflight } = queues.counts(receipts);
    return ready + delayed + inflight === 0;
  };
  await hands.until(none, 'no receipt', () => now.entry('control').invoke({}));
}

/** Keys that one of the stores holds otherwise than clients were told. */
async function different({ stores: { logins } }: World, { keys }: Clients): Promise<string[]> {
  const place = SETTINGS.collections.orders.couchbase;
  const names = keys.map(({ name }) => name);
  const couchbase = new Map((await rawDocuments(logins, place, names)).map(({ key, body }) => [key, body]));
  const { ORDERS } = await rawTables(logins, { ORDERS: ['DOC_KEY', 'KIND', 'BODY'] });
  const oracle = new Map(
    ORDERS?.rows.flatMap(([key = '', kind, body]) =>
      kind === 'gone' ? [] : [[key, Buffer.from(body ?? '', 'base64').toString('utf8')] as const],
    ),
  );
  return keys.flatMap(({ name, possible }) => {
    const held = [couchbase.get(name) ?? null, oracle.get(name) ?? null];
    if (held[0] === held[1] && possible.includes(held[0] ?? null)) return [];
    return [
      `${name}: Couchbase and Oracle hold ${JSON.stringify(held)}, acknowledged was ${JSON.stringify(possible)}`,
    ];
  });
}

/** What either console finds wrong at the end. */
async function unhappy(hands: Both<Hands>): Promise<string[]> {
  const asked = [['audit'], ['dead-letters', 'list'], ['verify', 'start', 'orders']];
  const wrong: string[] = [];
  for (const version of ['before', 'now'] as const)
    for (const command of asked) {
      let told = { code: 0, output: '' };
      // A run waits for the bake of the last move.
      const begun = async () => {
        told = await hands[version].command(...command);
        if (!told.output.includes('is not finished')) return !told.output.includes('Try again in');
        // A move has stopped a verification of the phase before, and this version's command wants it abandoned, as it says.
        await hands[version].command('verify', 'abandon', 'orders');
        return false;
      };
      await hands[version].until(begun, command.join(' '));
      const { code, output } = told;
      if (code !== 0)
        wrong.push(`npx crossfade ${command.join(' ')} of ${version} exits with ${code}: ${output}`);
    }
  return wrong;
}

/** What a function has logged as an error, or counted as set aside. */
function failures({ lines }: Taps, version: string): string[] {
  return lines.flatMap(({ source, line }) =>
    line.level === 'ERROR' || 'ReceiptsBuried' in line || 'DocumentsSetAside' in line
      ? [`${version}, ${source}: ${JSON.stringify({ ...line, timestamp: undefined })}`]
      : [],
  );
}
