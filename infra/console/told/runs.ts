/** Runs, as people read them. */

import type { Passed } from '../../../functions/records/run.ts';
import { BUSY } from '../../../functions/runs/lanes.ts';
import { isOfStay, type Stay } from '../../../functions/runs/phase_changed.ts';
import type { Forecast } from '../../../functions/runs/plan.ts';
import type { Progress, Summary } from '../../../functions/runs/summary.ts';
import { KINDS } from '../../../functions/verification/compare.ts';
import { changeOf } from '../../../functions/verification/rows_changed.ts';
import { markersLines } from './markers.ts';
import { projectedLines } from './projected.ts';
import { instant } from './time.ts';

const WIDTH = 24;

export function barOf({ shards, listed, failed, rate, run, kind }: Progress): string {
  const all = shards.done + shards.open;
  const filled = '█'.repeat(Math.round((shards.done / Math.max(1, all)) * WIDTH)).padEnd(WIDTH, '░');
  const found = kind === 'verify' ? 'to be looked at again' : 'set aside';
  return `${kind} ${run.slice(0, 8)} ${filled} ${shards.done}/${all} shards, ${listed} documents, ${rate}/s, ${failed} ${found}`;
}

/** What each kind of run is called as a command. */
const COMMANDS = { backfill: 'backfill', copyback: 'copy-back', verify: 'verify' } as const;

/** Milliseconds without progress after which a run may have lost its workers, or its execution. */
const STILL = 120_000;

/** Which command frees the place of a run that can come to no end by itself; nothing where it is under way. */
export function freeingLines(run: Progress, collection: string, stay: Stay, now: number): string[] {
  const { kind, phase, started, changed, shards } = run;
  // Functions of the version before do not tell.
  if (phase === undefined) return [];
  const command = (verb: string) => `npx crossfade ${COMMANDS[kind]} ${verb} ${collection}`;
  if (!isOfStay({ phase, started }, stay))
    return [
      `it was begun in ${phase} at ${instant(started)}, in a stay that is over: the next one ends it, or ${command('abandon')}`,
    ];
  // Where all shards are done, suspects are looked at again, up to so many times as long.
  const still = shards.open > 0 ? STILL : BUSY;
  if (now - changed < still) return [];
  return [
    `it has not moved for ${Math.floor((now - changed) / 60_000)} min. Is the pace 0, or does bulk work pause (below)? ${command('resume')} goes on with it, ${command('abandon')} ends it`,
  ];
}

export function forecastLines(forecast: Forecast): string[] {
  const { documents, complete, bytes, shards, seconds, requests } = forecast;
  const { stateTransitions, messages, invocations } = requests;
  return [
    `${complete ? '' : 'about '}${documents} documents, about ${bytes} bytes, in ${shards} shards`,
    seconds === null ? 'The pace is 0: it would wait.' : `about ${seconds} s at the pace that is set`,
    `about ${stateTransitions} state transitions, ${messages} requests to queues, ${invocations} invocations`,
  ];
}

export function copyLines({
  run,
  kind,
  applied,
  stale,
  gone,
  failed,
  bytes,
  outcome,
  passed,
}: Summary): string[] {
  const told = `${kind} ${run}: ${applied} documents copied (${bytes} bytes), ${stale} were there as new, ${gone} had gone, ${failed} set aside.`;
  const all = [told, ...passedLines(passed)];
  return outcome === 'clean' ? all : [...all, 'What was set aside: npx crossfade dead-letters list'];
}

/** Keys that a run has passed over. Functions of the version before tell none. */
export function passedLines(passed: Passed | undefined): string[] {
  if (passed === undefined || passed.ignored + passed.elsewhere === 0) return [];
  const { ignored, elsewhere } = passed;
  return [
    `Passed over: ${ignored} keys that are ignored, ${elsewhere} that the collection does not take (keys in the configuration).`,
  ];
}

const SEEN = {
  content: 'versions and contents',
  version: 'versions, and no contents',
  count: 'that documents are there, and nothing of them: a smoke test',
} as const;

const AGREE = {
  content: 'Both stores hold the same.',
  version: 'Both stores hold the same versions.',
  count: 'Each document is in both stores. Nothing else is known.',
} as const;

const DECIDE = '  What SQL has changed waits for a decision: npx crossfade sql-changes list NAME';

/** Where one store alone is written: what was looked at, and what a clean run says. */
const IN_ONE = {
  legacy: {
    looked:
      'looked at documents of Couchbase alone. In legacy there is nothing to compare: Oracle is not written',
    agree: 'No mark of a deletion is left.',
  },
  contract: {
    looked: 'compared rows with what Couchbase was last told',
    agree:
      'No row was found that was changed by SQL. Those that Oracle has written since it is written alone are not compared: the way back copies them as they are.',
  },
} as const;

export function verifyLines({ run, listed, outcome, verified, passed }: Summary): string[] {
  if (verified === undefined) return [];
  const { mode, phase, differences, busy, unchecked, leftOut = 0, byLists = 0, samples, markers } = verified;
  const alone = phase in IN_ONE ? IN_ONE[phase as keyof typeof IN_ONE] : null;
  const lists =
    byLists === 0
      ? ''
      : ` ${byLists} of them by the lists of both stores; documents that were looked at: ${listed - byLists}.`;
  const looked = `${run} ${alone?.looked ?? `compared ${SEEN[mode]}`}, of ${listed} keys.${lists}`;
  const left =
    leftOut === 0
      ? []
      : [`  ${leftOut} differ and were left out, by npx crossfade dead-letters discard or leave-out`];
  const told = [...markersLines(markers), ...passedLines(passed), ...projectedLines(verified)];
  const met = told.map((line) => `  ${line}`);
  if (outcome === 'clean') return [looked, alone?.agree ?? AGREE[mode], ...left, ...met];
  return [
    looked,
    ...met,
    ...Object.entries(differences).map(
      ([kind, count]) =>
        `  ${count} ${kind}: ${KINDS[kind as keyof typeof KINDS] ?? 'the process of its worker ended each time'}`,
    ),
    ...(Object.keys(differences).some((kind) => changeOf(kind) !== null) ? [DECIDE] : []),
    ...left,
    ...(busy > 0 ? [`  ${busy} were written at every look: they are not verified`] : []),
    ...(unchecked > 0
      ? [`  ${unchecked} more differed at the first look, and were not looked at again`]
      : []),
    ...samples.map(({ key, kind, detail }) => `  ${kind} ${JSON.stringify(key)}: ${detail}`),
  ];
}
