/** Who may do what in Oracle: the grants of the three logins, on a server that enforces them. */
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import oracledb from 'oracledb';
import { NotDurable } from '../../../functions/books/not_durable.ts';
import { CERTIFICATES, SCRATCH_TABLE } from '../../../functions/stores/oracle/certification_tables.ts';
import { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { CONTROL, OWNERS } from '../../../functions/stores/oracle/control_tables.ts';
import { examineLogin } from '../../../functions/stores/oracle/examine.ts';
import { NOT_DURABLE } from '../../../functions/stores/oracle/not_durable_table.ts';
import { revoked } from '../../../functions/stores/oracle/revoke.ts';
import {
  CONTROL_RIGHTS,
  LOGINS,
  type Login,
  privilegesOf,
  rightOn,
} from '../../../functions/stores/oracle/rights.ts';
import {
  collectionSubjects,
  grants as grantsOf,
  oneUser,
  SCHEMA_TABLE,
  tablesOf,
} from '../../../functions/stores/oracle/schema.ts';
import { SQL_CHANGES } from '../../../functions/stores/oracle/sql_changes_table.ts';
import { upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import { needsOf } from '../../../infra/local/servers/oracle/sql/needs.ts';
import { tokensOf } from '../../../infra/local/servers/oracle/sql/tokens.ts';
import { type Running, startOracle } from '../../../infra/local/servers/oracle/start.ts';
import { grants } from '../../local/oracle/grants.ts';
import { attacks } from './attacks.ts';
import { sqlWatch } from './sql_watch.ts';

const USERS: Readonly<Record<Login, string>> = { serve: 'APP', work: 'WORKER', control: 'CHIEF' };
const OURS = [CONTROL, NOT_DURABLE, SQL_CHANGES, OWNERS, CERTIFICATES, ...SCRATCH_TABLE];
const SUBJECTS = [...OURS, ...collectionSubjects({ name: 'ORDERS', columns: [], projections: [] })];

let server: Running;
let owner: OracleConnection;
before(async () => {
  const names = ['embedded', 'guest', 'one', ...Object.values(USERS)];
  const users = Object.fromEntries(names.map((name) => [name, 'secret']));
  server = await startOracle({ service: 'orders', users, grants: true });
  const login = { connectString: server.connectString, user: 'embedded', password: 'secret' };
  owner = new OracleConnection({ login: async () => login, size: 1, timeout: 60_000 });
  await upgrade(owner, SUBJECTS, USERS, () => {});
});
after(async () => {
  await owner.close();
  await server.stop();
});

async function session(user: string): Promise<oracledb.Connection> {
  const { connectString } = server;
  const opened = await oracledb.getConnection({ connectString, user, password: 'secret' });
  await opened.execute('ALTER SESSION SET CURRENT_SCHEMA = EMBEDDED');
  return opened;
}

grants(() => server);
attacks((login) => session(USERS[login]));
sqlWatch(() => server, Object.values(USERS));

test('each of our tables says who may do what with it, and nobody may delete a document', () => {
  assert.deepEqual(Object.keys(CONTROL_RIGHTS).sort(), tablesOf(OURS).sort());
  const all = grantsOf(SUBJECTS, USERS);
  const deletions = all.filter((text) => text.includes('DELETE'));
  // What nothing needs any more, and what certifications have written.
  assert.deepEqual(
    deletions.map((text) => text.replace(/^GRANT .* DELETE ON /, '')),
    ['FINDINGS', 'REPAIRS', 'LETTERS', 'SET_ASIDE', 'LOAD_PROOF', 'SQL_CHANGES', 'SCRATCH'].map(
      (name) => `CROSSFADE_${name} TO CHIEF`,
    ),
  );
  assert.ok(!all.some((text) => text.includes('CROSSFADE_TABLES')));
  assert.deepEqual(
    all.filter((text) => text.includes('CROSSFADE_AUDIT') || text.endsWith('CROSSFADE_RUNS TO WORKER')),
    ['GRANT READ ON CROSSFADE_RUNS TO WORKER', 'GRANT READ, INSERT ON CROSSFADE_AUDIT TO CHIEF'],
  );
});

/** Of templates the holes are left out: what is named outside of them is what matters here. */
async function statements(): Promise<{ readonly file: string; readonly text: string }[]> {
  const found: { file: string; text: string }[] = [];
  for await (const file of glob('functions/{books,stores/oracle}/*.ts', {
    exclude: ['**/{tombstones,owners,upgrade,schema,control_tables}.ts'],
  })) {
    // Pieces that are added up are one text.
    const source = (await readFile(file, 'utf8')).replaceAll(/['`] \+\s*['`]/g, '');
    for (const [, , text = ''] of source.matchAll(/(['`"])((?:INSERT INTO|UPDATE) CROSSFADE_.+?)\1/g))
      found.push({ file, text });
  }
  return found;
}

test('whatever the functions write in our tables, one of the logins may write', async () => {
  const all = await statements();
  assert.ok(all.length > 30, `only ${all.length} statements were found`);
  for (const { file, text } of all) {
    const [need] = needsOf(tokensOf(text.replaceAll(/\$\{[^}]*\}/g, 'hole')));
    const of = LOGINS.flatMap((login) => rightOn(need?.table ?? '', login) ?? []);
    const columns = (need?.columns ?? []).map((name) => name.toLowerCase()).filter((name) => name !== 'hole');
    const may = of.some(({ inserts, updates }) =>
      need?.privilege === 'INSERT'
        ? inserts
        : updates === 'any' || columns.every((name) => updates?.includes(name)),
    );
    assert.ok(may, `${file}: ${text}`);
  }
});

test('one user for all logins may do what all of them need together, and still rewrites no entry of the audit log', async () => {
  await upgrade(owner, SUBJECTS, oneUser('ONE'), () => {});
  const one = await session('one');
  try {
    for (const text of ['UPDATE ORDERS SET version = 1', "UPDATE CROSSFADE_RUNS SET outcome = 'clean'"])
      await one.execute(text);
    await one.execute('UPDATE CROSSFADE_FINDINGS SET looks = 1, seen = NULL');
    await assert.rejects(one.execute("UPDATE CROSSFADE_AUDIT SET actor = 'x'"), { errorNum: 1031 });
    await assert.rejects(one.execute(SCHEMA_TABLE), { errorNum: 1031 });
  } finally {
    await one.close();
  }
});

test('what a version before had granted beyond that is taken back on demand, and only that', async () => {
  const target = { store: 'oracle', operation: 'grant', collection: 'x', key: null } as const;
  const before = ['CROSSFADE_RUNS', 'CROSSFADE_NOT_DURABLE', 'CROSSFADE_AUDIT', 'ORDERS'];
  for (const table of before)
    await owner.use(target, true, (opened) =>
      opened.execute(`GRANT SELECT, INSERT, UPDATE ON ${table} TO APP`),
    );
  const told = await revoked(owner, SUBJECTS, USERS, true);
  assert.ok(told.includes('REVOKE SELECT ON CROSSFADE_RUNS FROM APP'), told.join('\n'));
  assert.deepEqual(await revoked(owner, SUBJECTS, USERS, false), told);
  assert.deepEqual(await revoked(owner, SUBJECTS, USERS, true), []);
  const app = await session('app');
  try {
    for (const text of ['SELECT 1 FROM CROSSFADE_RUNS', "UPDATE CROSSFADE_AUDIT SET actor = 'x'"])
      await assert.rejects(app.execute(text), { errorNum: 942 });
    await app.execute('UPDATE ORDERS SET version = 1 WHERE version = 2');
  } finally {
    await app.close();
  }
});

test('until when writes were not durable can only be raised, by whoever has the login to serve too', async (context) => {
  const as = (user: string) => {
    const login = { connectString: server.connectString, user, password: 'secret', schema: 'EMBEDDED' };
    const connection = new OracleConnection({ login: async () => login, size: 1, timeout: 10_000 });
    context.after(() => connection.close());
    return new NotDurable(connection);
  };
  const [api, controller] = [as('app'), as('chief')];
  assert.equal(await controller.until('orders'), null);
  for (const until of [120_001, 60_000, 120_001]) await api.note('orders', until);
  assert.equal(await controller.until('orders'), 130_000);
  // What functions of before have noted counts as well.
  const target = { store: 'oracle', operation: 'note', collection: 'x', key: null } as const;
  const before = "INSERT INTO CROSSFADE_NOT_DURABLE (collection, until_at) VALUES ('orders', 500000)";
  await owner.use(target, true, (opened) => opened.execute(before, [], { autoCommit: true }));
  assert.deepEqual([await controller.until('orders'), await controller.until('carts')], [500_000, null]);
});

test('a look at a login tells what it lacks, and what it may do beyond what it needs', async (context) => {
  const look = async (user: string, logins: readonly Login[]) => {
    const login = async () => ({
      ...{ connectString: server.connectString, user, password: 'secret', schema: 'EMBEDDED' },
    });
    const connection = new OracleConnection({ login, size: 1, timeout: 10_000 });
    context.after(() => connection.close());
    const asked = { timeout: 10_000, timely: () => true, subjects: SUBJECTS, logins };
    const { answers, missingRights, surplusRights } = await examineLogin(connection, login, asked);
    return [answers, missingRights, surplusRights].map((fact) => (fact.kind === 'read' ? fact.value : fact));
  };
  assert.deepEqual(await look('worker', ['work']), [null, [], []]);
  const [, missing, surplus] = await look('worker', ['serve', 'control']);
  assert.ok((missing as string[]).includes('UPDATE ON CROSSFADE_RUNS'), `${missing}`);
  assert.ok((surplus as string[]).includes('INSERT ON CROSSFADE_PACE'), `${surplus}`);
});

test('the operators’ manual has what each login is granted', async () => {
  const page = await readFile(new URL('../../../infra/README.md', import.meta.url), 'utf8');
  const own: Readonly<Record<string, string>> = {
    ORDERS: "each collection's table",
    ORDER_LINES: "each projection's table",
  };
  for (const table of [...Object.keys(own), ...Object.keys(CONTROL_RIGHTS)]) {
    const isProjection = table === 'ORDER_LINES';
    const cells = LOGINS.map((login) => privilegesOf(rightOn(table, login, isProjection) ?? {}).join(', '));
    const name = own[table] ?? `\`${table}\``;
    const row = `| ${name} | ${cells.join(' | ')} |`;
    assert.ok(page.includes(`${row}\n`), `infra/README.md lacks this row: ${row}`);
  }
});
