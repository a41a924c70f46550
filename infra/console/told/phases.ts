/** Where a migration is, as people read it. */
import { certifiedText } from '../../../functions/control/certificate.ts';
import type { Condition } from '../../../functions/control/conditions.ts';
import { conflictsOf } from '../../../functions/control/conflicts.ts';
import {
  type CollectionEvidence,
  lastVerification,
  type RunEvidence,
} from '../../../functions/control/evidence.ts';
import { itinerary } from '../../../functions/control/itinerary.ts';
import { notDurableText, unprovenUntil } from '../../../functions/control/not_durable.ts';
import type { Seen } from '../../../functions/control/seen.ts';
import { sqlChangesOf } from '../../../functions/control/sql_changes.ts';
import type { About } from '../../../functions/operations/about.ts';
import type { Overview } from '../../../functions/operations/overview.ts';
import { withoutMark } from '../../../functions/phases/forced_mark.ts';
import { PHASES, type Phase } from '../../../functions/protocol/phase.ts';
import { encryptionLines } from './encryption.ts';
import { feedLines } from './feed.ts';
import { forcedMoveLines } from './forced.ts';
import { guardLines } from './guard.ts';
import { readyLines } from './hold.ts';
import { identityLines } from './identity.ts';
import { publishedLines } from './load.ts';
import { loadProofLines } from './load_proof.ts';
import { markersLines } from './markers.ts';
import { neededText, rampLine, stepText } from './ramp.ts';
import { barOf, freeingLines, passedLines } from './runs.ts';
import { instant } from './time.ts';
import { wayBackLine } from './way_back.ts';

export function overviewLines(all: readonly Overview[], now: number): string[] {
  const load = all.find((each) => each.load !== undefined)?.load;
  const connections = all.find((each) => each.connections !== undefined)?.connections;
  return [
    ...all.flatMap((each) => collectionLines(each, now)),
    ...queueLines(all),
    ...certificateLines(all),
    ...(load === undefined ? [] : publishedLines(load, now)),
    ...(connections === undefined ? [] : encryptionLines(connections)),
  ];
}

function collectionLines(seen: Overview, now: number): string[] {
  const { collection, effective, runs, evidence } = seen;
  return [
    `${collection}   ${diagram(effective.phase)}   for ${age(now - effective.since)}, by ${withoutMark(effective.by)}`,
    ...rampLine(effective),
    ...wishLines(seen),
    ...decisionLines(seen),
    ...readyLines(seen),
    ...guardLines(seen),
    ...forcedMoveLines(seen),
    ...awayLines(seen, now),
    ...runs.flatMap((run) => [
      `  ${barOf(run)}`,
      ...freeingLines(run, collection, effective, now).map((line) => `    ${line}`),
    ]),
    ...('missing' in evidence ? [] : identityLines(evidence.identities)),
    ...('missing' in evidence ? [] : notDurableLines(evidence.collection)),
    ...('missing' in evidence ? [] : conflictLines(evidence.collection)),
    ...('missing' in evidence ? [] : feedLines(evidence.feed, effective.phase, now)),
    ...('missing' in evidence ? [] : loadProofLines(evidence.loadProof, effective, now)),
    ...('missing' in evidence ? [] : verifiedLines(evidence.collection.verifications ?? [])),
    '',
  ];
}

/** Functions of the version before tell nothing of it. */
function awayLines({ away, ...seen }: Overview, now: number): string[] {
  if (away === undefined) return [];
  const { store, since, at } = away;
  return [
    `  AWAY     ${store} fails or is slow: writes are acknowledged without it, by their receipts, since ${instant(since)}, last seen ${age(now - at)} ago${neededText(seen)}`,
  ];
}

/** Functions of the version before tell nothing of it. */
function notDurableLines(collection: CollectionEvidence): string[] {
  const { name, verifications = [] } = collection;
  const until = unprovenUntil({ ...collection, verifications });
  if (until === null) return [];
  return [
    `  ${notDurableText(until)}. Gates wait for a clean verification that begins after that: npx crossfade verify start ${name} --mode content`,
  ];
}

/** Also where no gate waits for it. */
function conflictLines(collection: CollectionEvidence): string[] {
  return [
    ...conflictsOf(collection).map(({ measured, command }) => `  CONFLICTS  ${measured}: ${command}`),
    ...sqlChangesOf(collection).map(({ measured, command }) => `  SQL      ${measured}: ${command}`),
  ];
}

/** The last verification of all keys, and the last one that has compared contents, where that is another; what each has met in Couchbase. */
function verifiedLines(verifications: readonly RunEvidence[]): string[] {
  const last = (['version', 'content'] as const).map((depth) => lastVerification(verifications, depth));
  return [...new Set(last)].flatMap((run) =>
    run === null
      ? []
      : [
          `  verified ${instant(run.started)}, in ${run.phase}, by ${run.mode}: ${run.clean ? 'clean' : 'NOT CLEAN'}`,
          ...[...markersLines(run.markers), ...passedLines(run.passed)].map((line) => `    ${line}`),
        ],
  );
}

/** Of collections in `legacy`, whose first move waits for it. Functions of the version before tell nothing of it. */
function certificateLines(all: readonly Overview[]): string[] {
  const texts = all.flatMap(({ evidence }) =>
    'missing' in evidence || evidence.certificate === undefined || evidence.certificate.wanted === 'none'
      ? []
      : [certifiedText(evidence.certificate)],
  );
  return [...new Set(texts)].map((text) => `certificate   ${text}`);
}

/** All phases, with the present one in brackets. */
export function diagram(phase: Phase): string {
  return PHASES.map((each) => (each === phase ? `[${each}]` : each)).join(' → ');
}

function wishLines({ wish }: Seen): string[] {
  if (wish === null) return [];
  const { couchbaseWrites, oracleWrites, reads } = wish.flags;
  const own = wish.own.length === 0 ? '' : ` (its own: ${wish.own.join(', ')})`;
  return [
    `  flags    couchbase-writes ${couchbaseWrites}, oracle-writes ${oracleWrites}, reads ${reads}${own}`,
  ];
}

function decisionLines({ decision }: Seen): string[] {
  if (decision.kind === 'arrived') return ['  next     nothing: it is where the flags want it'];
  if (decision.kind === 'refused') return [`  REFUSED  ${decision.reason} It stays as it is.`];
  const { wanted, to, share, conditions } = decision;
  const way = to === wanted ? '' : `, on the way to ${wanted}`;
  return [`  next     ${stepText(to, share)}${way}`, ...waitLines(conditions, 4)];
}

/** Conditions of a move, and what an operator or the controller does about those that do not hold. */
function waitLines(conditions: readonly Condition[], indent: number): string[] {
  const bake = conditions.some(({ name, holds }) => name === 'bake' && !holds);
  const next = ({ kind, name, command, start }: Condition) => {
    if (name === 'bake') return '; then the controller looks, once a minute or more often';
    // It may be given at any time.
    if (kind === 'hold' || kind === 'window')
      return command === undefined ? '' : `; yours to give: ${command}`;
    if (command !== undefined) return `; yours to start${bake ? ' once the bake is over' : ''}: ${command}`;
    return start === undefined ? '' : '; the controller starts it, once all above holds';
  };
  const told = conditions.map((each) =>
    each.holds ? each : { ...each, measured: `${each.measured}${next(each)}` },
  );
  return conditionLines(told, indent);
}

/** @param indent columns that they begin after. */
export function conditionLines(conditions: readonly Condition[], indent: number): string[] {
  return conditions.map(
    ({ holds, name, measured }) => `${' '.repeat(indent)}${holds ? 'ok   ' : 'WAITS'}  ${name}: ${measured}`,
  );
}

/** There is one queue for all collections. */
function queueLines(all: readonly Overview[]): string[] {
  const known = all.flatMap(({ collection, evidence }) =>
    'missing' in evidence ? [] : [{ name: collection, ...evidence }],
  );
  const [first] = known;
  const missing = Map.groupBy(
    all.flatMap(({ collection, evidence }) =>
      'missing' in evidence ? [{ collection, why: evidence.missing }] : [],
    ),
    ({ why }) => why,
  );
  const away = [...missing].map(
    ([why, of]) => `STORES   ${of.map(({ collection }) => collection).join(', ')}: ${why}`,
  );
  if (first === undefined) return away;
  const { delayed, due, hidden } = first.receipts;
  const sum = (of: (each: (typeof known)[number]) => number) =>
    known.map((each) => `${each.name} ${of(each)}`).join(', ');
  return [
    ...away,
    `receipts      ${delayed} on their way, ${due} due, ${hidden} in work; waiting for a store: ${sum(({ receipts }) => receipts.waiting)}`,
    `dead letters  ${sum(({ deadLetters }) => deadLetters)}`,
    ...(first.unread > 0
      ? [
          `              ${first.unread} in the queue without a letter yet, counted for every collection: npx crossfade dead-letters list`,
        ]
      : []),
  ];
}

/** @param times of the deployment; functions of the version before tell none. */
export function planLines(all: readonly Overview[], times: Pick<About, 'bake' | 'request'>): string[] {
  const moves = all.some(({ decision }) => 'conditions' in decision);
  return [...all.flatMap(plannedLines), ...(moves && times.bake !== undefined ? [timesLine(times)] : [])];
}

function plannedLines(seen: Overview): string[] {
  return [...movesLines(seen), ...readyLines(seen), ...forcedMoveLines(seen)];
}

function movesLines(seen: Overview): string[] {
  const { collection, effective, decision, evidence } = seen;
  const { phase } = effective;
  if (decision.kind === 'arrived') return [`${collection}: in ${phase}, as the flags want it.`];
  if (decision.kind === 'refused') return [`${collection}: REFUSED: ${decision.reason}`];
  const settings = 'missing' in evidence ? {} : evidence;
  const legs = itinerary(collection, phase, decision.wanted, seen.forced, settings, seen.moves);
  // A share that goes back does so before the collection moves.
  const before = decision.share === 0 ? 1 : 0;
  const count = legs.length + before;
  return [
    `${collection}: from ${phase} to ${decision.wanted}, ${count} ${count === 1 ? 'move' : 'moves'}`,
    ...(before === 1 ? [`  1. ${stepText(phase, 0)}`, ...waitLines(decision.conditions, 7)] : []),
    ...legs.flatMap(({ from, to, awaits, commands }, n) => [
      `  ${n + before + 1}. ${from} → ${to}`,
      ...(n + before === 0
        ? waitLines(decision.conditions, 7)
        : [
            `       will wait for: ${awaits.join(', ')}`,
            ...commands.map((command) => `       yours to start: ${command}`),
          ]),
      ...wayBackLine(collection, { from, to }, evidence, seen.moves?.ramp),
    ]),
  ];
}

function timesLine({ bake, request }: Pick<About, 'bake' | 'request'>): string {
  const seconds = (milliseconds: number) => `${Math.ceil(milliseconds / 1000)} s`;
  return (
    `A move comes ${seconds(request + bake)} after the one before, at the earliest: publishing takes ${seconds(request)}, and the bake ` +
    `${seconds(bake)}. Then the controller looks, once a minute or more often.`
  );
}

function age(milliseconds: number): string {
  const minutes = Math.floor(Math.max(0, milliseconds) / 60_000);
  if (minutes < 1) return `${Math.floor(Math.max(0, milliseconds) / 1000)} s`;
  if (minutes < 120) return `${minutes} min`;
  // The first phase of a new stack has no beginning.
  return minutes > 20_000_000 ? 'ever' : `${Math.floor(minutes / 60)} h`;
}
