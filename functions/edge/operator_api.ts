/** The HTTP side of operations: who asks for which, and how they are answered. */
import { MoveRefused } from '../control/move_refused.ts';
import { BadOperation, type Operation, parseOperation } from '../operations/request.ts';
import { type Right, RightMissing, requireRight } from '../operations/rights.ts';
import { BadFlag } from '../phases/flags.ts';
import { type HttpEvent, httpEvent } from './http/event.ts';
import { operationOn } from './http/operator_routes.ts';
import { problemBody } from './http/problem.ts';

export interface OperatorPorts {
  /** Names of those that there are. */
  readonly collections: readonly string[];
  /** By which the function was reached; null where by none. */
  readonly right: Right | null;
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
    const { operation, actor } = operationIn(http, ports);
    ports.logger.info('An operation', { operation: operation.name, actor });
    return answer(200, JSON.stringify(await ports.perform(operation, actor)));
  } catch (error) {
    const kind = kindOf(error);
    if (kind === FAILED) ports.logger.error('An operation failed', error as Error);
    const problem = { ...kind, detail: (error as Error).message };
    return answer(problem.status, problemBody(problem, http.requestId), 'application/problem+json');
  }
}

const REFUSED = {
  ...{ slug: 'operation-refused', status: 400 },
  title: 'The operation cannot be done as it is asked for',
};
/** Asked again, the same is refused again. A flag that says nothing is an operator's to mend, and no failure of the function. */
const REFUSALS = [BadOperation, MoveRefused, BadFlag] as const;
const NOT_ALLOWED = { slug: 'right-missing', status: 403, title: 'The operation needs another right' };
const FAILED = { slug: 'operation-failed', status: 503, title: 'The operation did not succeed' };

function kindOf(error: unknown) {
  if (error instanceof RightMissing) return NOT_ALLOWED;
  return REFUSALS.some((kind) => error instanceof kind) ? REFUSED : FAILED;
}

/** Throws `BadOperation`, and `RightMissing`. */
function operationIn(
  { parameters, routeKey, body, actor }: HttpEvent,
  { collections, right }: Pick<OperatorPorts, 'collections' | 'right'>,
) {
  if (actor === null) throw new BadOperation('Nobody has signed the request: this is a route for operators');
  const name = operationOn(routeKey, parameters.operation);
  requireRight(name, right);
  return { operation: parseOperation(name, jsonIn(body), collections), actor };
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
