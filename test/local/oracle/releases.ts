/** What each release of the embedded server takes and says; declared in the test file of the server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import oracledb from 'oracledb';
import { RELEASES, type ReleaseName } from '../../../infra/local/servers/oracle/releases.ts';
import type { Running } from '../../../infra/local/servers/oracle/start.ts';

const OLD = {
  ...{ json: 'ORA-02290 ORA-02290 yes', native: 'ORA-00902', boolean: 'ORA-00902' },
  ...{
    twice: 'ORA-00922',
    gone: 'ORA-00933',
    fromless: 'ORA-00923',
    long: 'ORA-01795',
    words: 'ORA-00001 Help',
    quotes: 'no no',
  },
} as const;
const SEEN = {
  '19c': { version: '19.3.0.0.0', ...OLD },
  '21c-compatible-19': { version: '21.3.0.0.0', ...OLD },
  '21c': { version: '21.3.0.0.0', ...OLD, json: 'yes yes yes', native: 'yes' },
  '23ai': {
    ...{ version: '23.26.0.0.0', json: 'yes yes yes', native: 'yes', boolean: 'yes' },
    ...{ twice: 'yes', gone: 'yes', fromless: 'yes', long: 'yes', words: 'ORA-00001 ORA-03301 Help' },
    quotes: 'yes yes',
  },
} as const satisfies Record<ReleaseName, Record<keyof typeof OLD | 'version', string>>;

const LONG = Array(1001).fill("'k'").join();

/** What a release does, with names of its own. */
async function seenOf(session: oracledb.Connection, own: string): Promise<Record<string, unknown>> {
  const said = (sql: string, binds: oracledb.BindParameters = []) =>
    session.execute(sql, binds, { autoCommit: true }).then(
      () => 'yes',
      ({ message }: Error) => Array.from(message.matchAll(/^(ORA-\d+|Help)/gm), ([found]) => found).join(' '),
    );
  const json: string[] = [];
  for (const [n, text] of ['42', 'null', '{}'].entries())
    json.push(
      await said('INSERT INTO released (k, b) VALUES (:k, :b)', { k: `${own}${n}`, b: Buffer.from(text) }),
    );
  const { rows } = await session.execute('SELECT version_full FROM PRODUCT_COMPONENT_VERSION');
  assert.deepEqual(rows, [[session.oracleServerVersionString]]);
  const short = async (sql: string) => (await said(sql)).split(' ')[0];
  return {
    version: session.oracleServerVersionString,
    json: json.map((text) => text.split(' ')[0]).join(' '),
    native: await short(`CREATE TABLE native_${own} (j JSON)`),
    boolean: await short(`CREATE TABLE boolean_${own} (j BOOLEAN)`),
    twice: await short('CREATE TABLE IF NOT EXISTS released (k NUMBER)'),
    gone: await short(`DROP TABLE IF EXISTS nowhere_${own}`),
    fromless: await short('SELECT 1'),
    long: await short(`SELECT k FROM released WHERE k IN (${LONG})`),
    words: await said('INSERT INTO released (k) VALUES (:k)', { k: `${own}2` }),
    quotes: await quotes(session, own),
  };
}

/** Whether it quotes what it refuses: a row that is there already, and one that a constraint refuses. */
async function quotes(session: oracledb.Connection, own: string): Promise<string> {
  const found: string[] = [];
  for (const [sql, binds] of [
    ['INSERT INTO released (k) VALUES (:k)', { k: `${own}2` }],
    ['INSERT INTO released (k, b) VALUES (:k, :b)', { k: `${own}new`, b: Buffer.from('{') }],
  ] as const)
    await assert.rejects(session.execute(sql, binds), ({ message }: Error) => {
      found.push(message.includes(own) ? 'yes' : 'no');
      return true;
    });
  return found.join(' ');
}

export function releases(running: () => Running): void {
  test('each release takes what it knows, and says so', async () => {
    const [server, seen] = [running(), new Map<string, unknown>()];
    const opened = () =>
      oracledb.getConnection({ user: 'app', password: 'secret', connectString: server.connectString });
    const columns =
      'k VARCHAR2(9 BYTE) PRIMARY KEY, b BLOB, CONSTRAINT released_json CHECK (b IS JSON FORMAT JSON)';
    const first = await opened();
    await first.execute(`CREATE TABLE released (${columns})`);
    await first.close();
    try {
      for (const [n, release] of (Object.keys(RELEASES) as ReleaseName[]).entries()) {
        await server.release(release);
        const session = await opened();
        seen.set(release, await seenOf(session, `r${n}`));
        await session.close();
      }
    } finally {
      await server.release('19c');
    }
    assert.deepEqual(Object.fromEntries(seen), SEEN);
  });
}
