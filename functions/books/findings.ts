/** What runs have found of single documents: those that cannot be moved, and those that differ. */
import type oracledb from 'oracledb';
import { withinBytes } from '../parsing/within.ts';
import type { Finding, Noted, SuspectPage, Tally, Verdict } from '../records/finding.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { totalsIn } from './ledger_rows.ts';

const TARGET: Target = { store: 'oracle', operation: 'read', collection: 'CROSSFADE_FINDINGS', key: null };
const COLUMNS = 'run_id, doc_key, verdict, kind, detail, seen, looks, first_seen, last_seen';
/** Rows of one page of suspects. */
const PAGE = 1000;
/** Bytes: the column has room for 4,000. */
const DETAIL = 3900;

/** Writes down what was found, within a transaction. What is there already keeps the time at which it was first seen. */
export async function note(
  session: oracledb.Connection,
  run: string,
  findings: readonly Finding[],
  now: number,
): Promise<void> {
  for (const { key, verdict, kind, detail, seen } of findings) {
    const found = { verdict, kind, detail: withinBytes(detail, DETAIL), seen };
    const updated = await session.execute(
      'UPDATE CROSSFADE_FINDINGS SET verdict = :verdict, kind = :kind, detail = :detail, seen = :seen, last_seen = :now ' +
        'WHERE run_id = :run AND doc_key = :key',
      { ...found, now, run, key },
    );
    if (updated.rowsAffected === 0)
      await session.execute(
        `INSERT INTO CROSSFADE_FINDINGS (${COLUMNS}) ` +
          'VALUES (:run, :key, :verdict, :kind, :detail, :seen, 0, :now, :now2)',
        { run, key, ...found, now, now2: now },
      );
  }
}

export class Findings {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** Those of a run with this verdict, the ones that nobody has looked at for longest first. */
  of(run: string, verdict: Verdict, most: number): Promise<Noted[]> {
    const where =
      'run_id = :run AND verdict = :verdict ORDER BY last_seen, doc_key FETCH FIRST :most ROWS ONLY';
    return this.#select(where, { run, verdict, most });
  }

  /**
   * Those of a run that have to be looked at again, page by page in the order of their keys. A page is what the next rows of the run hold, whatever
   * they are: so a call reads no more rows than these, however many millions of findings a run has.
   * @param after a key; null for the first page.
   */
  suspects(run: string, after: string | null): Promise<SuspectPage> {
    return this.#connection.use(TARGET, false, async (session) => {
      const above = after === null ? '' : ' AND doc_key > :after';
      const { rows = [] } = await session.execute<unknown[]>(
        `SELECT ${COLUMNS} FROM CROSSFADE_FINDINGS WHERE run_id = :run${above} ORDER BY doc_key FETCH FIRST :most ROWS ONLY`,
        { run, most: PAGE, ...(after === null ? {} : { after }) },
      );
      const page = rows.map(notedFrom);
      const suspects = page.filter(({ verdict }) => verdict === 'suspect');
      return { suspects, next: rows.length < PAGE ? null : (page.at(-1)?.key ?? null) };
    });
  }

  /** Of one document, the latest first. */
  ofKey(key: string, most: number): Promise<Noted[]> {
    return this.#select('doc_key = :key ORDER BY last_seen DESC FETCH FIRST :most ROWS ONLY', { key, most });
  }

  /** How many there are of each verdict and kind. */
  tally(run: string): Promise<Tally[]> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { rows = [] } = await session.execute<[Verdict, string, number]>(
        'SELECT verdict, kind, COUNT(*) FROM CROSSFADE_FINDINGS WHERE run_id = :run GROUP BY verdict, kind ORDER BY verdict, kind',
        { run },
      );
      return rows.map(([verdict, kind, count]) => ({ verdict, kind, count: Number(count) }));
    });
  }

  /**
   * How many documents a run has set aside that are not settled: the letter of the document is open, waits, or is not written yet. A letter that
   * was redriven is opened again where that did not help. Null where nothing tells of any: that is not known then.
   */
  unsettled(run: string, collection: string): Promise<number | null> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { failed } = await totalsIn(session, run);
      if (failed === 0) return null;
      const { rows: [[closed] = [0]] = [] } = await session.execute<[number]>(
        'SELECT COUNT(*) FROM CROSSFADE_FINDINGS f JOIN CROSSFADE_LETTERS l ON l.doc_key = f.doc_key AND l.collection = :collection ' +
          "WHERE f.run_id = :run AND f.verdict = 'poison' AND l.state IN ('redriven', 'discarded', 'settled')",
        { collection, run },
      );
      return Math.max(0, failed - Number(closed));
    });
  }

  /** Writes down what another look has shown. */
  async looked({ run, key, verdict, kind, detail, seen, looks, firstSeen, lastSeen }: Noted): Promise<void> {
    const target: Target = { ...TARGET, operation: 'note' };
    await this.#connection.use(target, true, (session) =>
      session.execute(
        'UPDATE CROSSFADE_FINDINGS SET verdict = :verdict, kind = :kind, detail = :detail, seen = :seen, looks = :looks, ' +
          'first_seen = :first_seen, last_seen = :last_seen WHERE run_id = :run AND doc_key = :key',
        {
          ...{ verdict, kind, detail: withinBytes(detail, DETAIL), seen, looks, run, key },
          ...{ first_seen: firstSeen, last_seen: lastSeen },
        },
        { autoCommit: true },
      ),
    );
  }

  #select(where: string, binds: oracledb.BindParameters): Promise<Noted[]> {
    return this.#connection.use(TARGET, false, async (session) => {
      const text = `SELECT ${COLUMNS} FROM CROSSFADE_FINDINGS WHERE ${where}`;
      const { rows = [] } = await session.execute<unknown[]>(text, binds);
      return rows.map(notedFrom);
    });
  }
}

function notedFrom([run, key, verdict, kind, detail, seen, looks, first, last]: readonly unknown[]): Noted {
  return {
    ...{ run: run as string, key: key as string, verdict: verdict as Verdict, kind: kind as string },
    ...{ detail: detail as string, seen: seen as string | null, looks: looks as number },
    ...{ firstSeen: first as number, lastSeen: last as number },
  };
}
