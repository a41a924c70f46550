/** The protocol's calls, answered by stores. */
import type { Call, CallName, Calls, Reply } from '../protocol/call.ts';
import type { Content } from '../protocol/state.ts';

/** What one of the protocol's partners must be able to do for any key: its calls, as methods. */
export type Answers<Partner extends string> = {
  readonly [N in CallName as N extends `${Partner}.${infer Verb}` ? Verb : never]: (
    key: string,
    args: Calls[N]['args'],
  ) => Promise<Calls[N]['reply']>;
};

/** A look ahead, without asking the store: throws `PoisonDocument` for what it could never take. */
export interface Requires {
  require(key: string, content: Content): void;
}

export interface Partners {
  readonly couchbase: Answers<'couchbase'>;
  readonly oracle: Answers<'oracle'>;
  readonly receipt: Answers<'receipt'>;
}

/** The port of one key, for `perform`. */
export function portOf(key: string, partners: Partners): (call: Call) => Promise<Reply> {
  return (call) => {
    const [partner, verb] = call.name.split('.') as [keyof Partners, string];
    const answers = partners[partner] as unknown as Record<
      string,
      (key: string, args: Call) => Promise<Reply>
    >;
    const answer = answers[verb];
    if (answer === undefined) throw new Error(`Nobody answers the call ${call.name}`);
    return answer.call(answers, key, call);
  };
}
