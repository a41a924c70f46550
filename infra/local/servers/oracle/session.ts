/** One client that has connected: it logs in, then its calls are answered one after the other. */
import { randomBytes } from 'node:crypto';
import type { Accounts } from './accounts.ts';
import { end } from './answer.ts';
import { Calls } from './calls.ts';
import type { EngineSession } from './engine.ts';
import type { About } from './faults.ts';
import type { Grants } from './grants.ts';
import { Identity, type Triggers } from './identity.ts';
import { LoggedIn } from './logged_in.ts';
import { type Challenge, challenge, type Pair } from './login.ts';
import { dataTypes, protocol } from './negotiate.ts';
import { OraError } from './ora.ts';
import { BadMessage, type Reader } from './reader.ts';
import { explained, RELEASES, type Release } from './releases.ts';
import type { OwnSession } from './sessions.ts';
import { FUNCTION, MESSAGE } from './wire.ts';
import { Writer } from './writer.ts';

export class Session {
  readonly #accounts: Accounts;
  readonly #service: string;
  readonly #grants: Grants | null;
  readonly #identity: Identity;
  readonly #calls: Calls;
  readonly #own: OwnSession | null;
  /** Of the database when the client connected. */
  readonly release: Release;
  /** Whether its client writes as JDBC does: see `Reader`. */
  plain = false;
  #challenge: Challenge | null = null;
  #user: string | null = null;

  /** @param grants that are enforced; null where all users share one schema. @param own what it may do with other sessions. */
  constructor(
    accounts: Accounts,
    service: string,
    engine: EngineSession,
    release: Release = RELEASES['19c'],
    grants: Grants | null = null,
    own: OwnSession | null = null,
    triggers: Triggers = { any: false },
  ) {
    this.#accounts = accounts;
    this.#service = service;
    this.#grants = grants;
    this.#own = own;
    this.#identity = new Identity(triggers);
    this.#calls = new Calls(engine, release, own, this.#identity);
    this.release = release;
  }

  get isLoggedIn(): boolean {
    return this.#user !== null;
  }

  get inTransaction(): boolean {
    return this.#calls.inTransaction;
  }

  /** Breaks off the call that runs, if one does. */
  cancel(): void {
    this.#calls.transactions.cancel();
  }

  /** The client has the answer to its last call. */
  answered(): void {
    this.#calls.transactions.answered();
  }

  /** Undoes the call that the client has broken off. */
  undo(): Promise<void> {
    return this.#calls.transactions.undo();
  }

  /** Rows that the last call has changed. */
  get changed(): number {
    return this.#calls.changed;
  }

  /** What a message is about, without doing anything of it. */
  about(reader: Reader): About {
    const type = reader.u8();
    if (type !== MESSAGE.function && type !== MESSAGE.piggyback) return { operation: -1, sql: '' };
    const { operation } = skipPiggybacks(reader, type, () => {});
    return { operation, sql: this.#calls.sqlOf(operation, reader) };
  }

  /** The answer to a message; empty where the client waits for none. Throws `Incomplete`, `BadMessage`. */
  async answer(reader: Reader): Promise<Buffer> {
    const type = reader.u8();
    if (type === MESSAGE.protocol) return protocol(reader);
    if (type === MESSAGE.dataTypes) return dataTypes(reader);
    if (type === MESSAGE.oneWay) return this.#release(reader);
    const { operation, call } = skipPiggybacks(reader, type, (closed) => this.#calls.close(closed));
    const writer = new Writer(call);
    try {
      if (operation === FUNCTION.authPhaseOne) this.#ask(reader, writer);
      else if (operation === FUNCTION.authPhaseTwo) this.#check(reader, writer);
      else if (this.#user === null) throw new OraError(1012, 'not logged on');
      else await this.#calls.perform(operation, reader, writer);
    } catch (error) {
      if (!(error instanceof OraError)) throw error;
      const failed = new Writer(call);
      end(failed, { error: explained(this.release, error), inTransaction: this.#calls.inTransaction });
      return failed.end();
    }
    return writer.end();
  }

  /** The next call may get any session of the pool; here it gets this one, as it was left. */
  async #release(reader: Reader): Promise<Buffer> {
    if (reader.u8() !== FUNCTION.sessionRelease)
      throw new BadMessage('Nobody here knows that one-way function');
    await this.#calls.transactions.rollback();
    return Buffer.alloc(0);
  }

  /** Nothing of its transaction is left. */
  rollback(): Promise<void> {
    return this.#calls.transactions.rollback();
  }

  async close(): Promise<void> {
    this.#own?.leave();
    await this.#calls.end();
  }

  #ask(reader: Reader, writer: Writer): void {
    const { user, pairs } = readLogin(reader);
    this.#identity.asks(pairs);
    this.#challenge = challenge(this.#accounts.passwordsOf(user), randomBytes);
    writePairs(writer, this.#challenge.pairs);
    end(writer, { inTransaction: false });
  }

  #check(reader: Reader, writer: Writer): void {
    const { user, pairs } = readLogin(reader);
    const proof = this.#challenge?.verify(pairs) ?? null;
    this.#challenge = null;
    this.#accounts.login(user, proof !== null);
    this.#user = user.toUpperCase();
    if (this.#own !== null) this.#own.user = this.#user;
    this.#identity.loggedIn(user);
    this.#calls.who = this.#grants === null ? null : new LoggedIn(user, this.#grants);
    this.plain = pairs.get('SESSION_CLIENT_DRIVER_NAME')?.startsWith('jdbc') === true;
    writePairs(writer, [
      ...(proof ?? []),
      ['AUTH_VERSION_NO', String(this.release.number)],
      ['AUTH_VERSION_STRING', `- ${this.release.banner}`],
      ['AUTH_SC_SERVICE_NAME', this.#service],
      ['AUTH_SC_DBUNIQUE_NAME', this.#service],
      ['AUTH_DBNAME', this.#service],
      ['AUTH_INSTANCENAME', this.#service],
      ['AUTH_SESSION_ID', String(this.#own?.sid ?? 1)],
      ['AUTH_SERIAL_NUM', String(this.#own?.serial ?? 1)],
      ['AUTH_MAX_OPEN_CURSORS', '300'],
      ['AUTH_MAX_IDEN_LENGTH', '128'],
    ]);
    end(writer, { inTransaction: false });
  }
}

/** What a message asks for, and which call of its client that is. */
interface Asked {
  readonly operation: number;
  readonly call: number;
}

/** Requests that ride in front of another; of them only the closing of cursors means anything here. */
function skipPiggybacks(reader: Reader, first: number, close: (cursors: readonly number[]) => void): Asked {
  let type = first;
  for (; type === MESSAGE.piggyback; type = reader.u8()) {
    const operation = reader.u8();
    reader.u8();
    if (operation === FUNCTION.closeCursors || operation === FUNCTION.cancelCursors) {
      reader.u8();
      const cursors = reader.list(reader.ub(), () => reader.ub());
      if (operation === FUNCTION.closeCursors) close(cursors);
    } else if (operation === FUNCTION.setSchema) {
      reader.u8();
      reader.ub();
      reader.bytes();
    } else throw new BadMessage(`Nobody here knows the piggyback ${operation}`);
  }
  if (type !== MESSAGE.function) throw new BadMessage(`Nobody here knows the message ${type}`);
  return { operation: reader.u8(), call: reader.u8() };
}

function readLogin(reader: Reader): { user: string; pairs: ReadonlyMap<string, string> } {
  const hasUser = reader.u8() !== 0;
  const length = reader.ub();
  reader.skipUb();
  reader.u8();
  const count = reader.ub();
  reader.take(2);
  // JDBC does not repeat the length in front of the name.
  const user = !hasUser
    ? ''
    : reader.peek() === length
      ? reader.text()
      : reader.take(length).toString('utf8');
  const pairs = new Map<string, string>();
  for (let i = 0; i < count; i++) {
    reader.ub();
    const name = reader.text();
    const value = reader.ub() > 0 ? reader.text() : '';
    reader.ub();
    pairs.set(name, value);
  }
  return { user, pairs };
}

function writePairs(writer: Writer, pairs: readonly Pair[]): void {
  writer.u8(MESSAGE.parameter).ub(pairs.length);
  for (const [name, value, flag = 0] of pairs) writer.lengthAndText(name).lengthAndText(value).ub(flag);
}
