/** The copy of shards with tables of projections, beside a bare loop of driver reads that does the same inserts; and beside the copy without them. */
import oracledb from 'oracledb';
import { copyShard } from '../../functions/backfill/copy_shard.ts';
import { portsToCopy } from '../../functions/backfill/ports.ts';
import type { Projection, Source } from '../../functions/projection/projection.ts';
import type { ColumnType } from '../../functions/projection/types/column_type.ts';
import { shardsFrom } from '../../functions/protocol/shard.ts';
import { projectionSubjects } from '../../functions/stores/oracle/projection_tables.ts';
import { Rig } from '../runs/rig.ts';
import { BINDS, createTable, INSERT } from './bare.ts';
import { BATCH, fill, readAll } from './documents.ts';
import { compare } from './rounds.ts';

const [COUNT, LINES] = [2000, 4];

/** An order as services have them. */
const body = (n: number) =>
  Buffer.from(
    JSON.stringify({
      ...{ type: 'order', customer: `customer ${n % 97}`, total: n + 0.25, note: 'x'.repeat(300) },
      lines: Array.from({ length: LINES }, (_, place) => ({
        ...{ sku: `sku-${n}-${place}`, price: place + 0.5, amount: place + 1 },
      })),
    }),
  );

const column = (name: string, source: Source, type: ColumnType) =>
  ({ name, source, type, missing: { kind: 'refuse' }, misfit: { kind: 'refuse' } }) as const;
const TEXT = { kind: 'text', length: 40, unit: 'characters' } as const;
const PRICE = { kind: 'number', precision: 12, scale: 2 } as const;
const headsOf = (table: string): Projection => ({
  ...{ table, where: [{ kind: 'equals', path: 'type', value: 'order' }], each: null },
  ...{ identifiedBy: null, foreignKey: false, indexes: [] },
  columns: [
    column('CUSTOMER', { kind: 'document', path: 'customer' }, TEXT),
    column('TOTAL', { kind: 'document', path: 'total' }, PRICE),
  ],
});
const linesOf = (table: string): Projection => ({
  ...headsOf(table),
  each: 'lines',
  columns: [
    column('SKU', { kind: 'element', path: 'sku' }, TEXT),
    column('PRICE', { kind: 'element', path: 'price' }, PRICE),
    column('AMOUNT', { kind: 'element', path: 'amount' }, { kind: 'number', precision: null, scale: null }),
  ],
});

const OURS = [headsOf('BENCH_HEADS'), linesOf('BENCH_LINES')];
const SAME = [headsOf('BARE_HEADS'), linesOf('BARE_LINES')];

const rig = await Rig.start({ concurrent: true, size: 8, projections: OURS });
const { database } = rig;
const keys = await fill(rig, COUNT, body);
const session = await oracledb.getConnection(database.credentials);
await createTable(session);
for (const { steps } of SAME.flatMap((projection) => projectionSubjects('BARE', projection).slice(0, 1)))
  for (const statement of steps.flat()) await session.execute(statement);

async function empty(): Promise<void> {
  const tables = [database.table.name, 'BARE', ...[...OURS, ...SAME].map(({ table }) => table)];
  for (const table of tables) await session.execute(`DELETE FROM ${table}`, [], { autoCommit: true });
}

/** Documents a second. @param projections those of the table, or none. */
async function ours(projections: readonly Projection[]): Promise<number> {
  await empty();
  const run = await rig.begin(shardsFrom(keys, 1));
  const began = performance.now();
  const { row, work } = await rig.take(run, (await rig.shards(run))[0]?.shard ?? 0);
  const both = { ...rig.both, table: { ...rig.both.table, projections } };
  await copyShard(row, portsToCopy(both, work), { documents: BATCH, bytes: 4_000_000 });
  return (COUNT * 1000) / (performance.now() - began);
}

const HEADS = 'INSERT INTO BARE_HEADS (doc_key, customer, total) VALUES (:k, :customer, :total)';
const ROWS =
  'INSERT INTO BARE_LINES (doc_key, place, sku, price, amount) VALUES (:k, :place, :sku, :price, :amount)';
const string = (maxSize: number) => ({ type: oracledb.STRING, maxSize });
const NUMBER = { type: oracledb.NUMBER };

/** What anybody would write: list, get, insert into three tables. */
async function bare(): Promise<number> {
  await empty();
  const began = performance.now();
  for await (const read of readAll(rig)) {
    const parsed = read.map((each) => ({ k: each.k, order: JSON.parse(each.body.toString()) }));
    await session.executeMany(INSERT, read, { bindDefs: BINDS });
    await session.executeMany(
      HEADS,
      parsed.map(({ k, order: { customer, total } }) => ({ k, customer, total })),
      { bindDefs: { k: string(250), customer: string(160), total: NUMBER } },
    );
    await session.executeMany(
      ROWS,
      parsed.flatMap(({ k, order }) =>
        (order.lines as Record<string, unknown>[]).map((line, place) => ({ k, place, ...line })),
      ),
      {
        bindDefs: { k: string(250), place: NUMBER, sku: string(160), price: NUMBER, amount: NUMBER },
        autoCommit: true,
      },
    );
  }
  return (COUNT * 1000) / (performance.now() - began);
}

console.log(
  `${COUNT} documents of ${body(1).length} bytes, each with a row in one table and ${LINES} in another, batches of ${BATCH}, documents a second, median of 5 rounds`,
);
await compare(
  'with projections, one worker',
  { label: 'backfill', rate: () => ours(OURS) },
  { label: 'bare loop', rate: bare },
  { atLeast: 0.9 },
  COUNT,
);
await compare(
  'with projections, beside none',
  { label: 'with', rate: () => ours(OURS) },
  { label: 'without', rate: () => ours([]) },
);
await session.close();
await rig.stop();
