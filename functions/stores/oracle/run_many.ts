/** One statement for many rows, in one round trip, with an outcome for each of them. */
import oracledb from 'oracledb';
import type { Statement } from './statements.ts';

/** The types of the binds, which must be told in advance: of the first row alone the driver would guess them too small. */
const TYPES: Readonly<Record<string, oracledb.BindDefinition>> = {
  key: { type: oracledb.STRING, maxSize: 250 },
  kind: { type: oracledb.STRING, maxSize: 5 },
  version: { type: oracledb.NUMBER },
  version2: { type: oracledb.NUMBER },
  handoff: { type: oracledb.NUMBER },
  handback: { type: oracledb.NUMBER },
  expires: { type: oracledb.NUMBER },
  request: { type: oracledb.STRING, maxSize: 43 },
};

const COPIED: oracledb.BindDefinition = { type: oracledb.STRING, maxSize: 4000 };

/** @param statements with the same text. */
export async function runMany(
  session: oracledb.Connection,
  statements: readonly Statement[],
): Promise<{ rowCounts: readonly number[]; errors: ReadonlyMap<number, Error> }> {
  const rows = statements.map(({ binds }) => binds);
  const [first] = statements;
  if (first === undefined) return { rowCounts: [], errors: new Map() };
  const bindDefs = Object.fromEntries(
    Object.keys(first.binds).map((name) => [
      name,
      TYPES[name] ?? (name.startsWith('c_') ? COPIED : bytesOf(rows, name)),
    ]),
  );
  const options = { bindDefs, batchErrors: true, dmlRowCounts: true };
  const result = await session.executeMany(first.text, rows as oracledb.BindParameters[], options);
  return {
    rowCounts: result.dmlRowCounts ?? [],
    errors: new Map(result.batchErrors?.map((error) => [error.offset as number, error])),
  };
}

/** Bodies, with room for the longest of them. */
function bytesOf(rows: readonly Statement['binds'][], name: string): oracledb.BindDefinition {
  const longest = Math.max(1, ...rows.map((row) => (row[name] as Buffer | null)?.length ?? 0));
  return { type: oracledb.BUFFER, maxSize: longest };
}
