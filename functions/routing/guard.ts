/** What stands between a request's protocol steps and the stores. */
import { type Call, CallFailed, type CallName, type Reply } from '../protocol/call.ts';
import { DurabilityImpossible, OperatorNeeded, PoisonDocument } from '../stores/failure.ts';

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

/** What has become of a request's calls so far. */
export interface Course {
  /** Everything that went wrong. */
  readonly causes: unknown[];
  /** Whether something was written, or may have been. */
  written: boolean;
}

/**
 * - Begins no call that could outlive the function: a call left over would be sent whenever the sandbox thaws, on a
 *   phase that is long over.
 * - Once something may have been written, no refusal by the other store is an answer to the client: the write is then
 *   the receipt's to settle.
 *
 * @param timely whether a call that begins now ends in time.
 * @param course is kept up to date.
 */
export function guard(port: Port, timely: () => boolean, course: Course): Port {
  return async (call) => {
    if (call.name !== 'receipt.sent' && !timely())
      throw new OutOfTime(`No time is left for ${call.name}: the request stops before its function does`);
    try {
      const reply = await port(call);
      course.written ||= MUTATIONS.has(call.name);
      return reply;
    } catch (error) {
      course.causes.push(error);
      course.written ||= isDoubtful(error) && MUTATIONS.has(call.name);
      const refusal = error instanceof PoisonDocument ? course.written : error instanceof OperatorNeeded;
      if (!refusal) throw error;
      throw new CallFailed((error as Error).message, { cause: error });
    }
  };
}

/** A mutation that was refused for want of durability is surely not applied; what else has no clear answer may be. */
function isDoubtful(error: unknown): boolean {
  return error instanceof CallFailed && !(error instanceof DurabilityImpossible);
}
