/** Containers that log in again and again, an account that locks, and a secret, in simulated time. */
import type { LoginRecord } from '../../../functions/records/login_record.ts';
import type { OracleLogin } from '../../../functions/stores/oracle/login.ts';
import { LoginGate, type LoginPorts, type Try } from '../../../functions/stores/oracle/login_gate.ts';
import { SimulatedClock } from '../../runs/simulated_clock.ts';

/** Milliseconds: of a login, of a call of SSM or Secrets Manager, and in which SSM may tell what was before. */
const [LOGIN, CALL, STALE] = [80, 15, 300];
/** As in Oracle's DEFAULT profile. */
export const ATTEMPTS = 10;

/** A reproducible series from 0 up to 1. */
function series(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

interface Kept extends LoginRecord {
  readonly before: LoginRecord | null;
}

export class LoginWorld {
  readonly clock = new SimulatedClock();
  readonly random = series(7);
  secret = { version: 'one', password: 'first' };
  password = 'first';
  /** `ssm` refuses its calls, `oracle` does not answer. */
  away: 'ssm' | 'oracle' | null = null;
  /** Refused logins in a row, and since the beginning. */
  row = 0;
  refused = 0;
  locked = false;
  logins = 0;
  readings = 0;
  readonly unnoted: unknown[] = [];
  readonly #records = new Map<string, Kept>();

  /** @param gated whether containers ask the gate, as they did not always. */
  container(gated = true): Login {
    return new Login(this, gated ? new LoginGate(this.#ports()) : null);
  }

  /** Moves on by so many milliseconds. */
  pass(milliseconds: number): Promise<void> {
    let over = false;
    this.clock.after(milliseconds, () => {
      over = true;
    });
    return this.clock.run(() => over, Infinity);
  }

  /** What is known of a version, in its order. */
  recordsOf(version: string): string[] {
    return [...this.#records].filter(([name]) => name.startsWith(version)).map(([, { state }]) => state);
  }

  async login(password: string): Promise<boolean> {
    await this.clock.sleep(LOGIN);
    if (this.away === 'oracle') throw new Error('NJS-500');
    this.logins++;
    if (this.locked || password !== this.password) {
      this.refused++;
      this.locked ||= ++this.row >= ATTEMPTS;
      return false;
    }
    this.row = 0;
    return true;
  }

  async read(): Promise<OracleLogin> {
    this.readings++;
    await this.clock.sleep(CALL);
    return { connectString: '', user: 'app', ...this.secret };
  }

  #ports(): LoginPorts {
    const { clock } = this;
    const at = (version: string, number: number) => `${version} ${number}`;
    const write = (name: string, state: LoginRecord['state']) => {
      const before = this.#records.get(name) ?? null;
      this.#records.set(name, { state, at: clock.now(), before });
    };
    const called = async () => {
      await clock.sleep(CALL);
      if (this.away === 'ssm') throw new Error('SSM is away');
    };
    return {
      secret: () => this.read(),
      records: async (version) => {
        await called();
        const found: LoginRecord[] = [];
        for (let number = 1; ; number++) {
          const kept = this.#records.get(at(version, number));
          const isLate = kept !== undefined && clock.now() - kept.at < STALE && this.random() < 0.5;
          const seen = isLate ? kept.before : kept;
          if (seen === undefined || seen === null) return found;
          found.push({ state: seen.state, at: seen.at });
        }
      },
      claim: async (version, number) => {
        await called();
        const isFirst = !this.#records.has(at(version, number));
        if (isFirst) write(at(version, number), 'trying');
        return isFirst;
      },
      settle: async (version, number, state) => {
        await called();
        write(at(version, number), state);
      },
      release: async (version, number) => {
        await called();
        this.#records.delete(at(version, number));
      },
      unnoted: (error) => this.unnoted.push(error),
      now: () => clock.now(),
      steady: () => clock.now(),
      sleep: (milliseconds) => clock.sleep(milliseconds),
    };
  }
}

/** One container. */
export class Login {
  readonly #world: LoginWorld;
  readonly #gate: LoginGate | null;
  /** Why the last login failed; null where it did not. */
  failure: unknown = null;
  connected = 0;

  constructor(world: LoginWorld, gate: LoginGate | null) {
    this.#world = world;
    this.#gate = gate;
  }

  /** Logs in once. @param dies whether the container is gone before the outcome is noted. */
  async once(dies = false): Promise<void> {
    try {
      const { version = '', password } = await (this.#gate?.login() ?? this.#world.read());
      const tried = await this.#gate?.admit(version);
      await this.#outcome(tried, password, dies);
      this.failure = null;
      this.connected++;
    } catch (error) {
      this.failure = error;
    }
  }

  /** Logs in again and again, so many milliseconds after the end of the login before. @param until when it ends. */
  async forever(pause: number, until = Infinity): Promise<void> {
    while (this.#world.clock.now() < until) {
      await this.once();
      await this.#world.clock.sleep(pause * (0.5 + this.#world.random()));
    }
  }

  async #outcome(tried: Try | undefined, password: string, dies: boolean): Promise<void> {
    const accepted = await this.#world.login(password).catch(async (error: unknown) => {
      await tried?.unanswered();
      throw error;
    });
    if (dies) throw new Error('died');
    await (accepted ? tried?.accepted() : tried?.refused());
    if (!accepted) throw new Error('ORA-01017');
  }
}
