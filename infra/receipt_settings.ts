/** How receipts come to the reconciler: how many of them at once, and after how long. */
import * as v from 'valibot';
import { whole } from '../functions/parsing/whole.ts';

/** Receipts of one invocation at most: one by one, as where a store has been away, its time is enough for about so many. */
const MOST_RECEIPTS = 2000;
/** Receipts of one invocation where the settings do not say. */
const RECEIPTS = 1000;
/** Messages that a batch may have without a window. (lambda/latest/dg/services-sqs-configure.html, 2026-11-27.) */
const WITHOUT_WINDOW = 10;
/** Receipts that all containers together may hold: half of what a queue has in flight at most, the other half is for those that wait. */
const HELD = 60_000;

export const RECEIPT_SETTINGS = v.strictObject({
  /** Receipts of one invocation at most; as many as containers and queue allow, up to 1,000, where it is left out. */
  batch: v.optional(whole(1, MOST_RECEIPTS)),
  /** Seconds that Lambda waits for a batch to fill; 1 where it is left out, and 0 for a batch of 10 or less. */
  window: v.optional(
    v.pipe(
      v.number(),
      v.integer('it must be a whole number'),
      v.minValue(0, 'it must be 0 or more'),
      v.maxValue(5, 'it must be 5 or less: receipts wait for so long'),
    ),
  ),
});

interface Given {
  /** Containers of the reconciler at most. */
  readonly concurrency: { readonly reconcile: number };
  readonly receipts: v.InferOutput<typeof RECEIPT_SETTINGS>;
}

/** Receipts of one invocation at most, and the seconds that Lambda waits for them. */
export function receiptBatch({ concurrency: { reconcile }, receipts }: Given) {
  const batch = receipts.batch ?? Math.min(RECEIPTS, Math.floor(HELD / reconcile));
  return { batch, window: receipts.window ?? (batch > WITHOUT_WINDOW ? 1 : 0) };
}

/** What is wrong with them beside one another. */
export function receiptProblems(settings: Given): string[] {
  const { batch, window } = receiptBatch(settings);
  const held = settings.concurrency.reconcile * batch;
  return [
    ...(batch > WITHOUT_WINDOW && window < 1
      ? [
          `deployment.receipts.window: it must be 1 or more for batches of ${batch}: Lambda fills one of more than ${WITHOUT_WINDOW} within a window only`,
        ]
      : []),
    ...(held > HELD
      ? [
          `deployment.receipts.batch: ${settings.concurrency.reconcile} containers with ${batch} receipts each hold ${held}, and a queue has no more ` +
            `than 120,000 in flight, of which ${HELD} are for those that wait: lower one of them`,
        ]
      : []),
  ];
}
