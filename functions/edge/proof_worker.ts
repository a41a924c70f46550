/** The worker of the proof of load, invoked by SQS: what it reaches is Oracle, and the queue of receipts. */
import { randomUUID } from 'node:crypto';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, SQSRecord } from 'aws-lambda';
import { lastCall } from '../configuration/configuration.ts';
import type { Figures } from '../records/load_proof.ts';
import { NO_FIGURES, summed } from '../records/load_proof.ts';
import type { ProofBatch } from '../routing/load_samples.ts';
import { proveLoad } from '../routing/prove_load.ts';
import { LARGEST_ANSWER } from '../stores/answerable.ts';
import { Circuit } from '../stores/circuit.ts';
import { CLOCK, type Container } from './container.ts';
import { ProofMinutes } from './load_proof.ts';
import { BadProof, parseProof } from './proof_messages.ts';
import { batchWorker } from './worker.ts';

/** Milliseconds. A read that is asked for later was not asked at once: the workers cannot keep up, and the load is another one. */
const OLD = 10_000;
const CIRCUIT = { window: 10, failures: 5, pause: 3000, trials: 1 };

/** The handler of the function that proves. */
export function proofWorker(container: Container) {
  const { stores, logger, metrics } = container;
  const minutes = new ProofMinutes((...row) => stores.loadProofs.put(...row), randomUUID(), container.now);
  const circuit = new Circuit(CIRCUIT);
  return batchWorker(container, async (records, context) => {
    for (const { body, attributes } of records) {
      const batch = readable(body, container);
      if (batch === null) continue;
      const isOld = container.now() - Number(attributes.SentTimestamp) > OLD;
      const figures = isOld ? unasked(batch) : await proved(batch, container, circuit, context);
      count(figures, batch, container);
      minutes.add(batch.collection, batch, figures);
    }
    await minutes
      .save()
      .catch((error: unknown) =>
        logger.warn('LOAD_PROOF_UNSAVED: what was measured could not be written down yet', error as Error),
      );
    if (records.length > 0) metrics.addMetric('LoadProofMessages', MetricUnit.Count, records.length);
    // What could not be proven is in the figures: nobody reads it a second time.
    return [];
  });
}

/** Null for what is none: it can never be proven, and nobody misses it. */
function readable(body: SQSRecord['body'], { logger, configuration }: Container): ProofBatch | null {
  try {
    const batch = parseProof(body);
    if (batch.collection in configuration.collections) return batch;
    logger.warn('PROOF_UNKNOWN: a message names a collection that this version does not have', {
      collection: batch.collection.slice(0, 100),
    });
  } catch (error) {
    if (!(error instanceof BadProof)) throw error;
    logger.warn(error.message);
  }
  return null;
}

function unasked({ reads, figures }: ProofBatch): Figures {
  return summed(figures, { ...NO_FIGURES, skipped: reads.length });
}

function proved(
  batch: ProofBatch,
  { stores, sendReceipt, configuration }: Container,
  circuit: Circuit,
  context: Context,
): Promise<Figures> {
  const { oracle } = stores.of(batch.collection);
  const { phase } = batch;
  return proveLoad(batch, {
    ...{ circuit, lanes: configuration.connections, steady: CLOCK.steady },
    read: ({ key }) => oracle.readUpTo(key, LARGEST_ANSWER),
    lookAgain: (place) => sendReceipt({ ...place, phase, cause: 'read', expired: 0n }),
    timely: () => context.getRemainingTimeInMillis() > lastCall(configuration.timing),
  });
}

function count({ skipped }: Figures, { figures }: ProofBatch, { metrics }: Container): void {
  // Those that the API has skipped it has counted.
  const here = skipped - figures.skipped;
  if (here > 0) metrics.addMetric('LoadProofSkipped', MetricUnit.Count, here);
}
