/** Passwords that are refused by a server that locks accounts. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { LoginRecord, LoginState } from '../../../functions/records/login_record.ts';
import { OperatorNeeded } from '../../../functions/stores/failure.ts';
import { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { LoginGate } from '../../../functions/stores/oracle/login_gate.ts';
import type { Running } from '../../../infra/local/servers/oracle/start.ts';

const TARGET = { store: 'oracle', operation: 'read', collection: 'DUAL', key: null } as const;
const SIZE = 3;
/** Milliseconds, far beyond any pause. */
const LONG = 10_000;

interface Shared {
  readonly server: Running;
  readonly records: Map<string, LoginRecord>;
  secret: { readonly version: string; readonly password: string };
}

/** A container's connection to the user `guarded`. */
function containerOf(t: TestContext, shared: Shared): OracleConnection {
  const { records, server } = shared;
  const keep = (version: string, number: number, state: LoginState) =>
    records.set(`${version} ${number}`, { state, at: Date.now() });
  const gate = new LoginGate({
    secret: async () => ({ ...shared.secret, user: 'guarded', connectString: server.connectString }),
    records: async (version) =>
      [...records].filter(([name]) => name.startsWith(`${version} `)).map(([, each]) => each),
    claim: async (version, number) =>
      !records.has(`${version} ${number}`) && !!keep(version, number, 'trying'),
    settle: async (version, number, state) => void keep(version, number, state),
    release: async (version, number) => void records.delete(`${version} ${number}`),
    unnoted: assert.fail,
    ...{ now: Date.now, steady: () => performance.now(), sleep: setTimeout },
  });
  const connection = new OracleConnection({ login: gate.login, gate, size: SIZE, timeout: 3000 });
  t.after(() => connection.close());
  return connection;
}

const read = (connection: OracleConnection) =>
  connection.use(TARGET, false, async (session) => (await session.execute('SELECT 1 FROM dual')).rows);

/** As many calls at the same time as a pool has sessions: what each failed with, or null. */
const together = (connection: OracleConnection) =>
  Promise.all(
    Array.from({ length: SIZE }, () =>
      read(connection).then(
        () => null,
        (error: unknown) => error,
      ),
    ),
  );

/** Reads until it is answered: the secret is not read again before a pause is over. */
async function answered(connection: OracleConnection): Promise<void> {
  for (const end = performance.now() + LONG; ; await setTimeout(20))
    try {
      return void (await read(connection));
    } catch (error) {
      if (performance.now() > end) throw error;
    }
}

/** Declares the tests. @param started has the user `guarded`, whose password is `first`. */
export function refusedLogins(started: () => Running): void {
  test('a changed password is refused once, sessions go on, and the next version of the secret is taken up', async (t) => {
    const server = started();
    const shared: Shared = { server, records: new Map(), secret: { version: 'one', password: 'first' } };
    const open = containerOf(t, shared);
    // One session, which stays, and which parallel calls share from now on.
    await read(open);
    await server.changePassword('guarded', 'second');
    const cold = Array.from({ length: 8 }, () => containerOf(t, shared));
    const [first] = cold;
    const failures = (await together(first as OracleConnection)).concat(
      (await Promise.all(cold.map(together))).flat(),
    );
    for (const failure of failures) assert.ok(failure instanceof OperatorNeeded, String(failure));
    assert.equal(
      failures.filter((failure) => /user name or password was refused/.test(String(failure))).length,
      1,
    );
    for (let n = 0; n < 3; n++) assert.deepEqual(await together(open), [null, null, null]);
    shared.secret = { version: 'two', password: 'second' };
    for (const each of [...cold, open]) await answered(each);
    assert.deepEqual(
      [...shared.records].map(([name, { state }]) => `${name} ${state}`),
      ['one 1 refused', 'two 1 accepted'],
    );
  });
}
