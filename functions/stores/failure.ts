/**
 * How a store call can fail. Three causes, three classes, since each wants another act: try again later, set a
 * document aside, call an operator. Every message says which store, what it was asked to do, where, and what to do next.
 */
import { quoted, shortened } from '../parsing/quoted.ts';
import { CallFailed } from '../protocol/call.ts';
import type { StoreName } from '../protocol/phase.ts';

/** Where a call was going. `key` is null for a call about no single document. */
export interface Target {
  readonly store: StoreName;
  readonly operation: string;
  readonly collection: string;
  readonly key: string | null;
}

/** Operations of one document that change nothing, and have no receipt. */
const READS: ReadonlySet<string> = new Set(['read', 'measure', 'inspect', 'gone']);

/** The store gave no clear answer: it is away, busy, or silent. Never means "not applied" if `mayHaveApplied`. */
export class StoreUnavailable extends CallFailed {
  override readonly name: string = 'StoreUnavailable';
  readonly target: Target;
  readonly mayHaveApplied: boolean;

  /** @param hint what else could be the reason, as a sentence. */
  constructor(target: Target, mayHaveApplied: boolean, cause: unknown, hint = '') {
    const doubt = mayHaveApplied ? ', it may or may not have been applied' : ', it was not applied';
    const isRead = READS.has(target.operation);
    const next = target.key === null || isRead ? 'Try again.' : 'Its receipt settles the key; try again.';
    const done = isRead ? '' : doubt;
    super(`${where(target)}: no clear answer (${nameOf(cause)})${done}. ${next}${hint && ` ${hint}`}`);
    this.cause = cause;
    this.target = target;
    this.mayHaveApplied = mayHaveApplied;
  }
}

/**
 * Couchbase refuses a durable mutation, since too few replicas of the document are up: it was not applied. It will be possible once
 * they are back, so it is waited for as for a store that is away.
 */
export class DurabilityImpossible extends StoreUnavailable {
  override readonly name = 'DurabilityImpossible';

  constructor(target: Target, cause: unknown, hint = '') {
    super(target, false, cause, `${TOO_FEW_REPLICAS}${hint && ` ${hint}`}`);
  }
}

const TOO_FEW_REPLICAS =
  'DURABILITY_IMPOSSIBLE: too few replicas of the document are up for the durability of its collection. Bring the failed node back, or add ' +
  'one and rebalance; the bucket needs one or two replicas (none on a single node, never three).';

/** The store will never take this document or key, however often it is asked. */
export class PoisonDocument extends Error {
  override readonly name = 'PoisonDocument';
  readonly target: Target;

  constructor(target: Target, why: string, cause?: unknown) {
    super(`${where(target)}: ${why}`, { cause });
    this.target = target;
  }
}

/** Nothing will work before somebody has changed the configuration, the grants or the store itself. */
export class OperatorNeeded extends Error {
  override readonly name = 'OperatorNeeded';
  readonly target: Target;

  constructor(target: Target, why: string, cause?: unknown) {
    super(`${where(target)}: ${why}`, { cause });
    this.target = target;
  }
}

/** A key that a store can have is shown whole; any other may be as long as a request. */
const LONGEST_KEY = 250;
/** Characters of what a driver says. */
const LONGEST_CAUSE = 300;

function where({ store, operation, collection, key }: Target): string {
  return `${store} ${operation} in ${collection}${key === null ? '' : `, key ${quoted(key, LONGEST_KEY)}`}`;
}

/** The name of an error says more than its message, unless it says nothing. */
function nameOf(cause: unknown): string {
  if (!(cause instanceof Error)) return shortened(String(cause), LONGEST_CAUSE);
  return cause.name === 'Error' ? shortened(cause.message, LONGEST_CAUSE) : cause.name;
}

/** A document has a larger body than its reader can use. The body was measured, and not read. */
export class TooLargeToRead extends Error {
  override readonly name = 'TooLargeToRead';
  /** Of the body. */
  readonly bytes: number;
  readonly version: bigint;
  /** Milliseconds since the epoch; null for never. */
  readonly expiresAt: number | null;

  constructor(target: Target, known: Pick<TooLargeToRead, 'bytes' | 'version' | 'expiresAt'>, most: number) {
    super(`${where(target)}: its body has ${known.bytes} bytes, more than the ${most} that are read`);
    this.bytes = known.bytes;
    this.version = known.version;
    this.expiresAt = known.expiresAt;
  }
}

/** A batch that nobody had measured holds more than could be read at once. Nothing has been done with it. */
export class TooHeavy extends Error {
  override readonly name = 'TooHeavy';
}
