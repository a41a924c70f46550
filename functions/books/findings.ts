/** What runs have found of single documents: those that cannot be moved, and those that differ. */
import type oracledb from 'oracledb';
import { withinBytes } from '../parsing/within.ts';
import { byUtf8 } from '../protocol/order.ts';
import type { Finding, Noted, SuspectPage, Tally, Verdict } from '../records/finding.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { firstRows } from '../stores/oracle/first_rows.ts';
import { OutOfTime } from '../stores/reach.ts';
import { totalsIn } from './ledger_rows.ts';

const TARGET: Target = { store: 'oracle', operation: 'read', collection: 'CROSSFADE_FINDINGS', key: null };
const COLUMNS = 'run_id, doc_key, verdict, kind, detail, seen, looks, first_seen, last_seen';
/** Rows of one page of suspects. */
const PAGE = 1000;
/** Rows that one statement counts at most: a few hundred milliseconds of Oracle where none of them is in memory. */
const COUNTED = 10_000;
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

/** Neighbours in the order of the keys, and how many there are of each verdict and kind. */
interface Page {
  /** They are above this key; null for the first page. */
  readonly after: string | null;
  /** The last of them. */
  readonly upTo: string;
  readonly tallies: readonly Tally[];
}

/** A run may have millions of findings, and a call has few seconds. So no statement here reads all rows of a run. */
export class Findings {
  readonly #connection: OracleConnection;
  readonly #counted: number;
  readonly #timely: () => boolean;

  /** @param counted rows that one statement counts at most. @param timely whether another page may be read. */
  constructor(connection: OracleConnection, counted = COUNTED, timely = () => true) {
    this.#connection = connection;
    this.#counted = counted;
    this.#timely = timely;
  }

  /** The same for a caller with little time: between two pages, once there is none left, it throws `OutOfTime`. */
  within(timely: () => boolean): Findings {
    return new Findings(this.#connection, this.#counted, timely);
  }

  /** The first ones of a run with this verdict, in the order of their keys. */
  async of(run: string, verdict: Verdict, most: number): Promise<Noted[]> {
    const found: Noted[] = [];
    for await (const { after, upTo, tallies } of this.#pages(run)) {
      if (!tallies.some((tally) => tally.verdict === verdict)) continue;
      const text = inKeyOrder([COLUMNS], after, ['verdict = :verdict', 'doc_key <= :up_to']);
      const left = most - found.length;
      found.push(
        ...(await this.#select(text, { run, verdict, up_to: upTo, most: left, ...above(after).binds })),
      );
      if (found.length >= most) break;
    }
    return found;
  }

  /**
   * Those of a run that have to be looked at again, page by page in the order of their keys. A page is what the next rows of the run hold, whatever
   * they are: so a call reads no more rows than these, however many millions of findings a run has.
   * @param after a key; null for the first page.
   */
  suspects(run: string, after: string | null): Promise<SuspectPage> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { rows = [] } = await session.execute<unknown[]>(inKeyOrder([COLUMNS], after), {
        run,
        most: PAGE,
        ...above(after).binds,
      });
      const page = rows.map(notedFrom);
      const suspects = page.filter(({ verdict }) => verdict === 'suspect');
      return { suspects, next: rows.length < PAGE ? null : (page.at(-1)?.key ?? null) };
    });
  }

  /** Of one document, the latest first. */
  ofKey(key: string, most: number): Promise<Noted[]> {
    const where = 'doc_key = :key ORDER BY last_seen DESC FETCH FIRST :most ROWS ONLY';
    return this.#select(`SELECT ${COLUMNS} FROM CROSSFADE_FINDINGS WHERE ${where}`, { key, most });
  }

  /** How many there are of each verdict and kind, in their order. Each counts once, as it is when its page is read. */
  async tally(run: string): Promise<Tally[]> {
    const sums = new Map<string, Tally>();
    for await (const { tallies } of this.#pages(run))
      for (const { verdict, kind, count } of tallies) {
        const name = `${verdict} ${kind}`;
        sums.set(name, { verdict, kind, count: count + (sums.get(name)?.count ?? 0) });
      }
    return [...sums].sort(([a], [b]) => byUtf8(a, b)).map(([, tally]) => tally);
  }

  /**
   * How many documents a run has set aside that are not settled: the letter of the document is open, waits, or is not written yet. A letter that
   * was redriven is opened again where that did not help. Null where nothing tells of any: that is not known then.
   */
  async unsettled(run: string, collection: string): Promise<number | null> {
    const { failed } = await this.#connection.use(TARGET, false, (session) => totalsIn(session, run));
    if (failed === 0) return null;
    let closed = 0;
    for await (const { after, upTo, tallies } of this.#pages(run))
      if (tallies.some(({ verdict }) => verdict === 'poison'))
        closed += await this.#closed(run, collection, after, upTo);
    return Math.max(0, failed - closed);
  }

  /** Of the documents that a run has set aside, those of one page whose letter is closed. */
  #closed(run: string, collection: string, after: string | null, upTo: string): Promise<number> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { where, binds } = above(after, 'f.doc_key');
      const { rows: [[closed] = [0]] = [] } = await session.execute<[number]>(
        'SELECT COUNT(*) FROM CROSSFADE_FINDINGS f JOIN CROSSFADE_LETTERS l ON l.doc_key = f.doc_key AND l.collection = :collection ' +
          `WHERE f.run_id = :run${where} AND f.doc_key <= :up_to AND f.verdict = 'poison' AND l.state IN ('redriven', 'discarded', 'settled')`,
        { collection, run, up_to: upTo, ...binds },
      );
      return Number(closed);
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

  async *#pages(run: string): AsyncGenerator<Page> {
    for (let after: string | null = null; ; ) {
      const rows: [Verdict, string, number, string][] = await this.#grouped(run, after);
      const tallies = rows.map(([verdict, kind, count]) => ({ verdict, kind, count: Number(count) }));
      const upTo = rows
        .map(([, , , last]) => last)
        .sort(byUtf8)
        .at(-1);
      if (upTo === undefined) return;
      yield { after, upTo, tallies };
      if (tallies.reduce((sum, { count }) => sum + count, 0) < this.#counted) return;
      if (!this.#timely()) throw new OutOfTime(tooMany(run));
      after = upTo;
    }
  }

  /** Of the next rows above a key: each verdict and kind, how many there are, and the last key. */
  #grouped(run: string, after: string | null): Promise<[Verdict, string, number, string][]> {
    return this.#connection.use(TARGET, false, async (session) => {
      const next = inKeyOrder(['verdict', 'kind', 'doc_key'], after);
      const { rows = [] } = await session.execute<[Verdict, string, number, string]>(
        `SELECT verdict, kind, COUNT(*), MAX(doc_key) FROM (${next}) GROUP BY verdict, kind`,
        { run, most: this.#counted, ...above(after).binds },
      );
      return rows;
    });
  }

  #select(text: string, binds: oracledb.BindParameters): Promise<Noted[]> {
    return this.#connection.use(TARGET, false, async (session) => {
      const { rows = [] } = await session.execute<unknown[]>(text, binds);
      return rows.map(notedFrom);
    });
  }
}

function tooMany(run: string): string {
  return (
    `No time was left to count what the run ${run} has found: it has very many findings. Its execution in Step Functions tells how far it is, and ` +
    'what it has found once it has ended'
  );
}

/** A query for the first `:most` findings of `:run` above a key, and under which conditions besides. */
function inKeyOrder(
  columns: readonly string[],
  after: string | null,
  besides: readonly string[] = [],
): string {
  const where = ['run_id = :run', ...(after === null ? [] : ['doc_key > :after']), ...besides];
  return firstRows({
    table: 'CROSSFADE_FINDINGS',
    columns,
    where,
    index: ['RUN_ID', 'DOC_KEY'],
    order: ['doc_key'],
  });
}

/** The condition of a page, behind others. @param after a key; null for the first page. */
function above(after: string | null, column = 'doc_key') {
  return after === null ? { where: '', binds: {} } : { where: ` AND ${column} > :after`, binds: { after } };
}

function notedFrom([run, key, verdict, kind, detail, seen, looks, first, last]: readonly unknown[]): Noted {
  return {
    ...{ run: run as string, key: key as string, verdict: verdict as Verdict, kind: kind as string },
    ...{ detail: detail as string, seen: seen as string | null, looks: looks as number },
    ...{ firstSeen: first as number, lastSeen: last as number },
  };
}
