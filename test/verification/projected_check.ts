/** Looks at all tables of the five types, and tells which of them has other rows than the documents of Oracle give, by the test's own reckoning. */
import { READ, rowsOf } from './projected_types.ts';

export type Read = (text: string) => Promise<readonly (readonly unknown[])[]>;

export interface TableDiffers {
  readonly table: string;
  readonly wanted: readonly string[];
  readonly found: readonly string[];
}

/** @param read bodies as bytes. @param documents their table. @param which rows, as a condition. */
export async function tablesDiffer(read: Read, documents: string, which = '1 = 1'): Promise<TableDiffers[]> {
  const wanted: Record<string, string[]> = Object.fromEntries(Object.keys(READ).map((name) => [name, []]));
  for (const [key, kind, body, bytes] of await read(
    `SELECT doc_key, kind, body, bytes FROM ${documents} WHERE ${which}`,
  )) {
    if (kind === 'gone') continue;
    const given = rowsOf(key as string, ((body ?? bytes ?? '') as Buffer | string).toString());
    for (const [name, rows] of Object.entries(given))
      wanted[name]?.push(...rows.map((row) => JSON.stringify([key, ...row])));
  }
  const differing: TableDiffers[] = [];
  for (const [table, columns] of Object.entries(READ)) {
    const rows = await read(`SELECT doc_key, ${columns} FROM ${table} WHERE ${which}`);
    const found = rows.map((row) =>
      JSON.stringify(row.map((value) => (value === null ? null : plain(value)))),
    );
    const all = { table, wanted: (wanted[table] ?? []).sort(), found: found.sort() };
    if (all.wanted.join('\n') !== all.found.join('\n')) differing.push(all);
  }
  return differing;
}

/** Oracle leaves out a zero before the point. */
function plain(value: unknown): string {
  return String(value).replace(/^(-?)\./, '$10.');
}
