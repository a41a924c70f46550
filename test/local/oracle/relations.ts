/** Rules between tables, comments, and MERGE, as tables of projections have them; declared in the test file of the server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import oracledb from 'oracledb';
import type { Running } from '../../../infra/local/servers/oracle/start.ts';

const committed = { autoCommit: true };

export function relations(running: () => Running): void {
  related(running);
  merged(running);
}

async function opened(running: () => Running): Promise<oracledb.Connection> {
  return oracledb.getConnection({ user: 'app', password: 'secret', connectString: running().connectString });
}

function related(running: () => Running): void {
  test('a foreign key holds both ends, and comments are told', async () => {
    const session = await opened(running);
    try {
      await session.execute(
        'CREATE TABLE parents (k VARCHAR2(9 BYTE), CONSTRAINT parents_pk PRIMARY KEY (k))',
      );
      await session.execute(
        'CREATE TABLE children (k VARCHAR2(9 BYTE) NOT NULL, place NUMBER(9) NOT NULL, CONSTRAINT children_pk PRIMARY KEY (k, place), ' +
          'CONSTRAINT children_fk FOREIGN KEY (k) REFERENCES parents (k))',
      );
      const child = () => session.execute("INSERT INTO children (k, place) VALUES ('a', 0)", [], committed);
      await assert.rejects(child(), {
        errorNum: 2291,
        message: /\(EMBEDDED\.CHILDREN_FK\) violated - parent key not found/,
      });
      await session.execute("INSERT INTO parents (k) VALUES ('a')", [], committed);
      await child();
      await assert.rejects(session.execute("DELETE FROM parents WHERE k = 'a'"), { errorNum: 2292 });
      await assert.rejects(session.execute('DROP TABLE parents'), { errorNum: 2449 });
      await session.execute("COMMENT ON COLUMN children.place IS 'it''s the place'");
      await session.execute("COMMENT ON TABLE children IS 'of parents'");
      const { rows } = await session.execute(
        "SELECT comments FROM USER_COL_COMMENTS WHERE table_name = 'CHILDREN' AND column_name = 'PLACE' " +
          "UNION ALL SELECT comments FROM USER_TAB_COMMENTS WHERE table_name = 'CHILDREN'",
      );
      assert.deepEqual(rows, [["it's the place"], ['of parents']]);
      await assert.rejects(session.execute("COMMENT ON INDEX children_pk IS 'x'"), { errorNum: 3001 });
      const kinds = await session.execute(
        "SELECT constraint_type FROM USER_CONSTRAINTS WHERE constraint_name = 'CHILDREN_FK'",
      );
      assert.deepEqual(kinds.rows, [['R']]);
    } finally {
      await session.close();
    }
  });
}

function merged(running: () => Running): void {
  test('the one form of MERGE that is known updates a row, or inserts it, and is counted', async () => {
    const session = await opened(running);
    try {
      await session.execute(
        'CREATE TABLE merged (doc_key VARCHAR2(9 BYTE), n NUMBER, CONSTRAINT merged_pk PRIMARY KEY (doc_key))',
      );
      const text =
        'MERGE INTO merged t USING (SELECT :key AS doc_key FROM DUAL) s ON (t.doc_key = s.doc_key) ' +
        'WHEN MATCHED THEN UPDATE SET n = :c_n WHEN NOT MATCHED THEN INSERT (doc_key, n) VALUES (s.doc_key, :n_n)';
      for (const n of ['1', '2'])
        assert.equal((await session.execute(text, { key: 'a', c_n: n, n_n: n }, committed)).rowsAffected, 1);
      const many = ['a', 'b'].map((key) => ({ key, c_n: '3', n_n: '4' }));
      const result = await session.executeMany(text, many, {
        ...committed,
        batchErrors: true,
        dmlRowCounts: true,
      });
      assert.deepEqual(result.dmlRowCounts, [1, 1]);
      const { rows } = await session.execute('SELECT doc_key, n FROM merged ORDER BY doc_key');
      assert.deepEqual(rows, [
        ['a', 3],
        ['b', 4],
      ]);
    } finally {
      await session.close();
    }
  });
}
