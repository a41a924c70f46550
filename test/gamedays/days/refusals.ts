/** What stores refuse until somebody has changed something, as logs say it. */
import assert from 'node:assert/strict';
import type { Day, Row } from '../day.ts';
import type { Field } from '../field.ts';
import { schema } from '../schema.ts';

const GRANTS: Row = {
  table: 'messages',
  signs: ['there is no such table, or it may not be seen', 'a privilege is missing', 'a column is missing'],
  advice:
    '`npx crossfade schema --serve USER --work USER --control USER` (with one login `--grant-to USER`), as the owner of the tables, creates and grants all that the configuration needs; a deployment does ' +
    'the same, where the configuration has changed. A column that was dropped is added again, and stays empty in rows that are there',
};

const FULL: Row = {
  table: 'messages',
  signs: [
    'the tablespace … is full',
    'the undo tablespace is full',
    'the quota … is used up',
    'the archiver is stuck',
  ],
  advice: 'make room: receipts and shards wait meanwhile',
};

const LOGIN: Row = {
  table: 'messages',
  signs: ['the user name or password was refused', 'ORACLE_LOGIN_REFUSED'],
  advice:
    'mend the secret: functions read it again by themselves. Oracle is asked again at once where the secret has a new version, and with the refused one after pauses that grow, so that the account is not locked',
};

const CONNECTION: Row = {
  table: 'messages',
  signs: ['ORACLE_TLS_…', 'COUCHBASE_TLS_…', 'ORACLE_CONNECT_STRING', 'ORACLE_WALLET'],
  advice:
    'the connection cannot be made as the secret says: [Connections](#connections) has the codes. Mend the secret, or the server',
};

const UNCLEAR: Row = {
  table: 'messages',
  signs: ['NJS-…', 'ORA-…'],
  advice:
    'within `no clear answer`: Oracle or the way to it; it is tried again. Which ones mean what: [codes.ts](../functions/stores/oracle/codes.ts)',
};

/** Statements on the table of cities fail so until Oracle is told otherwise. */
function refuses(number: number, text: string) {
  return ({ stack }: Field) =>
    stack.stores.oracle.fault({
      ...{ operation: 'execute', statement: 'CITIES', times: null },
      action: { kind: 'error', number, text },
    });
}

/** A function has logged it since. */
function said(text: string) {
  return async (field: Field) => {
    await field.until('nothing says so', () => field.said(text), Boolean);
  };
}

const calm = ({ stack }: Field) => stack.stores.oracle.calm();

export const REFUSALS: readonly Day[] = [
  {
    name: 'column-missing',
    row: GRANTS,
    provoke: (field) => field.sql('ALTER TABLE CITIES DROP COLUMN COUNTRY'),
    expect: said('a column is missing'),
    remedy: async (field) => assert.match(await schema(field, '--grant-to', 'crossfade'), /ADD/),
  },
  {
    name: 'tablespace-full',
    row: FULL,
    // Bodies lie in LOBs, so this one is the first that a full tablespace gives.
    provoke: refuses(1691, 'unable to extend lob segment by 128 in tablespace USERS'),
    expect: said('the tablespace of the LOBs is full'),
    remedy: calm,
  },
  {
    name: 'password-changed',
    row: LOGIN,
    provoke: async (field) => {
      field.secret('crossfade/oracle', { password: 'of before' });
      for (const entry of ['api', 'reconcile', 'control', 'operate'] as const)
        field.stack.deployment.entry(entry).kill();
    },
    expect: said('ORACLE_LOGIN_REFUSED'),
    remedy: async (field) => field.secret('crossfade/oracle', {}),
  },
  {
    name: 'port-without-tls',
    row: CONNECTION,
    provoke: async (field) => {
      const { port } = field.stack.stores.oracle;
      field.secret('crossfade/oracle', { connectString: `tcps://127.0.0.1:${port}/crossfade` });
      for (const entry of ['api', 'reconcile', 'control', 'operate'] as const)
        field.stack.deployment.entry(entry).kill();
    },
    expect: said('ORACLE_TLS_PLAIN_PORT'),
    remedy: async (field) => field.secret('crossfade/oracle', {}),
  },
  {
    name: 'oracle-says-something',
    row: UNCLEAR,
    provoke: refuses(3113, 'end-of-file on communication channel'),
    expect: said('no clear answer (NJS-500'),
    remedy: calm,
  },
];
