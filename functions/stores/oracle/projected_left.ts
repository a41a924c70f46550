/** What is left of a document that is deleted in the tables of projections. */
import { project } from '../../projection/project.ts';
import type { OracleConnection } from './connection.ts';
import { holdDocument } from './hold_document.ts';
import { rowsOfKeys } from './projected_rows.ts';
import type { Table } from './table.ts';

/** @param now milliseconds since the epoch. */
export function projectedLeft(connection: OracleConnection, table: Table, now: () => number) {
  const { projections } = table;
  return {
    count: async (key: string): Promise<number> => {
      const [found = new Map()] = await rowsOfKeys(connection, projections, [key]);
      return [...found.values()].reduce((sum, rows) => sum + rows.length, 0);
    },
    /** Not those of a document that is there, or has expired and was not swept. */
    remove: (key: string): Promise<void> =>
      holdDocument(connection, table, key, {
        mend: ({ content }) => (content === null ? project(projections, key, null) : null),
        now: now(),
      }),
  };
}
