/** The operation `accept-identity`: the stores that answer now become those of a collection. */
import { type AcceptPorts, acceptIdentity } from '../identity/accept.ts';
import type { Sight } from '../identity/sight.ts';
import type { Caller } from './caller.ts';
import { BadOperation, type OperationOf } from './request.ts';

export interface Accepted {
  readonly collection: string;
  /** What each store was and is. */
  readonly before: readonly Sight[];
}

/** Throws `BadOperation` where nothing was accepted. */
export async function accept(
  operation: OperationOf<'accept-identity'>,
  { enter }: Caller,
  ports: Omit<AcceptPorts, 'audit'>,
): Promise<Accepted> {
  const done = await acceptIdentity(operation, { ...ports, audit: enter });
  if ('refused' in done) throw new BadOperation(done.refused);
  return { collection: operation.collection, before: done.before };
}
