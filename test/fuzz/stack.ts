/** `npm run fuzz -- --stack`: marked documents through a stack on this machine, in every phase, with every refusal that quotes them, until the time is over. */

import { PHASES } from '../../functions/protocol/phase.ts';
import { startLocal } from '../../infra/local/start.ts';
import { crossfadeText } from '../local/stack/operator.ts';
import { app, enter, SETTINGS } from '../local/stack/running.ts';
import { marksIn } from './marks.ts';
import { otherWays } from './other_ways.ts';
import { batches, failures, NUMBERS, questions, requests, runs, type Stage } from './outside.ts';
import { Watched } from './watched.ts';

const secrets = { ...SETTINGS.deployment.secrets, keys: 'crossfade/keys' };
const settings = { ...SETTINGS, deployment: { ...SETTINGS.deployment, secrets } };

/** What commands print that tells of no document by its key, or of all. */
const COMMANDS = [
  ['status'],
  ['plan'],
  ['preflight', 'orders'],
  ['verified', 'orders'],
  ['dead-letters', 'list'],
  ['audit'],
];

async function round(stage: Stage, n: number): Promise<void> {
  const { local, watched } = stage;
  for (const phase of PHASES) {
    enter(local.parameters, phase);
    await requests(stage, phase);
    await batches(stage);
    await failures(stage, phase, NUMBERS);
  }
  enter(local.parameters, 'expand');
  // Another refusal each time: a copy tries each again, which takes a while.
  await runs(stage, [NUMBERS[n % NUMBERS.length] ?? 1], true);
  await questions(stage);
  await otherWays(stage, NUMBERS[n % NUMBERS.length] ?? 1);
  for (const command of COMMANDS) {
    const { output, error } = await crossfadeText(local, ...command);
    watched.see(`answer ${command[0]}`, `${output}${error}`);
  }
}

/** @returns what was seen where it should not be. */
export async function onStack(minutes: number): Promise<readonly string[]> {
  const watched = new Watched();
  const given = { settings, data: null, port: 0, containers: 2, rules: false, log: watched.log };
  const local = await startLocal(given);
  try {
    watched.listen(local);
    await local.oracle.release('23ai');
    const stage = { local, watched, ask: await app(local.deployment.gateway) };
    const until = performance.now() + minutes * 60_000;
    for (let n = 0; n === 0 || performance.now() < until; n++) {
      await round(stage, n);
      const found = marksIn(await watched.all(local, settings));
      if (found.length > 0) return found;
      console.log(`Round ${n + 1}: nothing of a document is seen outside`);
    }
    return [];
  } finally {
    await local.stop();
  }
}
