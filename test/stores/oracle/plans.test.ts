/**
 * Which index each statement that pages through a table can be answered by, in the order of its rows and without a sort. PostgreSQL says so, which
 * knows no hints: this shows that the index is there and fits the statement, and nothing of Oracle's optimizer.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { PGlite } from '@electric-sql/pglite';
import { KINDS, oldStatement } from '../../../functions/books/kept.ts';
import type { Projection } from '../../../functions/projection/projection.ts';
import { CONTROL } from '../../../functions/stores/oracle/control_tables.ts';
import { firstRows } from '../../../functions/stores/oracle/first_rows.ts';
import { indexStatement, spanStatement } from '../../../functions/stores/oracle/handed_off.ts';
import { keysStatement } from '../../../functions/stores/oracle/inspect.ts';
import { KEPT_INDEXES, keptIndex } from '../../../functions/stores/oracle/kept_indexes.ts';
import { rowsStatement } from '../../../functions/stores/oracle/listed_versions.ts';
import { orphansStatement } from '../../../functions/stores/oracle/projected_rows.ts';
import { collectionSubjects } from '../../../functions/stores/oracle/schema.ts';
import { inMemory } from '../../../infra/local/servers/oracle/snapshot.ts';
import { jsonFunctions } from '../../../infra/local/servers/oracle/sql/json.ts';
import { textFor, translate } from '../../../infra/local/servers/oracle/sql/translate.ts';

const engineText = (sql: string) => textFor(translate(sql), []);

const LINES: Projection = {
  ...{
    table: 'LINES',
    where: [],
    each: 'lines',
    columns: [],
    identifiedBy: null,
    foreignKey: false,
    indexes: [],
  },
};

let database: PGlite;
before(async () => {
  database = await inMemory();
  for (const text of jsonFunctions(19)) await database.exec(text);
  const orders = { name: 'ORDERS', columns: [], projections: [LINES] };
  const subjects = [CONTROL, ...KEPT_INDEXES, ...collectionSubjects(orders)];
  for (const sql of subjects.flatMap(({ steps }) => steps.flat())) await database.exec(engineText(sql));
  // Whatever a table of no rows costs.
  await database.exec('SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off');
});
after(() => database.close());

async function planOf(sql: string): Promise<string> {
  // The protocol for simple queries takes a text with parameters that have no values.
  const [{ rows = [] } = {}] = await database.exec(`EXPLAIN (GENERIC_PLAN) ${engineText(sql)}`);
  return rows.map((row) => String(row['QUERY PLAN'])).join('\n');
}

const KEY = /Limit.*\n[\s\S]*Index (Only )?Scan using "ORDERS_PK"/;
const SHARDS = [
  { after: null, upTo: null },
  { after: 'a', upTo: 'b' },
];

test('pages of a collection’s table are read by its key, and sorted by nothing', async () => {
  for (const shard of SHARDS)
    for (const { text } of [
      keysStatement('ORDERS', shard, 'all', 10, 0, []),
      keysStatement('ORDERS', shard, 'handed-off', 10, 0, []),
      rowsStatement('ORDERS', shard, { limit: 10, now: 0, columns: [] }),
      spanStatement('ORDERS', shard, 10),
    ]) {
      const plan = await planOf(text);
      assert.match(plan, KEY, text);
      assert.doesNotMatch(plan, /Sort|Seq Scan/, text);
      assert.match(text, /\/\*\+ INDEX\(ORDERS \(DOC_KEY\)\) \*\/.*ORDER BY doc_key\) WHERE ROWNUM <= :most/);
    }
});

test('rows of no document are found by the key of their table, each by the key of the documents', async () => {
  for (const shard of SHARDS) {
    const { text } = orphansStatement(LINES, 'ORDERS', shard, 10);
    const plan = await planOf(text);
    assert.match(
      plan,
      /Limit.*\n[\s\S]*Index (Only )?Scan using "LINES_PK"[\s\S]*Index Scan using "ORDERS_PK"/,
      text,
    );
    assert.doesNotMatch(plan, /Sort|Seq Scan|Hash/, text);
    assert.match(text, /\/\*\+ INDEX\(LINES \(DOC_KEY PLACE\)\) \*\//);
  }
});

test('rows that are handed off are found by an index that holds nothing else', async () => {
  for (const shard of SHARDS) {
    const { text } = indexStatement('ORDERS', shard, 10);
    const plan = await planOf(text);
    assert.match(plan, /Limit.*\n[\s\S]*Index (Only )?Scan using "ORDERS_HANDED_OFF"/, text);
    assert.doesNotMatch(plan, /Sort|Seq Scan|"ORDERS_PK"/, text);
  }
});

test('what control tables have kept for long enough is found by when it was over', async () => {
  for (const name of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
    const [text, index] = [oldStatement(name), keptIndex(KINDS[name].table)];
    // PostgreSQL may begin with the runs whose findings are over; the hint has Oracle begin with the time.
    const plan = await planOf(text.replace(` AND ${KINDS[name].done}`, ''));
    assert.match(plan, new RegExp(`Index (Only )?Scan using "${index}"`), text);
    assert.doesNotMatch(plan, new RegExp(`Seq Scan on "${KINDS[name].table}"`), text);
    assert.match(text, new RegExp(`INDEX\\(${KINDS[name].table} ${index}\\)`));
  }
});

test('a statement that no index fits is known by its plan', async () => {
  const plan = await planOf(
    firstRows({ table: 'ORDERS', columns: ['doc_key'], where: [], index: ['KIND'], order: ['kind'] }),
  );
  assert.match(plan, /Sort/);
  assert.match(plan, /Seq Scan|Index/);
});
