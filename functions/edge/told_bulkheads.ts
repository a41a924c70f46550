/** What operators get to know of writes that were acknowledged without the store that follows, or without their receipt. */
import type { BulkheadLog } from '../routing/bulkheads.ts';
import type { RequestLog } from './told_requests.ts';

/** @param count adds one to the metric of that name. */
export function toldBulkheads(
  logger: Pick<RequestLog, 'info' | 'warn'>,
  count: (metric: string) => void,
): BulkheadLog {
  return {
    withoutFollower: (kind) => count(kind === 'skipped' ? 'FollowerSkipped' : 'FollowerLate'),
    withoutReceipt: () => count('ReceiptsLate'),
    changed: (what, isOpen) => {
      const about = { what };
      if (!isOpen) return logger.info('FOLLOWER_BACK: it answers again, and writes wait for it', about);
      return what === 'queue'
        ? logger.warn(
            'QUEUE_SLOW: the queue of receipts fails or is slow. Writes that both stores have do not wait for it',
            about,
          )
        : logger.warn(
            'FOLLOWER_AWAY: this store fails or is slow. Writes for which it follows are acknowledged by their receipts, and it is tried every 3 seconds',
            about,
          );
    },
  };
}
