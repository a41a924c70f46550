/** Another story, `--ramp`: Oracle gets slow when a tenth of the keys depends on it, the guard takes them back, and once Oracle is mended all keys go. */
import type { Overview } from '../../functions/operations/overview.ts';
import { changesTo } from '../console/flags.ts';
import { setFlags } from '../console/moves.ts';
import { guardLines } from '../console/told/guard.ts';
import { rampLine } from '../console/told/ramp.ts';
import type { Fault } from './book.ts';
import { handOver } from './hand_over.ts';
import type { Screen } from './screen.ts';
import { DEMO, GUARDED } from './settings.ts';
import type { Stage } from './stage.ts';
import { backfill, goBack, ordered } from './walk.ts';

/** Milliseconds: of a call to Oracle while it is slow, which is no call that fails; and of a minute, of which the guard is told as a whole. */
const [SLOW, MINUTE] = [1500, 60_000];
/** The collection that goes; the others stay in `expand`. */
const GOING = GUARDED;

/** @param documents of all collections. @returns what was found wrong at the end. Throws `Stuck`. */
export async function rampUp(stage: Stage, screen: Screen, documents: number): Promise<Fault[]> {
  stage.crowd.start();
  await stage.want('expand');
  await stage.arrive('expand');
  await handOver(stage, screen);
  await want(stage, screen, 'settle');
  await stage.until(
    (all) =>
      cities(all).every(({ decision }) => 'conditions' in decision && decision.conditions[0]?.holds === true),
    'its bake is not over',
  );
  for (const name of Object.keys(DEMO.collections)) await backfill(stage, screen, name, documents);
  await share(stage, screen, 10);
  screen.tell(
    `Fault: each call to Oracle about ${GOING} takes ${SLOW} ms. Nine keys of ten do not need it; requests of the others are slow, or fail`,
  );
  const delay = { kind: 'delay', milliseconds: SLOW } as const;
  const table = DEMO.collections[GOING].oracle.table;
  await ordered(
    stage,
    stage.local.oracle.fault({ operation: 'execute', statement: table, times: null, action: delay }),
  );
  await turned(stage, screen);
  await ordered(stage, stage.local.oracle.calm());
  screen.tell('Oracle is as fast as ever. What was copied and proven still counts');
  await stage.pass(MINUTE - (Date.now() % MINUTE));
  await want(stage, screen, 'settle');
  await share(stage, screen, 10);
  await stage.until(
    (all) => cities(all).every(({ effective }) => effective.phase === 'seal'),
    'not all keys come to seal',
  );
  screen.tell(
    'All keys are in seal. The same would follow on the way to switch; here the operator takes them back',
  );
  await want(stage, screen, 'inherit');
  return goBack(stage, screen);
}

/** Both stores are written, and the guard has set nothing back but what it was to. */
async function turned(stage: Stage, screen: Screen): Promise<void> {
  await stage.until(
    (all) => cities(all).every(({ moves }) => moves?.watched?.turnedBack === true),
    'the guard sets nothing back',
  );
  for (const seen of cities(await stage.look()))
    for (const line of guardLines(seen)) screen.tell(line.trim());
  await share(stage, screen, 0);
}

async function share(stage: Stage, screen: Screen, percent: number): Promise<void> {
  await stage.until(
    (all) => cities(all).every(({ effective }) => effective.ramp?.percent === percent),
    `no share of ${percent} % of the keys is ahead`,
  );
  if (percent === 0)
    return screen.tell(`${GOING}: all keys are in expand again: no store was asked for that`);
  for (const { effective } of cities(await stage.look()))
    for (const line of rampLine(effective)) screen.tell(`${GOING}: ${line.trim()}`);
}

/** Sets its own flags, as an operator does. */
async function want(stage: Stage, screen: Screen, what: 'settle' | 'inherit'): Promise<void> {
  screen.tell(`Operator: npx crossfade set ${what} --collection ${GOING}`);
  await stage.patience.again(`the flags cannot be set to ${what}`, () =>
    setFlags(stage.service, GOING, changesTo(what, undefined) ?? [], 'the demo'),
  );
}

function cities(all: readonly Overview[]): Overview[] {
  return all.filter(({ collection }) => collection === GOING);
}
