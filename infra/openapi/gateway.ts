/** What API Gateway and Lambda answer in the place of the function. */
import type { Asked } from './problems.ts';

interface GatewayAnswer {
  readonly when: string;
  /** Of its `message`; null where it has no body that anybody could rely on. */
  readonly message: string | null;
}

const MAY = 'A write may have taken effect.';

export const GATEWAY: Readonly<Record<number, GatewayAnswer>> = {
  401: {
    when: 'The token is missing or expired, or has another issuer or audience.',
    message: 'Unauthorized',
  },
  403: { when: 'The token grants the verb on no collection.', message: 'Forbidden' },
  413: {
    when: 'The body is above 10 MB, or the event of the function above 6 MB.',
    message: 'Request Entity Too Large',
  },
  429: { when: 'More requests than the service, or its account, allows.', message: 'Too Many Requests' },
  431: { when: 'The headers have more than 10,240 bytes.', message: null },
  500: {
    when: `The function was ended at its time limit, or has failed. ${MAY}`,
    message: 'Internal Server Error',
  },
  503: {
    when: `No container was free, or the function has not answered within 30 seconds. ${MAY}`,
    message: 'Service Unavailable',
  },
  504: { when: `The time is over. ${MAY}`, message: null },
};

/** Statuses that the gateway can give to such a request. */
export function gatewayStatuses(asked: Asked): number[] {
  const statuses = Object.keys(GATEWAY).map(Number);
  return asked === 'WRITE' ? [] : statuses;
}
