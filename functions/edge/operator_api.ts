/** The HTTP side of operations: who asks for which, and how they are answered. */
import { MoveRefused } from '../control/controller.ts';
import { BadOperation, type Operation, parseOperation } from '../operations/request.ts';
import { type HttpEvent, httpEvent } from './http/event.ts';
import { problemBody } from './http/problem.ts';

export interface OperatorPorts {
  /** Names of those that there are. */
  readonly collections: readonly string[];
  /** @param actor the ARN of who has signed the request. */
  perform(operation: Operation, actor: string): Promise<unknown>;
  readonly logger: {
    info(message: string, about: { readonly operation: string; readonly actor: string }): void;
    error(message: string, error: Error): void;
  };
}

/** Answers any request. Rejects only for an event that is no HTTP request at all. */
export async function serveOperation(event: unknown, ports: OperatorPorts) {
  const http = httpEvent(event);
  try {
    const { operation, actor } = operationIn(http, ports.collections);
    ports.logger.info('An operation', { operation: operation.name, actor });
    return answer(200, JSON.stringify(await ports.perform(operation, actor)));
  } catch (error) {
    const refused = error instanceof BadOperation || error instanceof MoveRefused;
    if (!refused) ports.logger.error('An operation failed', error as Error);
    const problem = { ...(refused ? REFUSED : FAILED), detail: (error as Error).message };
    return answer(problem.status, problemBody(problem, http.requestId), 'application/problem+json');
  }
}

const REFUSED = {
  ...{ slug: 'operation-refused', status: 400 },
  title: 'The operation cannot be done as it is asked for',
};
const FAILED = { slug: 'operation-failed', status: 503, title: 'The operation did not succeed' };

/** Throws `BadOperation`. */
function operationIn({ parameters, body, actor }: HttpEvent, collections: readonly string[]) {
  if (actor === null) throw new BadOperation('Nobody has signed the request: this is a route for operators');
  return { operation: parseOperation(parameters.operation ?? '', jsonIn(body), collections), actor };
}

function jsonIn(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new BadOperation('The body is no JSON');
  }
}

function answer(statusCode: number, body: string, type = 'application/json') {
  return { statusCode, headers: { 'content-type': type, 'cache-control': 'no-store' }, body };
}
