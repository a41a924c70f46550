/** The routes of single operations: see `OPERATIONS_ROUTE`. */
import { OPERATIONS_ROUTE } from './routes.ts';

/** As the gateway spells it. */
export function routeOf(operation: string): string {
  return OPERATIONS_ROUTE.replace('{operation}', operation);
}

/** The operation that a request is for: the parameter of the common route, or the end of a route of its own. */
export function operationOn(routeKey: string, parameter: string | undefined): string {
  return parameter ?? routeKey.slice(routeKey.lastIndexOf('/') + 1);
}
