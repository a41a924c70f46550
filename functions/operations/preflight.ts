/** What Oracle could not hold exactly, or would refuse, and what the API could not serve, found before anything is copied. Changes no document. */
import type { Attempts } from '../books/attempts.ts';
import { type Preflights, walkId } from '../books/preflights.ts';
import type { Shard } from '../protocol/shard.ts';
import {
  added,
  example,
  type Found,
  largeIn,
  NOTHING_FOUND,
  orphansIn,
  type Walk,
} from '../records/preflight.ts';
import { type Hold, Overtaken } from '../records/run.ts';
import { beginAttempt, MOST_IN_ROW, MOST_LOST } from '../runs/attempts.ts';
import { isFault } from '../runs/fault.ts';
import type { LoadSummary } from '../runs/load.ts';
import { RunRefused, rangeOf } from '../runs/request.ts';
import { type FilledTable, filledTables, type NamedTable } from './filled_tables.ts';
import { type WalkPorts, walkAlong } from './preflight_walk.ts';
import { BadOperation, type OperationOf } from './request.ts';

export interface PreflightPorts extends WalkPorts {
  /** Why Couchbase can make no durable writes for now; null where it can. */
  durabilityProblem(): Promise<string | null>;
  /** How hard Oracle works now. Never rejects. */
  load(): Promise<LoadSummary>;
  readonly walks: Pick<Preflights, 'find' | 'write'>;
  readonly attempts: Pick<Attempts, 'begin' | 'touch' | 'leave'>;
  /** The tables of projections, in the order of their fillings; none where it is left out. */
  readonly projections?: readonly NamedTable[];
  /** What the collection is mapped by: a walk of another mapping was about others. */
  readonly stamp: string;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** All that was found of a walk, up to `next`. Functions of the version before tell `checked`, `refused`, `notJson`, `largest` and `samples` alone. */
export interface Preflight extends Pick<Found, 'checked' | 'refused' | 'notJson' | 'largest' | 'samples'> {
  readonly tooLarge?: number;
  readonly unread?: number;
  readonly notObject?: number;
  readonly causes?: Found['causes'];
  readonly ignored?: number;
  readonly elsewhere?: number;
  readonly orphans?: number;
  /** How documents fill the tables of projections. */
  readonly projections?: readonly FilledTable[];
  /** When the walk began, which names it: who goes on says it. Of a page that is not kept, none. */
  readonly began?: number;
  /** Documents that were looked at before this request. */
  readonly before?: number;
  /** Why Couchbase can make no durable writes for now. */
  readonly durabilityProblem?: string | null;
  /** How hard Oracle works; on the first page alone. */
  readonly load?: LoadSummary;
  /** The last key that was looked at, empty before the first; null where all of the range was. */
  readonly next: string | null;
}

type Asked = OperationOf<'preflight'>;

export async function preflight(asked: Asked, ports: PreflightPorts): Promise<Preflight> {
  const range = rangeIn(asked);
  if (asked.walk === undefined && asked.began === undefined) return aPage(range, ports);
  const about = asked.began === undefined ? await aboutStores(ports) : {};
  try {
    return { ...(await keptPage(asked, range, ports)), ...about };
  } catch (error) {
    throw error instanceof Overtaken ? overtaken(asked) : error;
  }
}

async function aboutStores(
  ports: PreflightPorts,
): Promise<Required<Pick<Preflight, 'durabilityProblem' | 'load'>>> {
  return { durabilityProblem: await ports.durabilityProblem(), load: await ports.load() };
}

function rangeIn({ prefix, after, upTo }: Asked): Shard {
  try {
    return rangeOf({ prefix, after: after ?? undefined, upTo: upTo ?? undefined });
  } catch (error) {
    if (error instanceof RunRefused) throw new BadOperation(error.message);
    throw error;
  }
}

/** For consoles of the version before, which add pages up by themselves: nothing is kept. They know no documents that could not be read. */
async function aPage(range: Shard, ports: PreflightPorts): Promise<Preflight> {
  const about =
    range.after === null ? await aboutStores(ports) : { durabilityProblem: await ports.durabilityProblem() };
  let [found, next] = [NOTHING_FOUND, range.after];
  const ended = await walkAlong(range, { keys: 0, touch: async () => {} }, ports, async (to, more) => {
    [found, next] = [added(found, more), to];
  });
  const { fillings: _, ...known } = found;
  return { ...known, refused: found.refused + found.unread, ...about, next: ended ? null : next };
}

/** Goes on with a walk, and writes down what it finds. Throws `Overtaken`. */
async function keptPage(asked: Asked, range: Shard, ports: PreflightPorts): Promise<Preflight> {
  const { walk, isNew } = await take(asked, range, ports);
  if (walk.state === 'done') return told(walk, walk.found.checked, ports);
  const hold: Hold = { run: `preflight-${walkId(walk.collection, range)}`, shard: 0, epoch: walk.epoch };
  const begun = await ports.attempts.begin(hold, (last) =>
    beginAttempt(last, { doneKey: walk.doneKey }, walk.epoch, isNew),
  );
  if (begun?.stop) throw new BadOperation(workersDie(asked));
  try {
    const ended = await onward(walk, hold, begun, ports);
    await ports.attempts.leave(hold);
    return told(ended, walk.found.checked, ports);
  } catch (error) {
    // It counts as a death, since the next worker fails at the same document.
    if (!isFault(error)) await ports.attempts.leave(hold).catch(() => {});
    throw error;
  }
}

interface Taken {
  readonly walk: Walk;
  readonly isNew: boolean;
}

/** Takes the walk of the range, or begins one. Throws `Overtaken` and `BadOperation`. */
async function take(asked: Asked, range: Shard, ports: PreflightPorts): Promise<Taken> {
  const { collection, walk: how, began } = asked;
  const { stamp, walks } = ports;
  const now = ports.now();
  const last = await walks.find(collection, range);
  if (began !== undefined && last?.started !== began) throw overtaken(asked);
  // The answer that told of its end was lost. Of another mapping it says nothing.
  if (began !== undefined && last?.state === 'done' && last.stamp === stamp)
    return { walk: last, isNew: false };
  const goesOn = last !== null && last.state === 'going' && last.stamp === stamp && how !== 'anew';
  const epoch = (last?.epoch ?? 0) + 1;
  const walk: Walk = goesOn
    ? { ...last, epoch, changed: now }
    : {
        ...{ collection, range, stamp, epoch, state: 'going', doneKey: null, started: now, changed: now },
        found: { ...NOTHING_FOUND, orphansBefore: last?.stamp === stamp ? orphansIn(last) : 0 },
        ...{ accepted: 0, acceptedOrphans: 0 },
        largeBefore: last?.stamp === stamp ? largeIn(last) : 0,
      };
  if (!(await walks.write(walk, last?.epoch ?? null))) throw overtaken(asked);
  return { walk, isNew: !goesOn };
}

/** Walks on until time is up or the range ends. */
async function onward(
  from: Walk,
  hold: Hold,
  begun: ReturnType<typeof beginAttempt> | null,
  ports: PreflightPorts,
): Promise<Walk> {
  let walk = from;
  const keep = async (change: Partial<Walk>) => {
    const next = { ...walk, ...change, changed: ports.now() };
    if (!(await ports.walks.write(next, walk.epoch))) throw new Overtaken(hold);
    walk = next;
  };
  const kept = (doneKey: string, found: Found) => keep({ doneKey, found: added(walk.found, found) });
  if (begun?.killer) await kept(begun.killer, killedBy(begun.killer));
  const alone = {
    keys: begun?.attempt.alone ?? 0,
    touch: (key: string, left: number) => ports.attempts.touch(hold, key, left),
  };
  const range = { after: walk.doneKey ?? walk.range.after, upTo: walk.range.upTo };
  if (await walkAlong(range, alone, ports, kept)) await keep({ state: 'done' });
  return walk;
}

const DIED = 'its worker died of it: the process ended each time while this document was looked at';

function killedBy(key: string): Found {
  const counts = { checked: 1, refused: 1, causes: { [DIED]: 1 } };
  return { ...NOTHING_FOUND, ...counts, samples: [example('refused', key, DIED)] };
}

function told(
  { found, started, state, doneKey }: Walk,
  before: number,
  { projections = [] }: Pick<PreflightPorts, 'projections'>,
): Preflight {
  const { orphansBefore: _, fillings, ...shown } = found;
  const filled = fillings === undefined ? {} : { projections: filledTables(fillings, projections) };
  return { ...shown, ...filled, began: started, before, next: state === 'done' ? null : (doneKey ?? '') };
}

function overtaken(asked: Asked): BadOperation {
  return new BadOperation(
    `PREFLIGHT_OVERTAKEN: another preflight of ${asked.collection} goes on with the same keys, and this one has stopped. What was found is kept. ` +
      `Let the other one come to its end, or go on: ${commandOf(asked)}`,
  );
}

function workersDie(asked: Asked): string {
  return (
    `WORKERS_DIE: functions have died of ${MOST_IN_ROW} documents in a row, or of ${MOST_LOST} in all, and now of one more. It may not be the documents: ` +
    `read the log of the Operate function (memory, time-outs, a deployment). Then go on: ${commandOf(asked)}`
  );
}

/** The command that goes on with the walk of the same keys. */
function commandOf({ collection, prefix, after }: Asked): string {
  const range = [
    ...(prefix === undefined ? [] : [`--prefix ${JSON.stringify(prefix)}`]),
    ...(after === null ? [] : [`--after ${JSON.stringify(after)}`]),
  ];
  return ['npx crossfade preflight', collection, ...range].join(' ');
}
