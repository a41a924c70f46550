/** What an operation asks of the stores, call by call, in one line: for tables of states and of what becomes of them. */
import { type Call, perform, type Steps } from '../../functions/protocol/call.ts';
import type { Content, OracleState } from '../../functions/protocol/state.ts';
import { documentOf, spelt } from '../model/documents.ts';
import { caughtUp, EMPTY, type World } from '../model/world.ts';
import { Stores } from './stores.ts';

/** `C` is Couchbase, `O` is Oracle, `Q` is the queue of receipts. */
const NAMES: Readonly<Record<Call['name'], string>> = {
  ...{ 'couchbase.read': 'C?', 'couchbase.upsert': 'C=', 'couchbase.remove': 'C removed' },
  ...{ 'couchbase.swap': 'C=', 'couchbase.erase': 'C erased', 'couchbase.gone': 'C gone?' },
  ...{ 'oracle.read': 'O?', 'oracle.apply': 'O copy ', 'oracle.write': 'O write ' },
  ...{ 'oracle.swap': 'O=', 'oracle.keep': 'aside ', 'receipt.send': 'Q', 'receipt.sent': 'Q?' },
};

function told(call: Call): string {
  return `${NAMES[call.name]}${contentOf(call)}`;
}

function contentOf(call: Call): string {
  switch (call.name) {
    case 'couchbase.upsert':
    case 'oracle.write':
      return named(call.content);
    case 'oracle.apply':
      return `${named(call.content)} ${call.version}`;
    case 'couchbase.swap':
      return `${named(call.content, call.version === 0n ? 'placeholder' : 'marker')}${call.version ? ` ${call.version}` : ''}`;
    case 'oracle.swap': {
      const { content, version, handoff, handback } = call.to;
      const order = `${handoff === null ? '' : ` handoff ${handoff}`}${handback === 0n ? '' : ` handback ${handback}`}`;
      return `${named(content)} ${version}${order}${call.aside ? ` (${call.aside})` : ''}`;
    }
    case 'oracle.keep':
      return `${named(call.state.content)} (${call.reason})`;
    default:
      return '';
  }
}

function named(content: Content, nothing = 'nothing'): string {
  return content === null ? nothing : spelt(content.digest);
}

/** The calls of the steps, then what they return. */
export async function callsOf<R>(
  steps: Steps<R>,
  world: Partial<World>,
  answer: (result: R) => string,
): Promise<string> {
  const stores = new Stores(caughtUp({ ...EMPTY, ...world }));
  const calls: string[] = [];
  const result = await perform(steps, async (call) => {
    calls.push(told(call));
    return stores.port(call);
  }).then(answer, (error: Error) => error.name);
  return `${calls.join(', ')} -> ${result}`;
}

/** Couchbase holds a plain write. */
export const plain = (digest: string, cas = 5000n): Partial<World> => ({ content: documentOf(digest), cas });

/** Couchbase holds a copy of this version, or with null the marker of a deletion; of version 0 a placeholder. */
export const copied = (digest: string | null, version: bigint, cas = 8000n): Partial<World> => ({
  ...{ content: digest === null ? null : documentOf(digest), cas, xattr: { version, cas } },
});

/** Oracle's row; null for a tombstone. */
export const row = (
  digest: string | null,
  version: bigint,
  order: Partial<Pick<OracleState, 'handoff' | 'handback'>> = {},
): { readonly row: OracleState } => ({
  row: {
    ...{ content: digest === null ? null : documentOf(digest), version, handoff: null, handback: 0n },
    ...order,
  },
});

const HANDED = { handoff: 4000n };
export const handed = (digest: string | null, version: bigint) => row(digest, version, HANDED);

/** What both stores hold of a key, by what that is called. */
export const STATES: Readonly<Record<string, Partial<World>>> = {
  'nothing in both': {},
  'the same in both': { ...plain('o'), ...row('o', 5000n) },
  'Oracle lacks it': plain('o'),
  'Oracle is behind': { ...plain('o'), ...row('a', 4000n) },
  'Oracle has it deleted, of before': { ...plain('o'), ...row(null, 4000n) },
  'Couchbase is behind': { ...plain('o'), ...row('n', 6000n) },
  'Couchbase is behind a deletion': { ...plain('o'), ...row(null, 6000n) },
  'two of one version': { ...plain('o'), ...row('p', 5000n) },
  'Couchbase lacks it, deleted': { ...row('o', 5000n), gone: 6000n },
  'Couchbase lacks it, unexplained': row('o', 5000n),
  'deleted, marker left': { ...copied(null, 5000n), ...row(null, 5000n) },
  'a marker Oracle lacks': { ...copied(null, 5000n), ...row('a', 4000n) },
  'a placeholder': copied(null, 0n),
  'a placeholder below the row': { ...copied(null, 0n, 4000n), ...row('o', 5000n) },
  'a placeholder above the row': { ...copied(null, 0n), ...row('o', 5000n) },
  'a placeholder that the row counts from': { ...copied(null, 0n), ...row('o', 5000n, { handback: 8000n }) },
  'an outdated copy': { ...copied('a', 4000n), ...row('o', 5000n, { handback: 4500n }) },
  'expired in Oracle alone': { ...plain('A'), ...row(null, 5000n) },
  'handed off, never copied': { ...plain('o'), ...handed('o', 5000n) },
  'handed off, the same': { ...copied('o', 5000n), ...handed('o', 5000n) },
  'handed off, CAS below': { ...copied('o', 5000n, 4900n), ...handed('o', 5000n) },
  'handed off, Couchbase behind': { ...plain('a', 4000n), ...handed('o', 5000n) },
  'handed off, Couchbase newer': { ...plain('n', 6000n), ...handed('o', 5000n) },
  'handed off, Couchbase lacks it': handed('o', 5000n),
  'handed off, marker': { ...copied(null, 5000n), ...handed('o', 5000n) },
  'handed off, deleted': { ...plain('a', 4000n), ...handed(null, 5000n) },
  'handed off, deleted in both': handed(null, 5000n),
};

/** A table in which states are followed by their cases: names of cases, and the calls that all of these make. */
export function rowsOf(
  table: string,
): { state: string; cases: (readonly [name: string, calls: string])[] }[] {
  const rows: ReturnType<typeof rowsOf> = [];
  for (const line of table.trim().split('\n')) {
    const [, names = '', calls = ''] = /^ {2}([^:]*): ?(.*)$/.exec(line) ?? [];
    if (names === '') rows.push({ state: line, cases: [] });
    for (const name of names.split(', ')) if (name !== '') rows.at(-1)?.cases.push([name, calls]);
  }
  return rows;
}
