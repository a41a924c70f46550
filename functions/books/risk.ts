/** What a forced move puts at risk, as far as it lies in the control tables: counted exactly, and listed in pages by key. */
import type oracledb from 'oracledb';
import type { Verdict } from '../records/finding.ts';
import type { StandingRun } from '../records/run.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import type { Statement } from '../stores/oracle/statements.ts';

/** Which findings of runs are meant. */
export interface FindingsWanted {
  readonly verdicts: readonly Verdict[];
  /** Those of these kinds, or of all but these; all where there is none. */
  readonly kinds?: readonly string[];
  readonly but?: boolean;
}

/** A key, or a message of no known document, and what is known of it. `cursor`: where the next page begins. */
export interface KeyAtRisk {
  readonly key: string | null;
  readonly why: string;
  readonly cursor: string;
}

const TARGET: Target = { store: 'oracle', operation: 'read', collection: 'CROSSFADE_FINDINGS', key: null };
/** Characters of what is told of a key: an answer has a bound. */
const LONGEST = 200;

export class RiskRows {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** How many keys there are with such findings, each of them once. */
  async count(runs: readonly StandingRun[], wanted: FindingsWanted): Promise<number> {
    if (runs.length === 0) return 0;
    const { text, binds } = conditionOf(runs, wanted);
    const rows = await this.#select(
      `SELECT COUNT(DISTINCT doc_key) FROM CROSSFADE_FINDINGS WHERE ${text}`,
      binds,
    );
    return Number(rows[0]?.[0] ?? 0);
  }

  /** The next keys with such findings, in their order. */
  async keys(
    runs: readonly StandingRun[],
    wanted: FindingsWanted,
    after: string | null,
    most: number,
  ): Promise<KeyAtRisk[]> {
    if (runs.length === 0) return [];
    const { text, binds } = conditionOf(runs, wanted);
    const from = after === null ? '' : ' AND doc_key > :after_key';
    const rows = await this.#select(
      `SELECT doc_key, MIN(kind), MIN(detail) FROM CROSSFADE_FINDINGS WHERE ${text}${from} ` +
        'GROUP BY doc_key ORDER BY doc_key FETCH FIRST :most ROWS ONLY',
      { ...binds, most, ...(after === null ? {} : { after_key: after }) },
    );
    return rows.map(([key, kind, detail]) => ({
      key: key as string,
      why: `${kind}: ${detail}`.slice(0, LONGEST),
      cursor: key as string,
    }));
  }

  /** The next letters of a collection, or of no known document, in the order of their names. */
  async letters(
    collection: string,
    state: 'open' | 'waiting',
    after: string | null,
    most: number,
  ): Promise<KeyAtRisk[]> {
    const from = after === null ? '' : ' AND letter_id > :after_id';
    const rows = await this.#select(
      'SELECT letter_id, doc_key, reason FROM CROSSFADE_LETTERS WHERE state = :state AND ' +
        `(collection = :collection OR collection IS NULL)${from} ORDER BY letter_id FETCH FIRST :most ROWS ONLY`,
      { state, collection, most, ...(after === null ? {} : { after_id: after }) },
    );
    return rows.map(([cursor, key, reason]) => ({
      key: key as string | null,
      why: (reason as string).slice(0, LONGEST),
      cursor: cursor as string,
    }));
  }

  #select(text: string, binds: Statement['binds']): Promise<(readonly unknown[])[]> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { rows = [] } = await session.execute<unknown[]>(text, binds as oracledb.BindParameters);
      return rows;
    });
  }
}

/** Verdicts and kinds are words of ours. */
function conditionOf(
  runs: readonly StandingRun[],
  { verdicts, kinds, but = false }: FindingsWanted,
): Statement {
  const binds: Record<string, string> = {};
  const bound = (name: string, value: string) => {
    binds[name] = value;
    return `:${name}`;
  };
  const ofRun = ({ run, except }: StandingRun, n: number) => {
    const outside = except.map(({ after, upTo }, m) => {
      const inside = [
        ...(after === null ? [] : [`doc_key > ${bound(`after_${n}_${m}`, after)}`]),
        ...(upTo === null ? [] : [`doc_key <= ${bound(`up_to_${n}_${m}`, upTo)}`]),
      ];
      return ` AND NOT (${inside.join(' AND ')})`;
    });
    return `(run_id = ${bound(`run_${n}`, run)}${outside.join('')})`;
  };
  const words = (list: readonly string[]) => `(${list.map((word) => `'${word}'`).join(', ')})`;
  const ofKind = kinds === undefined ? '' : ` AND kind ${but ? 'NOT IN' : 'IN'} ${words(kinds)}`;
  return { text: `(${runs.map(ofRun).join(' OR ')}) AND verdict IN ${words(verdicts)}${ofKind}`, binds };
}
