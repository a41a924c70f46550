/** All lines about both stores, as one side sees them. */
import { type Parsed, subjectsOf } from '../configuration/configuration.ts';
import type { CouchbaseFacts, LoginFacts, OracleFacts, OwnerFacts } from '../stores/facts.ts';
import type { Login } from '../stores/oracle/rights.ts';
import { tablesOf } from '../stores/oracle/schema.ts';
import { couchbaseLines } from './couchbase_lines.ts';
import { isReached, type Line, linesOf, type Side } from './line.ts';
import { ownerVerdicts } from './login.ts';
import { loginVerdicts, oracleLines } from './oracle_lines.ts';
import { triggerVerdicts } from './triggers.ts';

export interface Diagnosis {
  readonly lines: readonly Line[];
}

export interface Wanted {
  readonly configuration: Pick<Parsed, 'collections' | 'bulkLimits' | 'timing'>;
  readonly side: Side;
  /** That all functions may open in Oracle together; null where it is not known. */
  readonly sessions: number | null;
  /** What functions log in for as the user that Oracle was looked at with. */
  readonly logins: readonly Login[];
}

/** Facts of a store that is not kept any more are null. */
export interface Seen {
  readonly couchbase: CouchbaseFacts | null;
  readonly oracle: OracleFacts;
  /** Only an operator's machine may read the secrets of all logins. */
  readonly others?: readonly { readonly logins: readonly Login[]; readonly facts: LoginFacts }[];
  /** Only an operator's machine may log in as the owner. */
  readonly owner?: OwnerFacts;
}

export function diagnose(
  { couchbase, oracle, others = [], owner }: Seen,
  { configuration, side, sessions, logins }: Wanted,
): Diagnosis {
  const {
    collections,
    bulkLimits,
    timing: { call },
  } = configuration;
  const places = Object.entries(collections).map(
    ([name, { couchbase: place, durability }]) => [name, { place, durability }] as const,
  );
  return {
    lines: [
      ...(couchbase === null
        ? []
        : couchbaseLines(couchbase, { collections: Object.fromEntries(places), call, side })),
      ...oracleLines(oracle, {
        ...{ bulkLimits, call, sessions, side, logins },
        needs: subjectsOf(configuration),
      }),
      ...triggerLines({ oracle, others, ...(owner && { owner }) }, configuration),
      ...others.flatMap(({ logins: of, facts }) => linesOf(loginVerdicts(of, facts, side))),
      ...(owner === undefined ? [] : linesOf(ownerVerdicts(owner))),
    ],
  };
}

/** As the owner of the tables sees them, where somebody has looked as the owner. */
function triggerLines(
  { oracle, others = [], owner }: Pick<Seen, 'oracle' | 'others' | 'owner'>,
  configuration: Pick<Parsed, 'collections'>,
): Line[] {
  const byOwner = owner?.triggers.kind === 'read';
  if (!isReached(oracle.answers) && !byOwner) return [];
  const accounts = [oracle, ...others.map(({ facts }) => facts)].flatMap(({ account }) =>
    account.kind === 'read' ? [account.value] : [],
  );
  const own = oracle.account.kind === 'read' ? oracle.account.value : null;
  const wanted = {
    asOwner: byOwner || (own !== null && own.user === own.schema),
    watched: Object.values(configuration.collections).map(({ oracle: { table } }) => table),
    tables: tablesOf(subjectsOf(configuration)),
    users: [...new Set(accounts.map(({ user }) => user))],
  };
  return linesOf(triggerVerdicts(byOwner ? owner.triggers : oracle.triggers, wanted));
}
