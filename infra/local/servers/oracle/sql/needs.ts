/** Which tables a statement names, and which privileges it needs on each of them. */
import type { Token } from './tokens.ts';

export type Privilege = 'READ' | 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE';

export interface Need {
  readonly table: string;
  /** The schema in front of the name; null for the current one. */
  readonly schema: string | null;
  readonly privilege: Privilege;
  /** Columns that are set or inserted; empty where the privilege knows no columns. */
  readonly columns: readonly string[];
}

/** Words that end a list of tables. */
const END = new Set([
  ...['WHERE', 'GROUP', 'ORDER', 'HAVING', 'UNION', 'FETCH', 'FOR', 'SET', 'ON', 'VALUES', 'RETURNING'],
  ...['INNER', 'LEFT', 'SELECT'],
]);

/**
 * Of a statement that reads or changes rows; none for any other. As with SQL92_SECURITY, which is TRUE since 12.2, a change that
 * looks at columns of its table needs SELECT beside it. A query that locks its rows needs SELECT, and not READ.
 */
export function needsOf(tokens: readonly Token[]): Need[] {
  const verb = tokens[0]?.text ?? '';
  const read = (privilege: Privilege, from = 0) =>
    tablesRead(tokens, from).map((name): Need => ({ ...name, privilege, columns: [] }));
  if (verb === 'SELECT') return read(has(tokens, 'UPDATE', 'FOR') ? 'SELECT' : 'READ');
  if (verb === 'MERGE') return ofMerge(tokens, read);
  if (verb !== 'INSERT' && verb !== 'UPDATE' && verb !== 'DELETE') return [];
  const { name, next } = nameAt(tokens, verb === 'UPDATE' ? 1 : 2);
  const columns =
    verb === 'INSERT' ? inserted(tokens, next) : verb === 'UPDATE' ? assigned(tokens, next) : [];
  const looks = has(tokens, 'WHERE') || has(tokens, 'RETURNING');
  return [
    { ...name, privilege: verb, columns },
    ...(looks ? [{ ...name, privilege: 'SELECT', columns: [] } as const] : []),
    ...read('READ', next),
  ];
}

/** It looks for the row, and updates it, or inserts one. */
function ofMerge(tokens: readonly Token[], read: (privilege: Privilege, from: number) => Need[]): Need[] {
  const { name, next } = nameAt(tokens, 2);
  const insert = tokens.findIndex(({ kind, text }) => kind === 'word' && text === 'INSERT');
  return [
    { ...name, privilege: 'UPDATE', columns: assigned(tokens, next) },
    { ...name, privilege: 'INSERT', columns: inserted(tokens, insert + 1) },
    { ...name, privilege: 'SELECT', columns: [] },
    ...read('READ', next),
  ];
}

function has(tokens: readonly Token[], word: string, before?: string): boolean {
  return tokens.some(
    ({ kind, text }, at) =>
      kind === 'word' && text === word && (before === undefined || tokens[at - 1]?.text === before),
  );
}

/** A name, perhaps with a schema in front of it, and where what follows begins. */
function nameAt(tokens: readonly Token[], at: number) {
  const first = tokens[at]?.text ?? '';
  const second = tokens[at + 1]?.text === '.' ? tokens[at + 2]?.text : undefined;
  return second === undefined
    ? { name: { table: first, schema: null }, next: at + 1 }
    : { name: { table: second, schema: first }, next: at + 3 };
}

/** Tables behind FROM and JOIN, also in queries inside of a statement. */
function tablesRead(tokens: readonly Token[], from: number): Pick<Need, 'table' | 'schema'>[] {
  const found: Pick<Need, 'table' | 'schema'>[] = [];
  /** Of each bracket that is open: whether a comma is followed by another table. */
  const lists = [false];
  for (let at = from; at < tokens.length; at++) {
    const { kind, text } = tokens[at] as Token;
    if (text === '(') lists.push(false);
    else if (text === ')') lists.pop();
    else if (kind === 'word' && END.has(text)) lists[lists.length - 1] = false;
    const begins = kind === 'word' && (text === 'FROM' || text === 'JOIN');
    if (!begins && !(text === ',' && lists.at(-1) === true)) continue;
    lists[lists.length - 1] = true;
    const following = tokens[at + 1];
    if (following?.kind === 'word' || following?.kind === 'quoted') found.push(nameAt(tokens, at + 1).name);
  }
  return found;
}

/** Columns in the brackets behind the name of the table. */
function inserted(tokens: readonly Token[], at: number): string[] {
  if (tokens[at]?.text !== '(') return [];
  const end = tokens.findIndex(({ text }, index) => index > at && text === ')');
  return tokens.slice(at + 1, end).flatMap(({ kind, text }) => (kind === 'operator' ? [] : [text]));
}

const ENDS_SET = new Set(['WHERE', 'RETURNING', 'WHEN']);

/** Columns behind SET: each is followed by `=`, outside of brackets and of CASE, before the condition. */
function assigned(tokens: readonly Token[], at: number): string[] {
  const set = tokens.findIndex(({ text }, index) => index >= at && text === 'SET');
  let depth = 0;
  const columns: string[] = [];
  for (let index = set; index >= 0 && index < tokens.length; index++) {
    const { kind, text } = tokens[index] as Token;
    if (depth === 0 && kind === 'word' && ENDS_SET.has(text)) break;
    if (text === '(' || (kind === 'word' && text === 'CASE')) depth++;
    if (text === ')' || (kind === 'word' && text === 'END')) depth--;
    const begins = depth === 0 && (text === 'SET' || text === ',');
    if (begins && tokens[index + 2]?.text === '=') columns.push(tokens[index + 1]?.text ?? '');
  }
  return columns;
}
