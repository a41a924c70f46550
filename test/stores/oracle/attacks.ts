/** What whoever has one of the logins cannot do: the server refuses it, whatever code asks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type oracledb from 'oracledb';
import type { Login } from '../../../functions/stores/oracle/rights.ts';

export type Session = (login: Login) => Promise<oracledb.Connection>;

const [NOT_THERE, NOT_GRANTED] = [942, 1031];

/** What is tried, with the number that it is refused with; null for what the login needs, so that the list can fail. */
const ATTACKS: Readonly<Record<Login, readonly (readonly [string, string, number | null])[]>> = {
  serve: [
    ['read a document', 'SELECT body FROM ORDERS', null],
    ['forge a clean verification', RUN(), NOT_THERE],
    ['end a run as clean', "UPDATE CROSSFADE_RUNS SET outcome = 'clean'", NOT_THERE],
    ['look at runs', 'SELECT run_id FROM CROSSFADE_RUNS', NOT_THERE],
    ['close dead letters', "UPDATE CROSSFADE_LETTERS SET state = 'settled'", NOT_THERE],
    ['write an entry of the audit log', AUDIT(), NOT_THERE],
    ['rewrite the audit log', "UPDATE CROSSFADE_AUDIT SET action = 'nothing to see here'", NOT_THERE],
    ['lift the pace', 'UPDATE CROSSFADE_PACE SET next_at = 0', NOT_THERE],
    ['move a checkpoint', "UPDATE CROSSFADE_SHARDS SET state = 'done'", NOT_THERE],
    ['settle findings', "UPDATE CROSSFADE_FINDINGS SET verdict = 'passed'", NOT_THERE],
    ['accept another store', "UPDATE CROSSFADE_IDENTITIES SET marks = '{}'", NOT_THERE],
    ['hide a loss of commits', 'UPDATE CROSSFADE_HEARTBEAT SET beat = 9', NOT_THERE],
    [
      'lower until when writes were not durable',
      'UPDATE CROSSFADE_NOT_DURABLE_UNTIL SET until_at = 0',
      NOT_GRANTED,
    ],
    ['lower what was noted of it before', 'UPDATE CROSSFADE_NOT_DURABLE SET until_at = 0', NOT_THERE],
    ['forget it', 'DELETE FROM CROSSFADE_NOT_DURABLE_UNTIL', NOT_GRANTED],
    ['hide what SQL has changed', 'DELETE FROM CROSSFADE_SQL_CHANGES', NOT_THERE],
    ['decide on a conflict', "UPDATE CROSSFADE_SET_ASIDE SET state = 'kept'", NOT_GRANTED],
    ['drop what was set aside', 'DELETE FROM CROSSFADE_SET_ASIDE', NOT_GRANTED],
    ['delete documents', 'DELETE FROM ORDERS', NOT_GRANTED],
    ['drop a table', 'DROP TABLE ORDERS', NOT_GRANTED],
    ['make a table', 'CREATE TABLE MINE (k NUMBER)', NOT_GRANTED],
    ['grant itself more', 'GRANT DELETE ON ORDERS TO app', NOT_GRANTED],
    ['name the schema', 'DELETE FROM embedded.CROSSFADE_AUDIT', NOT_THERE],
  ],
  work: [
    ['read runs', 'SELECT run_id FROM CROSSFADE_RUNS', null],
    ['forge a clean verification', RUN(), NOT_GRANTED],
    ['end a run as clean', "UPDATE CROSSFADE_RUNS SET outcome = 'clean'", NOT_GRANTED],
    ['lock runs', 'SELECT run_id FROM CROSSFADE_RUNS FOR UPDATE', NOT_GRANTED],
    ['write an entry of the audit log', AUDIT(), NOT_THERE],
    ['put another document into a letter', "UPDATE CROSSFADE_LETTERS SET doc_key = 'x'", NOT_GRANTED],
    ['hide what SQL has changed', 'DELETE FROM CROSSFADE_SQL_CHANGES', NOT_GRANTED],
    ['leave documents out', 'UPDATE CROSSFADE_LEFT_OUT SET holds = 1', NOT_GRANTED],
    ['decide on a conflict', "UPDATE CROSSFADE_SET_ASIDE SET state = 'kept'", NOT_GRANTED],
    ['accept what a preflight has found', 'UPDATE CROSSFADE_PREFLIGHTS SET accepted = 9', NOT_THERE],
    ['delete documents', 'DELETE FROM ORDERS', NOT_GRANTED],
  ],
  control: [
    ['read the audit log', 'SELECT seq FROM CROSSFADE_AUDIT', null],
    ['rewrite the audit log', "UPDATE CROSSFADE_AUDIT SET action = 'nothing to see here'", NOT_GRANTED],
    ['cut the audit log', 'DELETE FROM CROSSFADE_AUDIT', NOT_GRANTED],
    ['make another run of one that has ended', "UPDATE CROSSFADE_RUNS SET kind = 'verify'", NOT_GRANTED],
    ['lift the pace', 'UPDATE CROSSFADE_PACE SET next_at = 0', NOT_THERE],
    ['change which collection a table belongs to', 'DELETE FROM CROSSFADE_TABLES', NOT_THERE],
    ['say that steps of the tables were made', 'UPDATE CROSSFADE_SCHEMA SET version = 99', NOT_THERE],
    ['delete documents', 'DELETE FROM ORDERS', NOT_GRANTED],
  ],
};

function RUN(): string {
  return (
    'INSERT INTO CROSSFADE_RUNS (run_id, kind, collection, stamp, options, phase, started, finished, outcome) ' +
    "VALUES ('forged', 'verify', 'orders', 's', '{}', 'expand', 1, 2, 'clean')"
  );
}

function AUDIT(): string {
  return "INSERT INTO CROSSFADE_AUDIT (seq, at, actor, action, detail, hash) VALUES (9, 1, 'nobody', 'force', '', 'x')";
}

/** Declares the tests. @param open a session with a login, in the schema of the tables. */
export function attacks(open: Session): void {
  for (const [login, tried] of Object.entries(ATTACKS) as [Login, (typeof ATTACKS)['serve']][])
    test(`whoever has the login to ${login} can do no more than its functions need`, async (context) => {
      const session = await open(login);
      context.after(() => session.close());
      for (const [what, statement, number] of tried) {
        const refused = await session.execute(statement).then(
          () => null,
          (error: { errorNum?: number }) => error.errorNum,
        );
        await session.rollback();
        assert.equal(refused, number, what);
      }
    });
}
