/** Looks at both stores, through the connections of the functions or through an operator's own. */
import { type Parsed, subjectsOf } from '../configuration/configuration.ts';
import type { Seen } from '../diagnosis/diagnosis.ts';
import type { CouchbaseConnection } from '../stores/couchbase/connection.ts';
import { examineCouchbase } from '../stores/couchbase/examine.ts';
import type { CouchbaseLogin } from '../stores/couchbase/login.ts';
import type { Watch } from '../stores/measure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { examineLogin, examineOracle, examineOwner } from '../stores/oracle/examine.ts';
import type { OracleLogin } from '../stores/oracle/login.ts';
import type { Login } from '../stores/oracle/rights.ts';
import { Selection } from '../stores/selection.ts';

export interface Looked {
  readonly configuration: Pick<Parsed, 'collections' | 'timing'>;
  /** Null where Couchbase is not kept any more. */
  readonly couchbase: {
    readonly connection: CouchbaseConnection;
    readonly login: () => Promise<CouchbaseLogin>;
  } | null;
  readonly oracle: {
    readonly connection: OracleConnection;
    readonly login: () => Promise<OracleLogin>;
    /** What functions log in as this user for. */
    readonly logins: readonly Login[];
  };
  /** Other logins of the functions; none where they are not looked at. */
  readonly others?: readonly Looked['oracle'][];
  /** The login that owns the tables; none where it is not looked at. */
  readonly owner?: Pick<Looked['oracle'], 'connection' | 'login'>;
  readonly watch: Watch;
  /** Whether there is time for another question. */
  timely(): boolean;
}

/** Milliseconds for one question at most: a view that takes longer does more harm than its answer does good. */
const LONGEST = 2000;

/** Changes nothing, and never rejects for what a store does. */
export async function lookAt({
  configuration,
  couchbase,
  oracle,
  others = [],
  owner,
  watch,
  timely,
}: Looked): Promise<Seen> {
  const timeout = Math.min(configuration.timing.call, LONGEST);
  const asked = { watch, timeout, timely };
  const keyspaces = Object.entries(configuration.collections).map(
    ([name, { couchbase: keyspace }]) => [name, keyspace] as const,
  );
  const selections = new Map(
    Object.entries(configuration.collections).map(([name, { keys }]) => [name, new Selection(keys)]),
  );
  const [first, second, third] = await Promise.all([
    couchbase === null
      ? null
      : examineCouchbase(couchbase.connection, couchbase.login, {
          ...{ ...asked, keyspaces: Object.fromEntries(keyspaces) },
          takes: (name, key) => selections.get(name)?.takes(key) ?? true,
        }),
    examineOracle(oracle.connection, oracle.login, {
      ...{ ...asked, subjects: subjectsOf(configuration), logins: oracle.logins },
    }),
    owner === undefined ? undefined : examineOwner(owner.connection, owner.login, asked),
  ]);
  const rest = await Promise.all(
    others.map(async ({ connection, login, logins }) => {
      const used = { ...asked, subjects: subjectsOf(configuration), logins };
      return { logins, facts: await examineLogin(connection, login, used) };
    }),
  );
  return { couchbase: first, oracle: second, others: rest, ...(third === undefined ? {} : { owner: third }) };
}
