/** What operators get to know of the requests of the API: a metric and a line of the log for each that did not end well. */
import { PhaseUnknown } from '../phases/phase_cache.ts';
import type { Told } from './http/api.ts';

export interface RequestLog {
  info(message: string, about: Readonly<Record<string, unknown>>): void;
  warn(message: string, about: Readonly<Record<string, unknown>>): void;
  error(message: string, error: Error): void;
}

/** @param count adds one to the metric of that name. */
export function toldRequests(logger: RequestLog, count: (metric: string) => void): Told {
  return {
    doubt: ({ collection, key }, kind, causes) => {
      count(kind === 'unknown' ? 'OutcomesUnknown' : 'StoresUnavailable');
      logger.warn('A request was answered 503', { collection, key, kind, causes });
    },
    failed: (error) => {
      count(error instanceof PhaseUnknown ? 'LeaseRefusals' : 'RequestsFailed');
      logger.error('A request failed', error as Error);
    },
    refused: ({ slug, detail }) => {
      if (slug === 'unstorable') count('UnstorableRefused');
      if (slug === 'too-many-requests') count('CallersLimited');
      logger.info('A request was refused', { problem: `${slug}: ${detail}` });
    },
    notGranted: (collection, verb, caller) => {
      count('NotGranted');
      logger.warn('A token does not grant a request', { collection, verb, caller });
    },
    unstorable: ({ collection, key }, caller) => {
      count('UnstorableAccepted');
      logger.warn('A write was acknowledged that Oracle can never take', { collection, key, caller });
    },
  };
}
