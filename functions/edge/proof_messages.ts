/** The messages in which containers of the API hand on what is to be proven: see `routing/load_samples.ts`. */

import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as v from 'valibot';
import { issueText } from '../parsing/issue.ts';
import { described } from '../parsing/quoted.ts';
import { PHASES } from '../protocol/phase.ts';
import { FIGURES } from '../records/load_proof.ts';
import { LoadSamples, MOST_READS, type ProofBatch } from '../routing/load_samples.ts';
import { bounded } from './bounded.ts';
import { CLOCK, type Container } from './container.ts';

/** The message is no batch of reads: nobody of ours has sent it, or a version that is newer. */
export class BadProof extends Error {
  override readonly name = 'BadProof';
}

const BATCH = v.object({
  collection: v.string(),
  phase: v.picklist(PHASES),
  percent: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)),
  reads: v.pipe(
    v.array(
      v.object({
        key: v.string(),
        // A version, which no JSON number holds.
        version: v.pipe(v.string(), v.regex(/^\d{1,20}$/)),
        mark: v.nullable(v.pipe(v.string(), v.maxLength(43))),
      }),
    ),
    v.maxLength(MOST_READS),
  ),
  figures: FIGURES,
});

export function proofText({ collection, phase, percent, reads, figures }: ProofBatch): string {
  const plain = reads.map(({ key, version, mark }) => ({ key, version: version.toString(), mark }));
  const text = JSON.stringify({ collection, phase, percent, reads: plain, figures });
  // A queue takes XML's characters only, and keys may have others.
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Throws `BadProof`. */
export function parseProof(text: string): ProofBatch {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadProof(`PROOF_UNREADABLE: the message is not JSON: it is ${described(text)}`);
  }
  const { success, output, issues } = v.safeParse(BATCH, value);
  if (!success)
    throw new BadProof(`PROOF_UNREADABLE: the message is no batch of reads: ${issueText(issues[0])}`);
  const reads = output.reads.map((read) => ({ ...read, version: BigInt(read.version) }));
  return { ...output, reads };
}

/**
 * Milliseconds. Nobody waits for it, and a sandbox is frozen after each answer: with the time of other calls each message would fail whose container has no
 * request for a second, though SQS has had it.
 */
const PATIENCE = 30_000;

/** @param failed is told why a message could not be sent. */
export function proofSender(
  client: Pick<SQSClient, 'send'>,
  queueUrl: string,
  failed: (error: unknown) => void,
): (batch: ProofBatch) => Promise<boolean> {
  return async (batch) => {
    try {
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: proofText(batch) }));
      return true;
    } catch (error) {
      failed(error);
      return false;
    }
  };
}

/** What gathers reads of this container for the proof; null where there is no queue for them, as where nothing is proven. */
export function loadSamples(
  { configuration, stores, metrics, logger, now }: Container,
  queueUrl: string | undefined,
): LoadSamples | null {
  if (queueUrl === undefined) return null;
  const ramps = new Map(
    Object.keys(configuration.collections).map((name) => [name, stores.loadProofOf(name)?.ramp ?? null]),
  );
  return new LoadSamples({
    ...{ now, steady: CLOCK.steady },
    rampOf: (collection) => ramps.get(collection) ?? null,
    chosen: (percent) => Math.random() * 100 < percent,
    send: proofSender(new SQSClient({ ...bounded(PATIENCE), maxAttempts: 1 }), queueUrl, (error) =>
      logger.warn('LOAD_PROOF_UNSENT: reads were not handed on, and are skipped', error as Error),
    ),
    skipped: (reads) => metrics.addMetric('LoadProofSkipped', MetricUnit.Count, reads),
  });
}
