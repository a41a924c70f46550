/** Shows views of the data dictionary, and hides them again. */
import type { EngineSession } from './engine.ts';
import { VIEWS, type ViewName, type ViewRow, viewOf } from './known_views.ts';
import type { Release } from './releases.ts';

/** @param rows null where the view is to be seen no more. Throws for a view or a column that is not known here. */
export async function setView(
  session: EngineSession,
  name: ViewName,
  rows: readonly ViewRow[] | null,
): Promise<void> {
  if (!(name in VIEWS)) throw new Error(`There is no view ${name} here, only ${Object.keys(VIEWS)}`);
  await session.run(rows === null ? `DROP VIEW IF EXISTS "${name}"` : viewOf(name, rows), []);
}

/** The one view of the database's version that every user may read. As of 18c, VERSION has the release alone, and VERSION_FULL the update, too. */
export function versionView({ banner, number }: Release): string {
  const [major, update] = [number >> 24, (number >> 16) & 0xff];
  return viewOf('PRODUCT_COMPONENT_VERSION', [
    { PRODUCT: banner, VERSION: `${major}.0.0.0.0`, VERSION_FULL: `${major}.${update}.0.0.0` },
  ]);
}
