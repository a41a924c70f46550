/** Lambda: settles receipts, from their queue. */
import { container, VARIABLES } from './edge/container.ts';
import { variables } from './edge/environment.ts';
import { receiptWorker } from './edge/receipt_worker.ts';
import { newBreaker } from './reconciliation/breaker.ts';
import { OncePerInvocation } from './reconciliation/once.ts';

const environment = variables(process.env, [...VARIABLES, 'DEAD_LETTERS_QUEUE']);

export const handler = receiptWorker(container(environment), environment, {
  breaker: newBreaker(),
  once: new OncePerInvocation(),
});
