/** What the version before has written, as `record.ts` has recorded it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type oracledb from 'oracledb';
import type { SourceNames, TemplateNames } from './names.ts';
import { columnsIn } from './names.ts';
import type { RawDocument, RawTable } from './snapshot.ts';
import type { Invocation, Message } from './taps.ts';

/** The release directly before this one: a release runs beside that one alone. */
const VERSION = 'v0.1.0';
const FOLDER = fileURLToPath(new URL(`./${VERSION}/`, import.meta.url));

interface Recorded {
  readonly 'names.json': {
    readonly source: SourceNames;
    readonly template: TemplateNames;
    readonly tables: Readonly<Record<string, readonly string[]>>;
    readonly metrics: Readonly<
      Record<string, { readonly namespace: string; readonly unit: string; readonly dimensions: string[][] }>
    >;
    readonly logs: Readonly<Record<string, readonly string[]>>;
  };
  readonly 'rows.json': Readonly<Record<string, RawTable>>;
  readonly 'documents.json': Readonly<Record<string, readonly RawDocument[]>>;
  readonly 'parameters.json': Readonly<Record<string, readonly string[]>>;
  readonly 'messages.json': readonly Message[];
  readonly 'invocations.json': readonly Invocation[];
}

export function recorded<Name extends keyof Recorded>(name: Name): Recorded[Name] {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Recorded[Name];
}

/** The statements that have made the tables, in their order. */
export function recordedStatements(): string[] {
  return readFileSync(join(FOLDER, 'schema.sql'), 'utf8')
    .split('\n/\n')
    .filter((each) => each !== '' && !each.startsWith('GRANT'));
}

/** Makes the tables as the version before has made them, with the rows that it has left. */
export async function restore(session: oracledb.Connection): Promise<void> {
  const statements = recordedStatements();
  for (const statement of statements) await session.execute(statement);
  const types = columnsIn(statements);
  for (const [table, { columns, rows }] of Object.entries(recorded('rows.json'))) {
    const places = columns.map((_, n) => `:b${n}`).join(', ');
    const insert = `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`;
    for (const row of rows) {
      const bind = (value: string | null, n: number) => {
        const type = types[table]?.[columns[n] ?? ''];
        if (value === null) return null;
        if (type === 'BLOB') return Buffer.from(value, 'base64');
        return type === 'NUMBER' && !value.includes('.') ? BigInt(value) : value;
      };
      const binds = Object.fromEntries(row.map((value, n) => [`b${n}`, bind(value, n)]));
      await session.execute(insert, binds as oracledb.BindParameters);
    }
    await session.commit();
  }
}
