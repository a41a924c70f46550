/** Measures what moves are decided on. */
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { CollectionEvidence, Evidence, Missing, RunEvidence } from '../control/evidence.ts';
import type { Remains } from '../control/retire.ts';
import type { Phase } from '../protocol/phase.ts';
import type { Kind } from '../runs/request.ts';
import { StoreUnavailable } from '../stores/failure.ts';
import type { Ended } from '../stores/oracle/ledger_rows.ts';
import type { Stores } from './stores.ts';

export interface EvidenceQueues {
  readonly RECEIPTS_QUEUE: string;
  readonly DEAD_LETTERS_QUEUE: string;
}

/** Runs of one collection that are looked through for the last that counts. */
const HISTORY = 50;

export async function gatherEvidence(
  stores: Stores,
  collection: string,
  queues: SQSClient,
  environment: EvidenceQueues,
): Promise<Evidence | Missing> {
  const missing = await problemOf(stores, collection);
  if (missing !== null) return { missing };
  try {
    return await evidenceIn(stores, collection, queues, environment);
  } catch (error) {
    // It answered just now, and does not any more.
    if (error instanceof StoreUnavailable) return { missing: error.message };
    throw error;
  }
}

async function evidenceIn(
  stores: Stores,
  collection: string,
  queues: SQSClient,
  { RECEIPTS_QUEUE, DEAD_LETTERS_QUEUE }: EvidenceQueues,
): Promise<Evidence> {
  const [receipts, dead, runs] = await Promise.all([
    countsOf(queues, RECEIPTS_QUEUE),
    lettersOf(stores, collection, queues, DEAD_LETTERS_QUEUE),
    runsOf(stores, collection),
  ]);
  return {
    receipts: { ...receipts, waiting: dead.waiting, since: dead.since },
    ...{ deadLetters: dead.open, collection: runs },
  };
}

/** What is left to be done before a collection is retired. */
export async function remainsOf(
  stores: Stores,
  collection: string,
  queues: SQSClient,
  { DEAD_LETTERS_QUEUE }: EvidenceQueues,
): Promise<Remains> {
  const [{ open, waiting }, runs] = await Promise.all([
    lettersOf(stores, collection, queues, DEAD_LETTERS_QUEUE),
    stores.ledger.underWay(collection),
  ]);
  return { deadLetters: open + waiting, runs: runs.map(({ kind }) => kind) };
}

async function lettersOf({ letters }: Stores, collection: string, queues: SQSClient, queue: string) {
  const [dead, kept] = await Promise.all([countsOf(queues, queue), letters.count(collection)]);
  // The queue does not tell whose they are: those that have no copy may be anybody's.
  const unknown = Math.max(0, dead.due + dead.hidden + dead.delayed - kept.ofAll);
  return { open: kept.open + unknown, waiting: kept.waiting, since: kept.since };
}

/** Any key will do: whether a document has it does not matter. */
const PROBE = 'crossfade';

/** Where a store does not answer, or lacks what it should have, there is nothing to decide on. */
async function problemOf(stores: Stores, collection: string): Promise<string | null> {
  const { couchbase, oracle } = stores.of(collection);
  const reads = await Promise.allSettled([couchbase.read(PROBE), oracle.read(PROBE)]);
  const failed = reads.find((each) => each.status === 'rejected');
  return failed === undefined ? null : String((failed.reason as Error).message);
}

async function countsOf(client: SQSClient, QueueUrl: string) {
  const names = ['', 'Delayed', 'NotVisible'].map((kind) => `ApproximateNumberOfMessages${kind}` as const);
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: names as never });
  const { Attributes = {} } = await client.send(asked);
  const [due, delayed, hidden] = names.map((name) =>
    Number((Attributes as Record<string, string>)[name] ?? 0),
  );
  return { due: due ?? 0, delayed: delayed ?? 0, hidden: hidden ?? 0 };
}

async function runsOf({ ledger }: Stores, name: string): Promise<CollectionEvidence> {
  const last = async (kind: Kind, counts: (run: Ended) => boolean) => {
    const runs = await ledger.history(kind, name, HISTORY);
    return evidenceOf(
      runs.find((run) => run.outcome !== 'stopped' && run.options.range === undefined && counts(run)),
    );
  };
  const [backfill, copyback, verification] = await Promise.all([
    last('backfill', () => true),
    last('copyback', () => true),
    last('verify', ({ options }) => options.mode !== 'count'),
  ]);
  return { name, backfill, copyback, verification };
}

function evidenceOf(run: Ended | undefined): RunEvidence | null {
  if (run === undefined) return null;
  const { id, phase, started, finished, outcome } = run;
  return { id, phase: phase as Phase, started, finished, clean: outcome === 'clean' };
}
