/** Plans a run: how many documents there are, about, and at which keys to cut them into shards. */
import { byUtf8 } from '../protocol/order.ts';
import { contains, type Shard, shardsFrom } from '../protocol/shard.ts';
import type { ShardRow } from '../records/run.ts';
import { LANES } from './lanes.ts';
import { LISTED } from './passed.ts';
import type { RunRequest } from './request.ts';

export interface PlanPorts {
  /** The next keys of a shard, in byte order. */
  keys(shard: Shard, limit: number): Promise<readonly string[]>;
  /** Whether a key is one of the collection; none: all are. */
  takes?(key: string): boolean;
  /** Bytes of each body, null for what is not there. */
  sizes(keys: readonly string[]): Promise<readonly (number | null)[]>;
  /** Some keys that are taken, fair along their order: what cuts are chosen from where there is no time to list all. */
  sample(): Promise<readonly string[]>;
  /** Whether there is an index of versions, so that the run looks at few documents; none: it looks at each. */
  lists?(): Promise<boolean>;
  /** Whether there is time to list more. */
  timely(): boolean;
}

export interface Forecast {
  readonly documents: number;
  /** Whether `documents` was counted, or estimated from those that could be counted in time. */
  readonly complete: boolean;
  /** Of the bodies. */
  readonly bytes: number;
  readonly shards: number;
  /** Documents a second of all runs together, as it is set now. Functions of the version before do not tell. */
  readonly rate?: number;
  /** At that rate; null while runs are paused. */
  readonly seconds: number | null;
  /** Whether an index of versions excuses the run from looking at documents whose versions agree. Missing for none. */
  readonly lists?: true;
  /** What AWS charges for, in numbers: shards go through SQS and Step Functions, the work through Lambda. */
  readonly requests: {
    readonly stateTransitions: number;
    readonly messages: number;
    readonly invocations: number;
  };
}

export interface Plan {
  readonly shards: readonly Shard[];
  readonly forecast: Forecast;
}

const PAGE = 5000;
/** Keys to choose cuts from, and to measure. */
const [CUTS, MEASURED] = [20_000, 200];
/** Documents that a shard has, where nobody says how many shards there should be. */
export const PER_SHARD = 50_000;
const MOST_SHARDS = 1000;

/**
 * @param rate documents a second for all workers together. @param turn seconds that one invocation works for.
 * @param compares whether the phase has two stores to compare: an index of versions helps nowhere else.
 */
export async function plan(
  { range, shards }: Pick<RunRequest, 'range' | 'shards'>,
  ports: PlanPorts,
  rate: number,
  turn: number,
  compares = true,
): Promise<Plan> {
  const { sample, documents, complete } = await walk(range, ports);
  const wanted = shards ?? Math.min(MOST_SHARDS, Math.max(1, Math.ceil(documents / PER_SHARD)));
  const cut = clipped(shardsFrom(sample, wanted), range);
  const lists = (await ports.lists?.()) ?? false;
  const seconds = rate === 0 ? null : Math.ceil(documents / (rate * (lists && compares ? LISTED : 1)));
  return {
    shards: cut,
    forecast: {
      ...{ documents, complete, shards: cut.length, rate, seconds, ...(lists && { lists }) },
      bytes: Math.round((await meanSize(sample, ports)) * documents),
      requests: {
        // Begin, choose, map, summarize, choose, end; and one for each lane.
        stateTransitions: 6 + Math.min(LANES, cut.length),
        messages: 3 * cut.length,
        invocations: 2 + cut.length + Math.ceil((seconds ?? 0) / turn),
      },
    },
  };
}

/** Walks along the keys, keeping every second one of those that it has, whenever it has too many. */
async function walk(range: Shard, ports: PlanPorts) {
  const { keys, timely, takes = () => true } = ports;
  let [sample, documents, every, after]: [string[], number, number, string | null] = [[], 0, 1, range.after];
  for (;;) {
    const page = await keys({ after, upTo: range.upTo }, PAGE);
    for (const key of page.filter(takes)) if (documents++ % every === 0) sample.push(key);
    if (sample.length > CUTS) [sample, every] = [sample.filter((_, index) => index % 2 === 0), every * 2];
    if (page.length < PAGE) return { sample, documents, complete: true };
    after = page.at(-1) as string;
    if (!timely()) return estimated(range, after, documents, await ports.sample());
  }
}

/** What was counted up to a key stands to the whole as the sample's keys up to it stand to all of them. */
function estimated(range: Shard, reached: string, counted: number, sample: readonly string[]) {
  const within = sample.filter((key) => contains(range, key));
  const passed = within.filter((key) => byUtf8(key, reached) <= 0).length;
  const documents = Math.max(counted, Math.round((counted * within.length) / Math.max(1, passed)));
  return { sample: within, documents, complete: false };
}

async function meanSize(sample: readonly string[], { sizes }: PlanPorts): Promise<number> {
  const step = Math.max(1, Math.floor(sample.length / MEASURED));
  const measured = sample.filter((_, index) => index % step === 0).slice(0, MEASURED);
  const found = (await sizes(measured)).filter((size) => size !== null);
  return found.length === 0 ? 0 : found.reduce((sum, size) => sum + size, 0) / found.length;
}

/** The outer bounds are those of the range. */
function clipped(shards: readonly Shard[], range: Shard): Shard[] {
  return shards.map(({ after, upTo }) => ({ after: after ?? range.after, upTo: upTo ?? range.upTo }));
}

/** So many times as large as it was to be, and a shard is cut; into so many pieces. */
const [TOO_LARGE, PIECES] = [2, 8];

/**
 * Whether a shard has turned out so large that it had better be cut. It may be that it cannot be, and to find that out takes a sample of the
 * whole collection: so it is tried when the shard is too large, and again whenever it has doubled since.
 * @param before keys that were listed before this turn.
 */
export function tooLarge({ state, listed }: Pick<ShardRow, 'state' | 'listed'>, before: number): boolean {
  return state === 'open' && doublings(listed) > doublings(before);
}

/** 0 for a shard that is not too large. */
function doublings(listed: number): number {
  return Math.max(0, 1 + Math.floor(Math.log2(listed / (TOO_LARGE * PER_SHARD))));
}

/** Keys at which to cut what is left of a shard; none where the sample has too few of its keys. */
export function cutsIn({ doneKey, after, upTo }: ShardRow, sample: readonly string[]): string[] {
  const left = sample.filter((key) => contains({ after: doneKey ?? after, upTo }, key) && key !== upTo);
  if (left.length < 2 * PIECES) return [];
  return shardsFrom(left, PIECES).flatMap((shard) => shard.upTo ?? []);
}
