/** The tables of the operators' manual that say what to do when something is wrong: written from the list of game days. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Row } from './day.ts';

export const PAGE = fileURLToPath(new URL('../../infra/README.md', import.meta.url));

const HEADS = {
  alarms: ['## When an alarm goes off', '| alarm | what has happened | what to do |', '|---|---|---|'],
  messages: ['## When something says', '| message | what to do |', '|---|---|'],
} as const satisfies Partial<Record<Row['table'], readonly string[]>>;

/** The page with each table as the rows have it; whatever else the page says stays. Throws where a table has no place in it. */
export function rewritten(page: string, rows: readonly Row[]): string {
  const tables = Object.keys(HEADS) as (keyof typeof HEADS)[];
  return tables.reduce((text, table) => {
    const [title, ...head] = HEADS[table];
    const begin = text.indexOf(`\n${title}\n`);
    const first = text.indexOf('\n|', begin) + 1;
    const end = text.indexOf('\n\n', first) + 1;
    if (begin < 0 || first === 0 || end === 0) throw new Error(`The page has no table under ${title}`);
    const lines = [...head, ...rows.filter((row) => row.table === table).map(lineOf)];
    return `${text.slice(0, first)}${lines.join('\n')}\n${text.slice(end)}`;
  }, page);
}

/** A section of the page, from its title to the next one. Throws where there is none. */
export function sectionOf(page: string, title: string): string {
  const [, section] = page.split(`\n## ${title}\n`);
  if (section === undefined) throw new Error(`The page has no section ${title}`);
  return section.split('\n## ')[0] as string;
}

function lineOf({ signs, happened, advice }: Row): string {
  const cells = [
    signs.map((sign) => `\`${sign}\``).join(', '),
    ...(happened === undefined ? [] : [happened]),
    advice,
  ];
  return `| ${cells.join(' | ')} |`;
}

export function rewritePage(rows: readonly Row[]): void {
  writeFileSync(PAGE, rewritten(readFileSync(PAGE, 'utf8'), rows));
}
