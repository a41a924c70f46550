/** Who a session has logged in as, for triggers: they run in the engine, which has one user of its own. */
import type { EngineSession } from './engine.ts';

/** Whether there is a trigger at all: without one, nobody has to be told. The same for all sessions. */
export interface Triggers {
  any: boolean;
}

const TOLD =
  "SELECT set_config('crossfade.session_user', $1, true), set_config('crossfade.os_user', $2, true), set_config('crossfade.module', $3, true)";

export class Identity {
  readonly #triggers: Triggers;
  /** The user, the operating system's user, and the module. */
  #told: readonly [user: string, osUser: string, module: string] = ['', '', ''];

  constructor(triggers: Triggers) {
    this.#triggers = triggers;
  }

  /** @param pairs of the first message of a login. The module is the program, where nobody has set another one. */
  asks(pairs: ReadonlyMap<string, string>): void {
    this.#told = ['', pairs.get('AUTH_SID') ?? '', pairs.get('AUTH_PROGRAM_NM') ?? ''];
  }

  loggedIn(user: string): void {
    const [, osUser, module] = this.#told;
    this.#told = [user.toUpperCase(), osUser, module];
  }

  /** For the transaction that has begun just now. */
  async tell(engine: EngineSession): Promise<void> {
    if (this.#triggers.any) await engine.run(TOLD, this.#told);
  }

  /** A statement has been executed that may have made a trigger. */
  defined(text: string): void {
    if (text.includes(' TRIGGER ')) this.#triggers.any = true;
  }
}

/** Of a database that was started again. */
export async function triggersIn(session: EngineSession): Promise<boolean> {
  const { rows } = await session.run('SELECT 1 FROM pg_trigger WHERE NOT tgisinternal LIMIT 1', []);
  return rows.length > 0;
}
