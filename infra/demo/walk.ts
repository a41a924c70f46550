/** The story: expand, migrate, switch, contract, and the whole way back, under live traffic, with what goes wrong in between. */
import { setTimeout } from 'node:timers/promises';
import pMap from 'p-map';
import type { Summary } from '../../functions/runs/summary.ts';
import { copyLines } from '../console/told/runs.ts';
import type { Place } from './app.ts';
import type { Fault } from './book.ts';
import { certify } from './certify.ts';
import { handOver } from './hand_over.ts';
import { lateWrites } from './late_writes.ts';
import { COLLECTION } from './past.ts';
import { Stuck } from './patience.ts';
import type { Screen } from './screen.ts';
import { DEMO } from './settings.ts';
import type { Stage } from './stage.ts';
import { askTables } from './tables.ts';

export interface Script {
  readonly documents: number;
  /** Whether things go wrong on the way. */
  readonly faults: boolean;
  /** Documents of a travel agency: see `tables.ts`. */
  readonly travel: ReadonlyMap<Place, string>;
  /** Whether a phase is skipped, as no controller would: the verdict must say so. */
  readonly bug: boolean;
}

/** Milliseconds. */
const [WHILE, OUTAGE, SLOW, LATE, LAG] = [3000, 3000, 3000, 300, 2000];
/** Milliseconds that one document of a backfill may take. */
const SLOWEST = 10;

/** @returns what was found wrong at the end. Throws `Stuck`. */
export async function walk(stage: Stage, screen: Screen, script: Script): Promise<Fault[]> {
  screen.tell(
    `An old service reads, writes and deletes ${COLLECTION} straight in Couchbase, as it always did. A feed tells of it: npx crossfade eventing ${COLLECTION}`,
  );
  stage.crowd.start();
  await Promise.all([stage.pass(WHILE), certify(stage, screen)]);
  await expand(stage, screen, script.faults);
  if (script.bug) return skipped(stage, screen);
  await migrate(stage, screen, script);
  await switchOver(stage, screen, script.faults);
  await lateWrites(stage, screen);
  await stage.want('contract');
  await stage.arrive('contract');
  await askTables(stage, screen, script.travel);
  screen.tell('Couchbase could be switched off now. But the operator has second thoughts.');
  await stage.pass(WHILE);
  return goBack(stage, screen);
}

async function expand(stage: Stage, screen: Screen, faults: boolean): Promise<void> {
  await stage.want('expand');
  await stage.arrive('expand');
  if (!faults) return;
  screen.tell(
    `Fault: Oracle is away for ${OUTAGE / 1000} s. Couchbase decides here, so no client notices; receipts keep what it misses`,
  );
  const away = { kind: 'error', number: 3113, text: 'end-of-file on communication channel' } as const;
  const gone = { operation: 'execute', statement: null, times: null, action: away } as const;
  await ordered(stage, stage.local.oracle.fault(gone));
  await stage.pass(OUTAGE);
  await ordered(stage, stage.local.oracle.calm());
  screen.tell('Oracle is back');
}

async function migrate(stage: Stage, screen: Screen, { documents, faults }: Script): Promise<void> {
  if (faults) await failOver(stage, screen);
  // Slow enough to be seen.
  await pace(stage, Math.ceil(documents / 8));
  await stage.until(
    (all) => all.every(({ decision }) => 'conditions' in decision || decision.kind === 'arrived'),
    'the phase does not settle',
  );
  await stage.want('settle');
  await stage.until(
    (all) => all.every(({ decision }) => 'conditions' in decision && decision.conditions[0]?.holds === true),
    'its bake is not over',
  );
  const collections = Object.keys(stage.settings.configuration.collections);
  screen.tell(`Operator: ${collections.map((name) => `npx crossfade backfill start ${name}`).join('; ')}`);
  const copies = pMap(collections, (name) => backfill(stage, screen, name, documents));
  if (faults) {
    await stage.pass(2500);
    screen.tell('Fault: the workers of the backfill are killed. Others take their shards over');
    stage.local.deployment.entry('backfill').kill();
  }
  // The gate before `seal` waits until nobody has written past the API for a while.
  await Promise.all([watching(stage, copies), handOver(stage, screen)]);
  await pace(stage, 100_000);
}

/** Couchbase decides here, so whatever the replica has not got would be lost: writes are acknowledged by a majority of the nodes. */
async function failOver(stage: Stage, screen: Screen): Promise<void> {
  const { couchbase } = stage.local;
  screen.tell(
    `Fault: the replica of Couchbase falls ${LAG / 1000} s behind, then the active node fails, and the replica takes over. A write is acknowledged when a majority of the nodes has it, so no client loses one`,
  );
  await ordered(stage, couchbase.lagReplication());
  await stage.pass(LAG);
  await ordered(stage, couchbase.failOver());
  // Without a replica no durable write is possible.
  await ordered(stage, couchbase.nodesBack());
  await stage.pass(WHILE);
  screen.tell('Couchbase has failed over, and the failed node is back as a replica');
}

/** An embedded server does what it is told. */
export function ordered(stage: Stage, done: Promise<void>): Promise<void> {
  return stage.patience.within('an embedded server does not answer', done);
}

/** Documents a second. */
function pace(stage: Stage, rate: number): Promise<void> {
  const name = `${DEMO.deployment.parameters}/backfill-pace`;
  return stage.patience.again('the pace cannot be set', () => stage.service.set(name, String(rate)));
}

/** One that fails is begun again, and goes on where it is. @param documents of all collections. */
export async function backfill(
  stage: Stage,
  screen: Screen,
  collection: string,
  documents: number,
): Promise<void> {
  const begin = async (): Promise<Summary> =>
    (await stage.service.machine('copy')).watch({ collection }, {}, null);
  const limit = 2 * stage.patience.limit + documents * SLOWEST;
  const summary = await stage.patience.again(
    `the backfill of ${collection} does not come to its end`,
    begin,
    limit,
  );
  for (const line of copyLines(summary)) screen.tell(line);
  if (summary.outcome !== 'clean')
    throw new Stuck(`The backfill of ${collection} ended with ${summary.outcome}`);
}

async function switchOver(stage: Stage, screen: Screen, faults: boolean): Promise<void> {
  await stage.arrive('settle');
  if (!faults) return;
  screen.tell(`Fault: Couchbase answers writes ${LATE} ms late for ${SLOW / 1000} s`);
  const delay = { kind: 'delay', milliseconds: LATE } as const;
  await ordered(stage, stage.local.couchbase.fault({ operation: 'mutateIn', times: null, action: delay }));
  await stage.pass(SLOW);
  await ordered(stage, stage.local.couchbase.calm());
  await ordered(stage, stage.past.again());
  screen.tell('Couchbase is as fast as ever');
}

/** Back to where both stores are written and Couchbase decides; there everything is compared, and then the rest of the way. */
export async function goBack(stage: Stage, screen: Screen): Promise<Fault[]> {
  await stage.want('expand');
  await stage.arrive('expand');
  const found = await compare(stage, screen);
  stage.crowd.start();
  await stage.want('legacy');
  await stage.arrive('legacy');
  await ordered(stage, stage.past.readOnly([]));
  await stage.pass(WHILE);
  await stage.rest();
  screen.tell(
    'It is where it began, and the old users may write again. Looking once more at all that clients were told',
  );
  return [...found, ...(await stage.crowd.check('couchbase'))];
}

/** The clients rest, the last receipts are settled, and every document is looked at in both stores. */
async function compare(stage: Stage, screen: Screen): Promise<Fault[]> {
  await stage.rest();
  screen.tell('The clients rest for a moment, to compare what they were told with what both stores hold');
  await stage.settled();
  return stage.crowd.check('both');
}

async function skipped(stage: Stage, screen: Screen): Promise<Fault[]> {
  screen.tell(
    'Bug: somebody writes contract into the phase parameters, and nothing of what must come before has come',
  );
  stage.publish('contract');
  await stage.pass(2 * WHILE);
  await stage.rest();
  return stage.crowd.check('both');
}

/** Draws until it is done. */
async function watching(stage: Stage, done: Promise<unknown>): Promise<void> {
  let isDone = false;
  const ended = done.finally(() => {
    isDone = true;
  });
  ended.catch(() => {});
  while (!isDone) {
    await stage.look().catch(() => {});
    await setTimeout(LATE);
  }
  await ended;
}
