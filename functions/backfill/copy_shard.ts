/**
 * Copies the documents of one shard, batch by batch: list keys, read what they hold now, apply to Oracle if newer, and move the
 * shard on in the same transaction. It can end anywhere, and be taken up anywhere, by anybody.
 */

import type { Shard } from '../protocol/shard.ts';
import type { CouchbaseState } from '../protocol/state.ts';
import { PoisonDocument, StoreUnavailable } from '../stores/failure.ts';
import type { Copy, CopyOutcome } from '../stores/oracle/batch.ts';
import type { Finding } from '../stores/oracle/checkpoint.ts';
import type { Counts, ShardRow } from '../stores/oracle/ledger.ts';
import { LARGEST_BODY } from '../stores/storable.ts';
import { type BatchLimits, batchesOf, type Sized } from './batches.ts';

export type Read =
  | { readonly key: string; readonly state: CouchbaseState }
  | { readonly key: string; readonly failure: StoreUnavailable | PoisonDocument };

export interface Ports {
  /** The next keys of a shard, in byte order. */
  keys(shard: Shard, limit: number): Promise<readonly string[]>;
  /** Bytes of each body, null for what is not there. */
  sizes(keys: readonly string[]): Promise<readonly (number | null)[]>;
  read(keys: readonly string[]): Promise<readonly Read[]>;
  /**
   * Applies copies if newer and, in the same transaction, moves the shard on to a key and notes what was found. Throws `Overtaken`
   * where somebody else holds the shard: nothing has happened then.
   */
  apply(copies: readonly Copy[], step: (outcomes: readonly CopyOutcome[]) => Promise<Step>): Promise<void>;
  finish(): Promise<void>;
  /** Sets a document aside, for an operator to see. May be told twice of one. */
  setAside(finding: Finding): Promise<void>;
  /** Waits until so many documents may be copied. False where their turn comes only after time is up. */
  pace(documents: number): Promise<boolean>;
  /** Whether there is time for another batch. */
  timely(): boolean;
  /** Is told after each batch. */
  alive(): Promise<void>;
}

export interface Step {
  readonly to: string;
  readonly counts: Counts;
  readonly findings: readonly Finding[];
}

/** `rest`: time is up, and somebody has to go on from where the shard stands. */
export type Copied = 'done' | 'rest';

/** Keys that are listed at a time. */
const PAGE = 1000;

/** Throws `StoreUnavailable` where a store does not answer: the shard stands where it stood after the last batch. */
export async function copyShard(row: ShardRow, ports: Ports, limits: BatchLimits): Promise<Copied> {
  if (row.state === 'done') return 'done';
  let after = row.doneKey ?? row.after;
  for (;;) {
    if (!ports.timely()) return 'rest';
    const keys = await ports.keys({ after, upTo: row.upTo }, PAGE);
    if (keys.length === 0) {
      await ports.finish();
      return 'done';
    }
    const sizes = await ports.sizes(keys);
    const sized = keys.map((key, index) => ({ key, size: sizes[index] ?? null }));
    for (const batch of batchesOf(sized, limits)) {
      if (!ports.timely()) return 'rest';
      if (!(await ports.pace(batch.length))) return 'rest';
      await copyBatch(batch, ports);
      await ports.alive();
    }
    after = keys.at(-1) as string;
  }
}

async function copyBatch(batch: readonly Sized[], ports: Ports): Promise<void> {
  const unreadable = batch.filter(({ size }) => size !== null && size > LARGEST_BODY);
  const found: Finding[] = unreadable.map(({ key, size }) => ({
    key,
    verdict: 'poison',
    detail: `a body of ${size} bytes is above what can be moved, ${LARGEST_BODY}. Split it`,
  }));
  const here = batch.filter(({ size }) => size !== null && size <= LARGEST_BODY).map(({ key }) => key);
  const copies: Copy[] = [];
  for (const read of await ports.read(here)) {
    if ('failure' in read) {
      if (!(read.failure instanceof PoisonDocument)) throw read.failure;
      found.push({ key: read.key, verdict: 'poison', detail: read.failure.message });
    } else if (read.state.cas !== 0n)
      copies.push({ key: read.key, content: read.state.content, version: read.state.version });
  }
  for (const finding of found) await ports.setAside(finding);
  await ports.apply(copies, async (outcomes) => {
    const refused = refusedIn(copies, outcomes);
    for (const finding of refused) await ports.setAside(finding);
    return stepOf(batch, copies, outcomes, [...found, ...refused]);
  });
}

/** Throws where a document of the batch is in doubt: then none of it counts, and all of it is tried again. */
function refusedIn(copies: readonly Copy[], outcomes: readonly CopyOutcome[]): Finding[] {
  return outcomes.flatMap((outcome, index) => {
    if (outcome.kind !== 'failed') return [];
    if (outcome.failure instanceof StoreUnavailable) throw outcome.failure;
    return [{ key: copies[index]?.key ?? '', verdict: 'poison' as const, detail: outcome.failure.message }];
  });
}

function stepOf(
  batch: readonly Sized[],
  copies: readonly Copy[],
  outcomes: readonly CopyOutcome[],
  findings: readonly Finding[],
): Step {
  const count = (kind: CopyOutcome['kind']) => outcomes.filter((outcome) => outcome.kind === kind).length;
  const [applied, stale, failed] = [count('applied'), count('stale'), findings.length];
  const bytes = copies
    .filter((_, index) => outcomes[index]?.kind === 'applied')
    .reduce((sum, { content }) => sum + (content?.body.length ?? 0), 0);
  const listed = batch.length;
  return {
    to: batch.at(-1)?.key as string,
    counts: { listed, applied, stale, failed, gone: listed - applied - stale - failed, bytes },
    findings,
  };
}
