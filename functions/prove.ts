/** Lambda: asks Oracle for reads that Couchbase has answered, from their queue. */
import { container, VARIABLES } from './edge/container.ts';
import { variables } from './edge/environment.ts';
import { proofWorker } from './edge/proof_worker.ts';

export const handler = proofWorker(container(variables(process.env, VARIABLES)));
