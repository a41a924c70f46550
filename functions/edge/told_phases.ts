/** What operators get to know where a phase could not be read: a metric and an error of the log, or a warning where no operator is needed. */
import { OldCopyRead } from '../phases/phase_cache.ts';
import type { RequestLog } from './told_requests.ts';

/** @param count adds one to the metric of that name. */
export function toldPhases(
  logger: Pick<RequestLog, 'warn' | 'error'>,
  count: (metric: string) => void,
): (error: unknown) => void {
  return (error) => {
    if (error instanceof OldCopyRead)
      return logger.warn('An old copy of the phase was read, and the newer one stays in force', {
        cause: error.message,
      });
    count('PhaseUnread');
    logger.error('The phase could not be read', error as Error);
  };
}
