/** What an operator does once a store has forgotten something, as the operators' manual says it. */
import { setTimeout } from 'node:timers/promises';
import type { Decided } from '../../functions/operations/decide_set_aside.ts';
import type { Overview } from '../../functions/operations/overview.ts';
import { type Phase, ROUTES } from '../../functions/protocol/phase.ts';
import type { Stage } from '../../infra/demo/stage.ts';
import type { Fallbacks } from './fallback.ts';

/** Milliseconds: before another store is accepted, so that something waits for it, and after a run that was refused or not clean. */
const [HESITATION, PAUSE] = [4000, 200];
const CONFLICTS = ['couchbase forgot', 'oracle forgot', 'unexplained'] as const;

export interface Task {
  readonly name: string;
  readonly act: () => Promise<void>;
}

/** The next task for a collection, or none. @param hesitation milliseconds before another store is accepted. */
export function repairOf(
  { collection, effective: { phase }, evidence }: Overview,
  stage: Stage,
  fallbacks: Fallbacks,
  tell: (line: string) => void,
  hesitation = HESITATION,
): Task | null {
  if ('missing' in evidence) return null;
  const problem = evidence.identities?.find((sight) => sight.problem !== null)?.problem ?? null;
  if (problem !== null) {
    const act = async () => {
      tell(problem);
      await setTimeout(hesitation);
      await accept(collection, phase, stage, tell);
    };
    return { name: `identity of ${collection}`, act };
  }
  if (fallbacks.due.has(collection) && phase !== 'legacy' && phase !== 'contract')
    return { name: `repair of ${collection}`, act: () => repair(collection, stage, fallbacks, tell) };
  if ((evidence.collection.conflicts ?? 0) > 0)
    return { name: `conflicts of ${collection}`, act: () => decide(collection, stage, tell) };
  return null;
}

async function accept(
  collection: string,
  phase: Phase,
  { service }: Stage,
  tell: (line: string) => void,
): Promise<void> {
  // The store that decides there. Where a move was made meanwhile it is refused, and asked for again.
  const truth = ROUTES[phase].flags.reads;
  const why = 'soak: it has come back in an earlier state';
  await service.ask('accept-identity', { collection, why, truth });
  tell(`Operator: npx crossfade identity accept ${collection}`);
}

async function repair(
  collection: string,
  { service }: Stage,
  { due }: Fallbacks,
  tell: (line: string) => void,
): Promise<void> {
  const run = (await service.machine('verify')).watch(
    { collection },
    { mode: 'content', repair: true },
    null,
  );
  const summary = await run.catch(async (error: unknown) => {
    // The controller begins runs without repairs whenever a gate wants one: between two of them it is our turn.
    await setTimeout(PAUSE);
    throw error;
  });
  const differences = JSON.stringify(summary.verified?.differences ?? {});
  tell(`Operator: npx crossfade verify start ${collection} --repair: ${summary.outcome}, ${differences}`);
  if (summary.outcome === 'clean') due.delete(collection);
  else await setTimeout(PAUSE);
}

async function decide(collection: string, { service }: Stage, tell: (line: string) => void): Promise<void> {
  const { outcomes } = await service.ask<Decided>('set-aside-decide', {
    ...{ collection, reasons: CONFLICTS, how: 'keep', confirm: true, why: 'the soak counts it' },
  });
  tell(`Operator: npx crossfade set-aside keep ${collection}: ${outcomes.length} entries`);
}
