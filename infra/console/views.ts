/** `schema --views`: views for those who read tables of projections by SQL, printed for a DBA. */
import type { Parsed } from '../../functions/configuration/configuration.ts';
import { quoted } from '../../functions/parsing/quoted.ts';
import { liveView, liveViewName } from '../../functions/stores/oracle/live_views.ts';
import { BadCommand } from './service.ts';

/** Statements, and below them what a DBA has to know, as comments of SQL. Throws `BadCommand`. */
export function viewsOf(
  { collections }: Pick<Parsed, 'collections'>,
  name: string,
): { readonly statements: readonly string[]; readonly lines: readonly string[] } {
  const collection = collections[name];
  if (collection === undefined)
    throw new BadCommand(
      `There is no collection ${quoted(name)} in the configuration, only ${Object.keys(collections).join(', ')}`,
    );
  const { table, projections } = collection.oracle;
  if (projections.length === 0)
    throw new BadCommand(
      `NO_PROJECTIONS: the collection ${name} has no tables of its own for SQL, so there is nothing to make a view of: set collections.${name}.oracle.projections`,
    );
  const statements = projections.map((projection) => liveView(table, projection));
  const first = liveViewName(projections[0]?.table ?? '');
  return {
    statements,
    lines: [
      ...statements.map((text) => `${text};\n`),
      '-- Nothing was changed. Run them as the owner of the tables, who needs the privilege CREATE VIEW; Crossfade itself never reads them.',
      '-- They show live documents alone: rows of one that has expired stay in the table until it is swept.',
      `-- Who reads them needs one grant a view and none on the tables: GRANT READ ON ${first} TO user;`,
      '-- Run them again after a column was added to a projection.',
    ],
  };
}
