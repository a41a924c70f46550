/**
 * Copies the documents of one shard, batch by batch: read what they hold now, apply to Oracle if newer, and move the shard on
 * in the same transaction.
 */
import { isNothing } from '../protocol/state.ts';
import { type Finding, poison, type Step } from '../records/finding.ts';
import type { ShardRow } from '../records/run.ts';
import { type BatchLimits, keysOf, type Sized } from '../runs/batches.ts';
import { passedIn } from '../runs/passed.ts';
import { type Walked, type WalkPorts, walkShard } from '../runs/walk_shard.ts';
import type { ReadOutcome } from '../stores/couchbase/read_many.ts';
import { PoisonDocument, StoreUnavailable } from '../stores/failure.ts';
import type { Copy, CopyOutcome } from '../stores/oracle/batch.ts';
import { LARGEST_BODY, tooLargeToMove } from '../stores/storable.ts';
import { type Copied, transactionsOf } from './transactions.ts';

export interface CopyPorts extends WalkPorts {
  /** Throws `TooHeavy` where they have more than `most` bytes. */
  read(keys: readonly string[], most: number): Promise<readonly ReadOutcome[]>;
  /**
   * Applies copies if newer and, in the same transaction, moves the shard on to a key and notes what was found. Throws `Overtaken`
   * where somebody else holds the shard: nothing has happened then.
   * @param step is also given the keys whose copies are stale because Oracle orders them: only a forced move leaves such rows.
   * @param unfit is told before the transaction of copies that do not fit the table; of the others it is given null.
   */
  apply(
    copies: readonly Copy[],
    step: (outcomes: readonly CopyOutcome[], handedOff: readonly string[]) => Promise<Step>,
    unfit: (outcomes: readonly (CopyOutcome | null)[]) => Promise<void>,
  ): Promise<void>;
  /** How many rows the copy may give to tables beside its own, at most; none: it gives none. */
  rows?(copy: Copy): number;
  /** Sends a receipt: converge takes a key back that Oracle orders. May be sent twice for one key. */
  repair(key: string): Promise<void>;
  /** Sets a document aside, for an operator to see. May be told twice of one. */
  setAside(finding: Finding): Promise<void>;
}

export function copyShard(row: ShardRow, ports: CopyPorts, limits: BatchLimits): Promise<Walked> {
  return walkShard(row, ports, limits, {
    prepare: (batch, most) => readBatch(batch, most, ports),
    act: async (batch, copied) => {
      for (const each of transactionsOf(batch, copied, (copy) => ports.rows?.(copy) ?? 0))
        await copyBatch(each.batch, each.copied, ports);
    },
  });
}

async function readBatch(batch: readonly Sized[], most: number, ports: CopyPorts): Promise<Copied> {
  const unreadable = batch.filter(({ size }) => size !== null && size > LARGEST_BODY);
  const found = unreadable.map(({ key, size }) => poison(key, tooLargeToMove(size ?? 0)));
  const here = keysOf(batch.filter(({ size }) => size !== null && size <= LARGEST_BODY));
  const copies: Copy[] = [];
  for (const read of await ports.read(here, most)) {
    if ('failure' in read) {
      if (!(read.failure instanceof PoisonDocument)) throw read.failure;
      found.push(poison(read.key, read.failure.message));
    } else if (!isNothing(read.state))
      copies.push({ key: read.key, content: read.state.content, version: read.state.version });
  }
  return { copies, found };
}

async function copyBatch(
  batch: readonly Sized[],
  { copies, found }: Copied,
  ports: CopyPorts,
): Promise<void> {
  const told = new Set<string>();
  const setAside = async (findings: readonly Finding[]) => {
    for (const finding of findings.filter(({ key }) => !told.has(key))) {
      await ports.setAside(finding);
      told.add(finding.key);
    }
  };
  await setAside(found);
  const step = async (outcomes: readonly CopyOutcome[], handedOff: readonly string[]) => {
    // Before the shard moves on: a worker that dies here does the batch again. All at once, in few requests to the queue: the batch's
    // transaction waits, and its time is that of one call.
    await Promise.all(handedOff.map((key) => ports.repair(key)));
    const refused = refusedIn(copies, outcomes);
    await setAside(refused);
    return stepOf(batch, copies, outcomes, [...found, ...refused]);
  };
  // What is known not to fit is set aside before the transaction: that looks into Oracle, too, for what operators have left out.
  await ports.apply(copies, step, (outcomes) => setAside(refusedIn(copies, outcomes)));
}

/** Throws where a document of the batch is in doubt: then none of it counts, and all of it is tried again. */
function refusedIn(copies: readonly Copy[], outcomes: readonly (CopyOutcome | null)[]): Finding[] {
  return outcomes.flatMap((outcome, index) => {
    if (outcome?.kind !== 'failed') return [];
    if (outcome.failure instanceof StoreUnavailable) throw outcome.failure;
    return [poison(copies[index]?.key ?? '', outcome.failure.message)];
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
    passed: passedIn(batch),
  };
}
