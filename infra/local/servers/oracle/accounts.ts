/**
 * Users, their passwords, and how often each was refused in a row. As with Oracle's DEFAULT profile, an account is locked after
 * FAILED_LOGIN_ATTEMPTS refused logins, and a login resets their number. (Oracle Database Security Guide 19c, "Managing Resources with
 * Profiles": 10 attempts, and PASSWORD_LOCK_TIME is a day, which no test lasts: only `unlock` opens the account again.)
 */
import { OraError } from './ora.ts';

const ATTEMPTS = 10;

interface Account {
  /** The present one first; of those before it only what PASSWORD_ROLLOVER_TIME still accepts. */
  readonly passwords: readonly string[];
  readonly refused: number;
}

export class Accounts {
  readonly #accounts: Map<string, Account>;
  readonly #attempts: number;

  /** @param users names and passwords. @param attempts refused logins that lock an account. */
  constructor(users: Readonly<Record<string, string>>, attempts = ATTEMPTS) {
    this.#accounts = new Map(
      Object.entries(users).map(([name, password]) => [
        name.toUpperCase(),
        { passwords: [password], refused: 0 },
      ]),
    );
    this.#attempts = attempts;
  }

  /** Passwords that are accepted; none for a user that does not exist. */
  passwordsOf(user: string): readonly string[] {
    return this.#accounts.get(user.toUpperCase())?.passwords ?? [];
  }

  /** Counts a login. Throws `OraError` where it is refused. @param proven whether the client knew the password. */
  login(user: string, proven: boolean): void {
    const account = this.#accounts.get(user.toUpperCase());
    if (account !== undefined && account.refused >= this.#attempts)
      throw new OraError(28000, 'The account is locked.');
    if (account !== undefined) this.#set(user, { refused: proven ? 0 : account.refused + 1 });
    if (!proven) throw new OraError(1017, 'invalid credential or not authorized; logon denied');
  }

  /** As ALTER USER … IDENTIFIED BY. @param rollover whether the password before is accepted, too. */
  change(user: string, password: string, rollover: boolean): void {
    const [before] = this.passwordsOf(user);
    if (before === undefined) throw new Error(`There is no user ${user} here`);
    this.#set(user, { passwords: rollover ? [password, before] : [password] });
  }

  /** As ALTER USER … ACCOUNT UNLOCK. */
  unlock(user: string): void {
    this.#set(user, { refused: 0 });
  }

  #set(user: string, change: Partial<Account>): void {
    const name = user.toUpperCase();
    this.#accounts.set(name, { ...(this.#accounts.get(name) ?? { passwords: [], refused: 0 }), ...change });
  }
}
