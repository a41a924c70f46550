/**
 * Who writes what in Oracle: what each login needs, table by table, and nothing beyond. Grants are made from it, and `doctor` compares with it what was granted.
 *
 * READ only queries; SELECT also locks rows, and is needed beside UPDATE, whose condition looks at columns (SQL92_SECURITY, which is TRUE since 12.2).
 * No login may delete a document: of the tables of projections, which hold copies, rows are deleted and inserted with each change of a document. The controller's one deletes what certifications have written, and rows of control tables that nothing needs any more. None
 * may see what only the owner of the tables uses.
 */

/**
 * The logins of the functions. `serve`: the API. `work`: workers of backfills, copy-backs and verifications, and the reconciler. `control`: the
 * controller, operators' commands, and what begins runs and sums them up.
 */
export const LOGINS = ['serve', 'work', 'control'] as const;
export type Login = (typeof LOGINS)[number];

/** What is granted on one table. */
export interface Right {
  readonly query?: 'READ' | 'SELECT';
  readonly inserts?: boolean;
  /** The columns that may be set, or all of them. */
  readonly updates?: readonly string[] | 'any';
  readonly deletes?: boolean;
}

type Rights = Readonly<Partial<Record<Login, Right>>>;

const READ: Right = { query: 'READ' };
const ADD: Right = { inserts: true };
const READ_AND_ADD: Right = { query: 'READ', inserts: true };
const WRITE: Right = { query: 'SELECT', inserts: true, updates: 'any' };
/** Rows that nothing needs any more are removed after a while. DELETE is needed beside SELECT, as UPDATE is. */
const removing = (right: Right): Right => ({ ...right, query: 'SELECT', deletes: true });
/** @param updates names of columns, with spaces between them. */
const change = (updates: string): Right => ({ query: 'SELECT', updates: updates.split(' ') });
const write = (updates: string): Right => ({ ...change(updates), inserts: true });

/** Of a collection's table. All three write documents: operators' commands restore what was set aside, and end what is left of deletions. */
const DOCUMENTS: Rights = { serve: WRITE, work: WRITE, control: WRITE };

/** Of the table of a projection. */
const PROJECTION: Rights = Object.fromEntries(LOGINS.map((login) => [login, { ...WRITE, deletes: true }]));

const LETTERS = write('state reason cause times first_seen last_seen queued queued_since left_state caller');
const ATTEMPTS = write('epoch working deaths at_key touching alone in_row lost');
const HEARTBEAT = write('beat history at');
const IDENTITIES = write('marks at');
const PARTITIONS = write('history');
const FOREIGN = write('writes last_at');

/** Of our own tables. A table that nobody is granted belongs to deployments, which run as the owner. */
export const CONTROL_RIGHTS: Readonly<Record<string, Rights>> = {
  // Outcomes of runs are evidence of gates: no worker and no request writes them. What they add up, workers have counted.
  CROSSFADE_RUNS: {
    work: READ,
    control: write('slot finished outcome markers oldest_marker ignored elsewhere'),
  },
  CROSSFADE_SHARDS: {
    work: write(
      'up_to_key done_key state epoch listed applied stale gone failed bytes markers oldest_marker ignored elsewhere changed',
    ),
    control: write('epoch'),
  },
  CROSSFADE_FINDINGS: {
    work: write('verdict kind detail seen last_seen'),
    control: removing(change('verdict kind detail seen looks first_seen last_seen')),
  },
  CROSSFADE_PACE: { work: write('next_at') },
  CROSSFADE_LOAD: { work: write('next_at readings'), control: READ },
  CROSSFADE_ATTEMPTS: { work: ATTEMPTS, control: ATTEMPTS },
  CROSSFADE_SUSPECTS: { work: write('at alone'), control: READ },
  // Suspects are looked at again, and rows of projections put right, by the login of the controller.
  CROSSFADE_REPAIRS: { work: ADD, control: removing(READ_AND_ADD) },
  // Whose document it is, and which, nobody changes; that it is settled, workers say.
  CROSSFADE_LETTERS: { work: LETTERS, control: removing(LETTERS) },
  CROSSFADE_LEFT_OUT: { work: READ, control: write('holds at') },
  // Entries only shut gates; an operator alone decides on them.
  CROSSFADE_SET_ASIDE: {
    ...{ serve: READ_AND_ADD, work: READ_AND_ADD },
    control: removing(write('state decided decided_by decided_why')),
  },
  // Rows are only added, so that nobody can open a gate by them. Of the table of before nothing but reading is left.
  CROSSFADE_NOT_DURABLE_UNTIL: { serve: ADD, work: ADD, control: READ_AND_ADD },
  CROSSFADE_NOT_DURABLE: { control: READ },
  // The trigger writes it with its owner's rights. A worker adds what a repair has found, and a verification what it has; entries only shut gates, and an
  // operator's decision removes them.
  CROSSFADE_SQL_CHANGES: { work: ADD, control: removing(READ_AND_ADD) },
  CROSSFADE_PARTITIONS: { serve: PARTITIONS, work: PARTITIONS, control: PARTITIONS },
  CROSSFADE_IDENTITIES: { work: IDENTITIES, control: IDENTITIES },
  CROSSFADE_HEARTBEAT: { work: HEARTBEAT, control: HEARTBEAT },
  CROSSFADE_PREFLIGHTS: {
    control: write('stamp epoch state done_key started changed found large_before accepted accepted_orphans'),
  },
  // Evidence of a gate: the function that certifies has the controller's login.
  CROSSFADE_CERTIFICATES: { control: write('slot changed working ended verdict about body') },
  // No document of anybody: what certifications have written, they take away.
  CROSSFADE_SCRATCH: { control: { ...WRITE, deletes: true } },
  // The controller sends a probe, and the API, which feeds tell of it, notes that it came back.
  CROSSFADE_FEEDS: { serve: change('seen_at since_at lag'), control: write('probe_key probed_at') },
  CROSSFADE_FOREIGN: { serve: FOREIGN, work: FOREIGN, control: READ },
  // Evidence of a gate, of what the API and workers measure: what it says of the API, workers write for it. Old minutes are removed.
  CROSSFADE_LOAD_PROOF: { work: write('figures'), control: removing(READ) },
  // What workers count; the gate's evidence is the outcome of the run, which they do not write.
  CROSSFADE_PROJECTED: { work: write('row_count nulled rounded'), control: READ },
  CROSSFADE_FLAGS: { control: write('version at') },
  CROSSFADE_AUDIT: { control: READ_AND_ADD },
  CROSSFADE_TABLES: {},
};

/** What a login needs on a table; null for nothing. @param isProjection whether it is the table of one, and not a collection's. */
export function rightOn(table: string, login: Login, isProjection = false): Right | null {
  return (CONTROL_RIGHTS[table] ?? (isProjection ? PROJECTION : DOCUMENTS))[login] ?? null;
}

/** Privileges as GRANT takes them. */
export function privilegesOf({ query, inserts = false, updates, deletes = false }: Right): string[] {
  const update = updates === 'any' ? 'UPDATE' : `UPDATE (${updates?.join(', ')})`;
  return [
    ...(query === undefined ? [] : [query]),
    ...(inserts ? ['INSERT'] : []),
    ...(updates === undefined ? [] : [update]),
    ...(deletes ? ['DELETE'] : []),
  ];
}

/** What a user needs who is several logins at once. */
export function together(rights: readonly Right[]): Right {
  const queries = rights.flatMap(({ query }) => query ?? []);
  const updates = rights.flatMap(({ updates: each }) => each ?? []);
  return {
    ...(queries.length > 0 && { query: queries.includes('SELECT') ? 'SELECT' : 'READ' }),
    ...(rights.some(({ inserts }) => inserts === true) && { inserts: true }),
    ...(rights.some(({ deletes }) => deletes === true) && { deletes: true }),
    ...(updates.length > 0 && { updates: updates.includes('any') ? 'any' : [...new Set(updates)] }),
  };
}
