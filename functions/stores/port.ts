/** The protocol's calls, answered by stores. */
import type { Call, CallName, Calls, Reply } from '../protocol/call.ts';
import type { Content, OracleState } from '../protocol/state.ts';
import type { KeepsChanged } from './changed_by_sql.ts';
import { StoreUnavailable, type Target } from './failure.ts';

/**
 * Whether the caller of a call still waits for it. A call that nobody waits for must send nothing more: the function may be frozen by now, and
 * what it sends when it goes on could come after the bake of a move.
 */
export type IsAwaited = () => boolean;

/** Throws where nobody waits for a call any more: what it has not sent yet, it must not send. */
export function requireAwaited(target: Target, isAwaited: IsAwaited | undefined): void {
  if (isAwaited === undefined || isAwaited()) return;
  throw new StoreUnavailable(target, false, new Error('its caller has stopped waiting before it was sent'));
}

/** What one of the protocol's partners must be able to do for any key: its calls, as methods. */
export type Answers<Partner extends string> = {
  readonly [N in CallName as N extends `${Partner}.${infer Verb}` ? Verb : never]: (
    key: string,
    args: Calls[N]['args'],
    isAwaited?: IsAwaited,
  ) => Promise<Calls[N]['reply']>;
};

/** A look ahead, without asking the store: throws `PoisonDocument` for what it could never take. */
export interface Requires {
  require(key: string, content: Content): void;
}

/** Stores that measure a body before they read it. Those of a model have none to measure. */
export interface Measures<Partner extends 'couchbase' | 'oracle'> {
  /** As `read`. Throws `TooLargeToRead` where the body has more than so many bytes: it is not read then. */
  readUpTo?(key: string, most: number, isAwaited?: IsAwaited): Promise<Calls[`${Partner}.read`]['reply']>;
  /** The same, slower: nothing of the body is asked for before it is measured. */
  readMeasured?(key: string, most: number, isAwaited?: IsAwaited): Promise<Calls[`${Partner}.read`]['reply']>;
}

/** What a look ahead at the configuration cannot tell: the store itself, and what it has refused. */
export interface Foresees {
  /** Throws `PoisonDocument` for what the store has refused within the last minute, without asking it. */
  recall(key: string, content: Content): void;
  /**
   * Throws `PoisonDocument` for what the store refuses now, and `CallFailed` or `OperatorNeeded` where that cannot be told. It asks the store
   * only where something may refuse what `require` lets through, and leaves nothing there.
   */
  ask(key: string, content: Content): Promise<void>;
}

/** Stores whose rows others may change by SQL. Those of a model have none. */
export interface NotesChanges extends KeepsChanged {
  /** Writes down, for operators, that the row of a key was changed without a new version. */
  noteChanged?(key: string, what: 'unversioned', row: OracleState): Promise<void>;
}

export interface Partners {
  readonly couchbase: Answers<'couchbase'>;
  readonly oracle: Answers<'oracle'>;
  readonly receipt: Answers<'receipt'>;
}

/** The same stores, whose reads are of bodies up to so many bytes. Any other call is made as before. Throws as `readUpTo` does. */
export function readingUpTo(
  key: string,
  most: number,
  { couchbase, oracle }: { readonly couchbase: Measures<'couchbase'>; readonly oracle: Measures<'oracle'> },
  port: (call: Call, isAwaited?: IsAwaited) => Promise<Reply>,
): (call: Call, isAwaited?: IsAwaited) => Promise<Reply> {
  return (call, isAwaited) => {
    if (call.name === 'couchbase.read' && couchbase.readUpTo !== undefined)
      return couchbase.readUpTo(key, most, isAwaited);
    if (call.name === 'oracle.read' && oracle.readUpTo !== undefined)
      return oracle.readUpTo(key, most, isAwaited);
    return port(call, isAwaited);
  };
}

/** The port of one key, for `perform`. */
export function portOf(
  key: string,
  partners: Partners,
): (call: Call, isAwaited?: IsAwaited) => Promise<Reply> {
  return (call, isAwaited) => {
    const [partner, verb] = call.name.split('.') as [keyof Partners, string];
    const answers = partners[partner] as unknown as Record<
      string,
      (key: string, args: Call, isAwaited?: IsAwaited) => Promise<Reply>
    >;
    const answer = answers[verb];
    if (answer === undefined) throw new Error(`Nobody answers the call ${call.name}`);
    return answer.call(answers, key, call, isAwaited);
  };
}
