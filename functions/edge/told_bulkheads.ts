/** What operators get to know of what keeps one store, or one key, from holding up other writes. */
import { shortened } from '../parsing/quoted.ts';
import type { StoreName } from '../protocol/phase.ts';
import type { BulkheadLog } from '../routing/bulkheads.ts';
import type { Place } from '../routing/request.ts';
import type { RequestLog } from './told_requests.ts';

/** @param count adds one to the metric of that name. @param skipped is told of each write that was acknowledged without asking this store. */
export function toldBulkheads(
  logger: Pick<RequestLog, 'info' | 'warn'>,
  count: (metric: string) => void,
  skipped: (store: StoreName) => void,
): BulkheadLog {
  return {
    withoutFollower: (kind, store) => {
      count(kind === 'skipped' ? 'FollowerSkipped' : 'FollowerLate');
      if (kind === 'skipped') skipped(store);
    },
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

/** Characters of the longest key that there can be. */
const LONGEST_KEY = 250;

/** @param count adds one to the metric of that name. */
export function toldKeys(
  logger: Pick<RequestLog, 'info'>,
  count: (metric: string) => void,
): (place: Place) => void {
  return ({ collection, key }) => {
    count('KeysBusy');
    logger.info(
      'KEY_BUSY: other writes of this document are under way or were slow, and this one was refused',
      {
        collection,
        key: shortened(key, LONGEST_KEY),
      },
    );
  };
}
