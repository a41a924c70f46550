/** What a look at all documents before a backfill has found, as people read it. */
import type { FilledTable } from '../../../functions/operations/filled_tables.ts';
import type { Preflight } from '../../../functions/operations/preflight.ts';
import type { Fault } from '../../../functions/records/preflight.ts';
import { presentLines } from './load.ts';

export interface Range {
  readonly prefix?: string;
  readonly after?: string;
}

/** Whether nothing speaks against a backfill. */
export function isWell({
  refused,
  tooLarge = 0,
  unread = 0,
  orphans = 0,
  durabilityProblem = null,
}: Preflight): boolean {
  return refused + tooLarge + unread + orphans === 0 && durabilityProblem === null;
}

export function preflightLines(found: Preflight, collection: string): string[] {
  const { checked, refused, notJson, notObject = 0, largest, durabilityProblem = null } = found;
  return [
    `${checked} documents, the largest of ${largest} bytes.`,
    `${notJson} are no JSON: they are kept byte for byte, in a column of their own. ${notObject} are JSON and no object: no column is filled from them.`,
    ...(refused === 0
      ? ['Oracle can hold all of them.']
      : [`${refused} would be set aside:`, ...causeLines(found), ...exampleLines(found, 'refused')]),
    ...filledLines(found),
    ...tooLargeLines(found, collection),
    ...unreadLines(found),
    ...othersLines(found, collection),
    ...(durabilityProblem === null ? [] : [`Couchbase takes no durable writes: ${durabilityProblem}`]),
    ...(found.load === undefined ? [] : presentLines(found.load)),
  ];
}

function causeLines({ causes = {} }: Preflight): string[] {
  const all = Object.entries(causes).sort(([, one], [, other]) => other - one);
  return all.map(([cause, count]) => `  ${String(count).padStart(8)}  ${cause}`);
}

/** Functions of the version before tell examples without their fault: all of them are refused. */
function exampleLines({ samples }: Preflight, wanted: Fault): string[] {
  return samples
    .filter(({ fault = 'refused' }) => fault === wanted)
    .map(({ key, why }) => `  ${JSON.stringify(key)}: ${why}`);
}

function tooLargeLines(found: Preflight, collection: string): string[] {
  const { tooLarge = 0 } = found;
  if (tooLarge === 0) return [];
  return [
    `${tooLarge} are too large for an answer of the API, which can never serve them. Split or delete them and look again, or accept it, before expand: ` +
      `npx crossfade preflight accept ${collection} --too-large ${tooLarge} --why "…"`,
    ...exampleLines(found, 'too-large'),
  ];
}

function unreadLines(found: Preflight): string[] {
  const { unread = 0 } = found;
  if (unread === 0) return [];
  return [
    `${unread} could not be read, twice, while others could, so nobody knows about them. Look at them with --prefix and their keys:`,
    ...exampleLines(found, 'unread'),
  ];
}

/** Of keys that are not the collection's. */
function othersLines(found: Preflight, collection: string): string[] {
  const { checked, ignored = 0, elsewhere = 0, orphans = 0 } = found;
  return [
    ...(checked === 0 && ignored + elsewhere + orphans > 0
      ? [`No document has a key that ${collection} takes: look at its keys in the configuration.`]
      : []),
    ...(ignored === 0
      ? []
      : [`${ignored} more have keys that are ignored: they are never copied, verified or served.`]),
    ...(elsewhere === 0 ? [] : [`${elsewhere} more are those of other collections.`]),
    ...(orphans === 0
      ? []
      : [
          `${orphans} more have keys that match no pattern of any collection, and would stay behind in Couchbase. Take them into a collection (keys), ignore or ` +
            `delete them and look again, or accept it, before expand: npx crossfade preflight accept ${collection} --orphans ${orphans} --why "…"`,
          ...exampleLines(found, 'orphan'),
        ]),
  ];
}

/** How documents fill the tables of projections. */
function filledLines({ checked, projections = [] }: Preflight): string[] {
  return projections.flatMap((table) => [
    `${table.table}: ${table.rows} rows of ${table.taken} documents${table.refused === 0 ? '' : `, ${table.refused} of which it cannot take`}.` +
      (table.counted < checked ? ` ${table.counted} documents were counted alone: --again counts all.` : ''),
    ...(table.taken === 0 ? ['  No document meets what it asks for: look at its where.'] : []),
    ...(table.rows + table.refused > 0
      ? table.columns.map((column) => `  ${columnText(table, column)}`)
      : []),
  ]);
}

function columnText(
  { rows }: FilledTable,
  { name, from, missing, nulled, rounded, refused }: FilledTable['columns'][number],
): string {
  if (rows > 0 && missing === rows)
    return `${name} (${from}): no document has anything there. Look at where it comes from`;
  const others = [
    ...(missing === 0 ? [] : [`${missing} have nothing there`]),
    ...(nulled === 0 ? [] : [`${nulled} do not fit and are NULL`]),
    ...(rounded === 0 ? [] : [`${rounded} are rounded`]),
    ...(refused === 0 ? [] : [`${refused} documents are refused for it`]),
  ];
  return [`${name} (${from}): ${rows - missing - nulled} filled`, ...others].join(', ');
}

/** The command that goes on. */
export function againCommand(collection: string, { prefix, after }: Range): string {
  const options = [
    ...(prefix === undefined ? [] : [` --prefix ${JSON.stringify(prefix)}`]),
    ...(after === undefined ? [] : [` --after ${JSON.stringify(after)}`]),
  ];
  return `npx crossfade preflight ${collection}${options.join('')}`;
}

/** @param last page that has come. */
export function stoppedLine(why: string, command: string, last: Preflight | null): string {
  const far =
    last === null || last.next === null
      ? 'What was looked at is kept'
      : `${last.checked} documents were looked at, up to the key ${JSON.stringify(last.next)}, and what was found is kept`;
  return `${why} ${far}. It goes on there: ${command}`;
}

export function resumedLine({ before = 0 }: Preflight): string {
  return `It goes on after ${before} documents that were looked at before; --again begins anew.`;
}
