/** `rehearse`: takes one collection, a canary, the whole way there and back, as operators would, and tells how long each part took. */
import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Condition } from '../../functions/control/condition.ts';
import type { Overview } from '../../functions/operations/overview.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { changesTo } from './flags.ts';
import { seenOf } from './look.ts';
import { setFlags } from './moves.ts';
import { preflightAll } from './preflight.ts';
import { watched } from './runs.ts';
import { BadCommand } from './service.ts';
import type { Open, Terminal } from './terminal.ts';
import { readyLines } from './told/hold.ts';

/** Where it goes, in turn. */
const WAY: readonly Phase[] = ['expand', 'settle', 'contract', 'settle', 'expand', 'legacy'];
/** Milliseconds between two looks. */
const AGAIN = 2000;

export interface Passed {
  readonly phase: Phase;
  /** Seconds since the rehearsal began. */
  readonly after: number;
}

export function addRehearsal(program: Command, open: Open): void {
  program
    .command('rehearse')
    .description('take one collection, a canary, the whole way to contract and back, before the others go')
    .argument('<collection>')
    .option('--confirm', 'do it: its documents will be in Oracle alone for a while')
    .action(async (collection: string, { confirm = false }: { confirm?: boolean }) => {
      const terminal = open();
      const { effective } = await collectionSeen(terminal, collection);
      if (effective.phase !== 'legacy')
        throw new BadCommand(`${collection} is in ${effective.phase}: a rehearsal begins in legacy`);
      if (!confirm)
        throw new BadCommand(
          `${collection} would go to contract and back, with its own flags, which takes at least ${WAY.length + 4} bakes. Say --confirm`,
        );
      const passed = await rehearsed(terminal, collection);
      const lines = passed.map(({ phase, after }) => `${String(after).padStart(6)} s  ${phase}`);
      terminal.show(passed, [
        `${collection} went there and back:`,
        ...lines,
        `Its flags are its own, and ask for legacy. npx crossfade set inherit --collection ${collection} makes them those of all.`,
      ]);
    });
}

async function rehearsed(terminal: Terminal, collection: string): Promise<Passed[]> {
  const began = performance.now();
  const passed: Passed[] = [];
  for (const wanted of WAY) {
    const changes = changesTo(wanted, undefined) ?? [];
    const { unaudited } = await setFlags(terminal.service, collection, changes, 'a rehearsal');
    if (unaudited !== null) terminal.say(unaudited);
    await arrive(terminal, collection, wanted, (phase) => {
      const after = Math.round((performance.now() - began) / 1000);
      passed.push({ phase, after });
      terminal.say(`${after} s: ${phase}`);
    });
  }
  return passed;
}

/** Waits until it is there, and begins the one run that the controller leaves to operators. @param reached is told of each phase. */
async function arrive(
  terminal: Terminal,
  collection: string,
  wanted: Phase,
  reached: (phase: Phase) => void,
): Promise<void> {
  let { phase } = (await collectionSeen(terminal, collection)).effective;
  let [backfilled, told] = [false, ''];
  while (phase !== wanted) {
    const seen = await collectionSeen(terminal, collection);
    if (seen.effective.phase !== phase) {
      phase = seen.effective.phase;
      reached(phase);
      continue;
    }
    const [ready = ''] = readyLines(seen);
    // Whoever holds the collection has to commit its moves here, too.
    if (ready !== told && ready !== '') terminal.say(`${ready.trim()}: npx crossfade commit ${collection}`);
    told = ready;
    if (!backfilled && needsBackfill(seen)) {
      backfilled = true;
      await backfill(terminal, collection);
    }
    await setTimeout(AGAIN);
  }
}

function needsBackfill({ decision, runs }: Overview): boolean {
  if (!('conditions' in decision)) return false;
  const missing = decision.conditions.filter(({ holds }) => !holds);
  // Before the bake is over it would be refused.
  return runs.length === 0 && missing[0] !== undefined && isBackfill(missing[0]);
}

/** Functions of the version before tell no kind. */
function isBackfill({ kind, name }: Condition): boolean {
  return kind === undefined ? name.startsWith('backfill of ') : kind === 'backfill';
}

async function backfill(terminal: Terminal, collection: string): Promise<void> {
  const { refused } = await preflightAll(terminal, collection);
  if (refused > 0)
    throw new BadCommand(
      `${refused} documents could not be held by Oracle: npx crossfade preflight ${collection}. It stays in expand`,
    );
  const { outcome } = await watched(terminal, 'copy', { collection }, {});
  if (outcome !== 'clean')
    throw new BadCommand(
      `The backfill ended with ${outcome}: npx crossfade dead-letters list. It stays in expand`,
    );
}

async function collectionSeen(terminal: Terminal, collection: string): Promise<Overview> {
  const [seen] = await seenOf(terminal, collection);
  return seen as Overview;
}
