/** Begins a backfill, or goes on with the one that was begun: the first step of the state machine. */
import { createHash } from 'node:crypto';
import type { EffectivePhase } from '../phases/effective_phase.ts';
import type { Ledger, Run } from '../stores/oracle/ledger.ts';
import { type Forecast, type PlanPorts, plan } from './plan.ts';
import { BackfillRefused, type BackfillRequest } from './request.ts';
import { type Progress, progressOf } from './summary.ts';

export interface BeginPorts extends PlanPorts {
  readonly ledger: Ledger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Surroundings {
  readonly phase: EffectivePhase;
  /** Milliseconds after which nobody acts on the phase before. */
  readonly bake: number;
  /** What a copy depends on beside the stores: the mapping of the collection. */
  readonly mapping: unknown;
  /** Documents a second for all workers together. */
  readonly rate: number;
  /** Seconds that one invocation copies for. */
  readonly turn: number;
}

export interface Begun {
  readonly run: string;
  /** Whether there is nothing to be copied: a dry run, or a run that was abandoned. */
  readonly over: boolean;
  /** Whether the run had been begun before. */
  readonly resumed: boolean;
  /** Numbers of the shards that are still to be copied. */
  readonly open: readonly number[];
  /** Null for a run that is resumed. */
  readonly forecast: Forecast | null;
  /** Of a run that was only looked at. */
  readonly progress?: Progress;
}

/** @param id of the run, if it is a new one. Throws `BackfillRefused`. */
export async function begin(
  id: string,
  request: BackfillRequest,
  ports: BeginPorts,
  surroundings: Surroundings,
): Promise<Begun> {
  const { ledger, now } = ports;
  if (request.abandon || request.look) return atUnfinished(request, ledger, now());
  requirePhase(surroundings, now());
  const planned = await plan(request, ports, surroundings.rate, surroundings.turn);
  const { forecast, shards } = planned;
  if (request.dryRun) return { run: id, over: true, resumed: false, open: [], forecast };
  const run: Run = {
    ...{ id, kind: 'backfill', collection: request.collection, phase: surroundings.phase.phase },
    ...{ stamp: stampOf(request, surroundings.mapping), started: now() },
  };
  const other = await ledger.begin(run, shards);
  if (other === null)
    return { run: id, over: false, resumed: false, open: shards.map((_, n) => n), forecast };
  if (other.stamp !== run.stamp)
    throw new BackfillRefused(
      `The run ${other.id} of ${request.collection} is not finished, and was begun with another range or mapping. Go on with it ` +
        'as it was, or abandon it first',
    );
  const open = (await ledger.shards(other.id))
    .filter(({ state }) => state === 'open')
    .map(({ shard }) => shard);
  return { run: other.id, over: false, resumed: true, open, forecast: null };
}

async function atUnfinished(
  { collection, look }: BackfillRequest,
  ledger: Ledger,
  now: number,
): Promise<Begun> {
  const run = await ledger.unfinished('backfill', collection);
  if (run === null)
    throw new BackfillRefused(
      `No backfill of ${collection} is unfinished: there is nothing to see or to abandon`,
    );
  const over = { run: run.id, over: true, resumed: true, open: [], forecast: null };
  if (look) return { ...over, progress: await progressOf(run, ledger, now) };
  await ledger.end(run.id, 'stopped', now);
  return over;
}

/** Dual writes must have been on for a bake, or a document could be created where the backfill has passed already. */
function requirePhase({ phase: { phase, since }, bake }: Surroundings, now: number): void {
  if (phase !== 'expand')
    throw new BackfillRefused(
      `The phase is ${phase}: a backfill runs in expand, where both stores are written and Couchbase is read`,
    );
  const left = since + bake - now;
  if (left > 0)
    throw new BackfillRefused(
      `The phase is expand for less than ${bake} ms: some requests may still be served as before. Try again in ${Math.ceil(left / 1000)} s`,
    );
}

function stampOf({ range, shards }: BackfillRequest, mapping: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify({ range, shards, mapping }))
    .digest('base64url')
    .slice(0, 43);
}
