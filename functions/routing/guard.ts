/** What stands between a request's protocol steps and the stores. */
import { type Call, CallFailed, type CallName, type Reply } from '../protocol/call.ts';
import { OperatorNeeded, PoisonDocument } from '../stores/failure.ts';

export type Port = (call: Call) => Promise<Reply>;

const MUTATIONS: ReadonlySet<CallName> = new Set<CallName>([
  'couchbase.upsert',
  'couchbase.remove',
  'couchbase.swap',
  'couchbase.erase',
  'oracle.apply',
  'oracle.write',
  'oracle.swap',
]);

/** The request has no time left for another call that would end before the function does. */
export class OutOfTime extends CallFailed {
  override readonly name = 'OutOfTime';
}

/**
 * - Begins no call that could outlive the function: a call left over would be sent whenever the sandbox thaws, on a
 *   phase that is long over.
 * - Once something may have been written, no refusal by the other store is an answer to the client: the write is then
 *   the receipt's to settle.
 *
 * @param timely whether a call that begins now ends in time.
 * @param causes is given everything that went wrong.
 */
export function guard(port: Port, timely: () => boolean, causes: unknown[]): Port {
  let written = false;
  return async (call) => {
    if (call.name !== 'receipt.sent' && !timely())
      throw new OutOfTime(`No time is left for ${call.name}: the request stops before its function does`);
    try {
      const reply = await port(call);
      written ||= MUTATIONS.has(call.name);
      return reply;
    } catch (error) {
      causes.push(error);
      written ||= error instanceof CallFailed && MUTATIONS.has(call.name);
      const refusal = error instanceof PoisonDocument ? written : error instanceof OperatorNeeded;
      if (!refusal) throw error;
      throw new CallFailed((error as Error).message, { cause: error });
    }
  };
}
