/**
 * Lets a container log in only where the password can be trusted, or where it is this container's turn to try it. What is known of a password is
 * kept outside of Oracle, by the version of the secret (see `records/login_record.ts`):
 *
 * 1. A version that was never seen to work is claimed by one container, before its first login. All others wait for the outcome.
 * 2. Once it was accepted, every container logs in as it likes.
 * 3. A refused login is noted. From then on no container logs in before the pause is over, and then again one alone. Logins that were under way
 *    when the note was made may be refused, too: one of each container at most.
 * 4. A new version of the secret is tried at once.
 *
 * Sessions that are open go on all the while: Oracle checks a password at a login alone.
 */
import { admissionBy, type LoginRecord, type LoginState, pauseAfter } from '../../records/login_record.ts';
import { LoginHeld, LoginNotTried, type OracleLogin } from './login.ts';

export interface LoginPorts {
  /** The secret, as it is now. */
  secret(): Promise<OracleLogin>;
  /** Records of a version, in their order. */
  records(version: string): Promise<readonly LoginRecord[]>;
  /** Makes a record that says `trying`. @returns false where there is one of that number already. */
  claim(version: string, number: number): Promise<boolean>;
  settle(version: string, number: number, state: LoginState): Promise<void>;
  /** Takes back a claim: no password was checked. */
  release(version: string, number: number): Promise<void>;
  /** Called with what went wrong at a record: the login itself has its outcome all the same. */
  unnoted(error: unknown): void;
  /** Milliseconds since the epoch, as all containers count them. */
  now(): number;
  /** Milliseconds on a clock that never goes back. */
  steady(): number;
  sleep(milliseconds: number): Promise<unknown>;
}

/** One login that may be tried; whoever tries it says what has become of it. */
export interface Try {
  accepted(): Promise<void>;
  refused(): Promise<void>;
  /** No password was checked. */
  unanswered(): Promise<void>;
}

/** Milliseconds between looks at a claim of another container. */
const LOOKS = [100, 200, 400, 700, 1000];
/** Milliseconds for which a version that was accepted is not looked up again. */
const FRESH = 100;
/** Milliseconds between looks at a secret whose password was refused, at first and at last. */
const [SOON, LATE] = [1000, 30_000];

interface Known {
  readonly version: string;
  /** Of the last record that was read then. */
  readonly number: number;
  /** When that was, on the steady clock. */
  readonly at: number;
}

interface Held {
  readonly version: string;
  readonly error: LoginHeld;
  /** Milliseconds before the secret is read again, and when they end, on the steady clock. */
  readonly pause: number;
  readonly until: number;
}

export class LoginGate {
  readonly #ports: LoginPorts;
  /** What was accepted last. */
  #accepted: Known | null = null;
  /** The last login of this container that was refused, and until when it tries no other with that version, on the steady clock. */
  #refused: { readonly version: string; readonly until: number } | null = null;
  #held: Held | null = null;

  constructor(ports: LoginPorts) {
    this.#ports = ports;
  }

  /** The secret. Throws `LoginHeld` where its password was refused just now, so that it need not be read again yet. */
  readonly login = async (): Promise<OracleLogin> => {
    const held = this.#heldNow();
    if (held !== null) throw held.error;
    return this.#ports.secret();
  };

  /** Throws `LoginHeld`, or `LoginNotTried`. */
  async admit(version: string): Promise<Try> {
    const held = this.#heldNow();
    if (held?.version === version) throw held.error;
    const accepted = this.#accepted?.version === version ? this.#accepted : null;
    if (accepted !== null && this.#ports.steady() < accepted.at + FRESH)
      return this.#try(version, accepted.number, false);
    for (let look = 0; ; look++) {
      const records = await this.#records(version, accepted !== null);
      if (accepted !== null && records === null) return this.#try(version, accepted.number, false);
      const found = await this.#tryAfter(version, records ?? []);
      if (found !== null) return found;
      const pause = LOOKS[look];
      if (pause === undefined)
        throw new LoginNotTried('Another container tries the password of the secret just now');
      await this.#ports.sleep(pause);
    }
  }

  /** Null while the outcome of another container's try is not known. */
  async #tryAfter(version: string, records: readonly LoginRecord[]): Promise<Try | null> {
    const now = this.#ports.now();
    const admission = admissionBy(records, now);
    if (admission.kind === 'held') throw this.#hold(version, admission.until);
    // Where the refusal of a login could not be noted, its own container knows of it all the same.
    const left = this.#refused?.version === version ? this.#refused.until - this.#ports.steady() : 0;
    if (left > 0) throw this.#hold(version, now + left);
    if (admission.kind === 'admitted') {
      this.#accept(version, records.length);
      return this.#try(version, records.length, false);
    }
    const { number } = admission.kind === 'claim' ? admission : { number: null };
    return number !== null && (await this.#claim(version, number)) ? this.#try(version, number, true) : null;
  }

  #try(version: string, number: number, claimed: boolean): Try {
    const { settle, release, unnoted, steady, now } = this.#ports;
    return {
      accepted: async () => {
        this.#accept(version, number);
        if (claimed) await settle(version, number, 'accepted').catch(unnoted);
      },
      refused: async () => {
        const pause = pauseAfter(number) ?? LATE;
        this.#accepted = null;
        this.#refused = { version, until: steady() + pause };
        this.#hold(version, now() + pause);
        await settle(version, number, 'refused').catch(unnoted);
      },
      unanswered: async () => {
        if (claimed) await release(version, number).catch(unnoted);
      },
    };
  }

  #heldNow(): Held | null {
    return this.#held !== null && this.#ports.steady() < this.#held.until ? this.#held : null;
  }

  #accept(version: string, number: number): void {
    this.#accepted = { version, number, at: this.#ports.steady() };
    this.#held = null;
  }

  /** Null where they cannot be read, although that would be good to know. */
  async #records(version: string, isAccepted: boolean): Promise<readonly LoginRecord[] | null> {
    try {
      return await this.#ports.records(version);
    } catch (error) {
      if (isAccepted) return null;
      throw new LoginNotTried(UNREADABLE, { cause: error });
    }
  }

  async #claim(version: string, number: number): Promise<boolean> {
    try {
      return await this.#ports.claim(version, number);
    } catch (error) {
      throw new LoginNotTried(UNREADABLE, { cause: error });
    }
  }

  #hold(version: string, until: number | null): LoginHeld {
    const { steady, now } = this.#ports;
    const before = this.#held?.version === version ? this.#held.pause : SOON / 2;
    const pause = Math.min(2 * before, LATE);
    const next =
      until === null
        ? 'It is not tried again'
        : `It is tried again at ${new Date(until).toISOString()}, by one container`;
    const error = new LoginHeld(
      `ORACLE_LOGIN_REFUSED: Oracle has refused the user name or the password of version ${version} of the secret. ${next}. Put the right ones into the secret: ` +
        'a new version is tried at once, also one with the same content',
    );
    const left = until === null ? pause : Math.max(0, until - now());
    this.#held = { version, error, pause, until: steady() + Math.min(pause, left) };
    return error;
  }
}

const UNREADABLE =
  'Whether the password of the secret works is not known, and SSM cannot be asked: no container tries it unasked, since refused logins lock the account';
