/** What lasts for a while and is healed then: stores that are silent, slow or fail now and then, locks, stalled processes, too many requests. */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import oracledb from 'oracledb';
import type { StoreName } from '../../functions/protocol/phase.ts';
import type { Entry } from '../../infra/bundle.ts';
import { DEMO } from '../../infra/demo/settings.ts';
import type { Stage } from '../../infra/demo/stage.ts';
import { OPCODE } from '../../infra/local/servers/couchbase/wire.ts';

/** What is sick: a store, the processes that serve requests, or the queue of receipts. */
export type Patient = StoreName | 'api' | 'queue';

export interface Sickness {
  readonly name: string;
  readonly patient: Patient;
  /**
   * @param milliseconds for which it is meant to last: what heals it is called then.
   * @returns what heals it, and tells how many requests, rows or processes it has struck; 0: it has shown nothing.
   */
  begin(stage: Stage, milliseconds: number): Promise<() => Promise<number>>;
}

type Oracle = Stage['local']['oracle'];
type Couchbase = Stage['local']['couchbase'];
type OracleAction = Parameters<Oracle['fault']>[0]['action'];
type CouchbaseAction = Parameters<Couchbase['fault']>[0]['action'];
/** A fault of every request; with `every` of each second one, and so on. */
type Part<Action> = readonly [action: Action, every?: number];

const CALLS = ['login', 'execute', 'fetch', 'commit', 'ping'] as const;
/** Operations of documents, as functions use them. */
const DOCUMENTS = ['get', 'lookupIn', 'mutateIn', 'set', 'add', 'replace', 'delete'] as const;
const ALL = Object.keys(OPCODE) as (keyof typeof OPCODE)[];

/** Milliseconds by which answers are late: of each third one, each second one of the others, and the rest. */
const LATE = [2000, 3500, 5000] as const;
const SLOW = [
  [{ kind: 'delay', milliseconds: LATE[0] }, 3],
  [{ kind: 'delay', milliseconds: LATE[1] }, 2],
  [{ kind: 'delay', milliseconds: LATE[2] }],
] as const satisfies readonly Part<OracleAction & CouchbaseAction>[];
const GONE = { kind: 'error', number: 3113, text: 'end-of-file on communication channel' } as const;
/** "Temporary failure", as of a node that has no memory left. */
const BUSY = { kind: 'status', status: 0x86 } as const;
const SILENT = { kind: 'silence', applied: false } as const;
const MUTE = { kind: 'silence', applied: true } as const;
const SWALLOWED = { kind: 'blackHole' } as const;

function oracle(
  name: string,
  calls: readonly (typeof CALLS)[number][],
  parts: readonly Part<OracleAction>[],
): Sickness {
  return {
    ...{ name, patient: 'oracle' },
    begin: async ({ local: { oracle: server } }) => {
      for (const operation of calls)
        for (const [action, every = 1] of parts)
          await server.fault({ operation, statement: null, times: null, every, action, name });
      return () => healed(server, name);
    },
  };
}

function couchbase(
  name: string,
  operations: readonly (keyof typeof OPCODE)[],
  parts: readonly Part<CouchbaseAction>[],
): Sickness {
  return {
    ...{ name, patient: 'couchbase' },
    begin: async ({ local: { couchbase: server } }) => {
      for (const operation of operations)
        for (const [action, every = 1] of parts)
          await server.fault({ operation, times: null, every, action, name });
      return () => healed(server, name);
    },
  };
}

async function healed(server: Pick<Oracle, 'calm' | 'struck'>, name: string): Promise<number> {
  await server.calm();
  return (await server.struck(name))[name] ?? 0;
}

/** Rows that it locks, of those with the lowest keys. */
const LOCKED = 200;
/** Milliseconds in which it gets its locks. */
const PATIENCE = 20_000;

/** The embedded Oracle lets all other transactions wait, where Oracle lets those wait that want the same rows. */
const LOCKS: Sickness = {
  ...{ name: 'rows of Oracle are locked by another session', patient: 'oracle' },
  begin: async ({ local: { logins, oracle: server } }) => {
    // What is still on order must strike the service, and not this session.
    await server.calm();
    const session = await oracledb.getConnection(logins.oracle);
    session.callTimeout = PATIENCE;
    const { table } = DEMO.collections.cities.oracle;
    // A change, not FOR UPDATE, which the embedded Oracle refuses where its data lies in a folder.
    const { rowsAffected = 0 } = await session.execute(
      `UPDATE ${table} SET version = version WHERE doc_key IN (SELECT doc_key FROM ${table} WHERE doc_key > ' ' AND ROWNUM <= :most)`,
      { most: LOCKED },
    );
    return async () => {
      await session.rollback();
      await session.close();
      return rowsAffected;
    };
  },
};

/** Refused logins after which the account is locked, also for the right password. */
const REFUSED = 10;

/** Somebody has changed the password, and a program that does not know it has tried the old one until the account was locked. */
const ACCOUNT: Sickness = {
  ...{ name: 'the account in Oracle is locked, and its password is another one', patient: 'oracle' },
  begin: async ({ local: { oracle: server, logins, secrets, deployment } }) => {
    const { serve, work } = logins.functions;
    const why = await Promise.all([serve, work].map((login) => lockedOut(server, login)));
    // Sessions that are open go on: only a container that starts anew has to log in. None is ended in the middle of a request.
    for (const entry of ['api', 'reconcile'] as const) deployment.entry(entry).recycle();
    return async () => {
      for (const { user, password } of [serve, work]) {
        await server.changePassword(user, password);
        await server.unlock(user);
      }
      secrets.putAgain(DEMO.deployment.secrets.oracle);
      secrets.putAgain(DEMO.deployment.secrets.oracleWork);
      return why.every((each) => each.includes('ORA-28000')) ? 1 : 0;
    };
  },
};

type FunctionsLogin = Stage['local']['logins']['functions']['serve'];

/** @returns why the account that is locked now refuses its login. */
async function lockedOut(server: Stage['local']['oracle'], login: FunctionsLogin): Promise<string> {
  await server.changePassword(login.user, randomBytes(12).toString('hex'));
  for (let n = 0; n < REFUSED; n++) await refused(login);
  return refused(login);
}

/** @returns why the login was refused. */
async function refused({ connectString, user, password }: FunctionsLogin): Promise<string> {
  try {
    await (await oracledb.getConnection({ connectString, user, password })).close();
    return '';
  } catch (error) {
    return String(error);
  }
}

/** Milliseconds between two looks for an invocation that is under way, and looks. */
const [LOOK, LOOKS] = [20, 150];

/** As a host that stalls: where that outlasts the function's time, Lambda ends the process. */
function stalled(entry: Entry, name: string): Sickness {
  return {
    ...{ name: `the processes of ${name} are stopped, and go on`, patient: 'api' },
    begin: async ({ local }) => {
      const stalling = local.deployment.entry(entry);
      for (let look = 0; look < LOOKS; look++) {
        const { stalled: struck, goOn } = stalling.stall();
        if (struck > 0)
          return async () => {
            goOn();
            return struck;
          };
        await setTimeout(LOOK);
      }
      return async () => 0;
    },
  };
}

/** Requests at a time: twice as many as there may be invocations of the function. */
const BURST = 2 * DEMO.deployment.concurrency.api;

const OVERLOAD: Sickness = {
  ...{ name: `${BURST} more requests at a time, twice what the API takes`, patient: 'api' },
  begin: async ({ crowd }, milliseconds) => {
    const burst = crowd.burst(BURST, milliseconds);
    burst.catch(() => {});
    return () => burst;
  },
};

const THROTTLED: Sickness = {
  ...{ name: 'SQS throttles every receipt', patient: 'queue' },
  begin: async ({ local: { queues } }) => {
    const struck = queues.behave({ refusals: 1 });
    return async () => {
      queues.behave({});
      return struck.refusals;
    };
  },
};

export const SICKNESSES: readonly Sickness[] = [
  oracle('Oracle is silent', CALLS, [[SILENT]]),
  oracle('Oracle does all, and says nothing', ['execute', 'commit'], [[MUTE]]),
  oracle('connections to Oracle swallow everything', CALLS, [[SWALLOWED]]),
  oracle('Oracle answers after 2 to 5 s', ['execute', 'fetch', 'commit'], SLOW),
  oracle('every second call of Oracle fails', ['execute'], [[GONE, 2]]),
  LOCKS,
  ACCOUNT,
  couchbase('Couchbase is silent', ALL, [[SILENT]]),
  couchbase('Couchbase does all, and says nothing', DOCUMENTS, [[MUTE]]),
  couchbase('connections to Couchbase swallow everything', ALL, [[SWALLOWED]]),
  couchbase('Couchbase answers after 2 to 5 s', DOCUMENTS, SLOW),
  couchbase('every second call of Couchbase fails', DOCUMENTS, [[BUSY, 2]]),
  stalled('api', 'the API'),
  stalled('reconcile', 'the reconciler'),
  stalled('backfill', 'the backfill'),
  stalled('verify', 'the verification'),
  OVERLOAD,
  THROTTLED,
];
