/** Certifications: how far each is that is under way, and what has come of those before. A row for each kind of place of a run. */
import type oracledb from 'oracledb';
import { type CertificationRow, CertificationUnderWay, GIVEN_UP } from '../records/certification_row.ts';
import type { Target } from '../stores/failure.ts';
import { LOBS_AS_BYTES, type OracleConnection } from '../stores/oracle/connection.ts';
import { isNotGranted } from '../stores/oracle/failure.ts';
import { inserted } from '../stores/oracle/inserted.ts';

const target = (operation: string): Target => ({
  ...{ store: 'oracle', operation, collection: 'CROSSFADE_CERTIFICATES', key: null },
});
const COMMIT = { autoCommit: true };
/** Of the one that is under way. */
const SLOT = 'certify';
const COLUMNS = 'run_id, part, form, place, began, changed, working, ended, verdict, about';
/** Parts of runs that are told of. */
const LATEST = 60;

type Row = readonly unknown[];

export interface Ended {
  readonly verdict: string;
  /** JSON. */
  readonly about: string;
  readonly body: string;
  readonly at: number;
}

export class Certificates {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /**
   * Begins a run with a part for each place; once it is begun, nothing is done. Throws `CertificationUnderWay` where another one is, which has
   * changed within the time of `GIVEN_UP`.
   */
  begin(run: string, form: string, places: readonly string[], now: number): Promise<void> {
    return this.#connection.use(target('begin'), true, async (session) => {
      const insert = (part: number) =>
        inserted(
          session,
          `INSERT INTO CROSSFADE_CERTIFICATES (${COLUMNS}, slot) ` +
            'VALUES (:run, :part, :form, :place, :now, :now, 0, NULL, NULL, NULL, :slot)',
          { run, part, form, place: places[part] ?? '', now, slot: part === 0 ? SLOT : null },
        );
      if (!(await insert(0))) await takeOver(session, run, now, () => insert(0));
      for (const [part] of places.entries()) if (part > 0) await insert(part);
    });
  }

  /** All that has been of late, the latest first; none where the table is not there yet, or not granted. */
  latest(): Promise<CertificationRow[]> {
    return this.#connection.use(target('read'), false, async (session) => {
      try {
        return await rowsIn(session, 'ORDER BY began DESC, run_id DESC, part FETCH FIRST :most ROWS ONLY', {
          most: LATEST,
        });
      } catch (error) {
        if (isNotGranted(error)) return [];
        throw error;
      }
    });
  }

  /** The parts of a run, in their order. */
  partsOf(run: string): Promise<CertificationRow[]> {
    return this.#connection.use(target('read'), false, (session) =>
      rowsIn(session, 'WHERE run_id = :run ORDER BY part', { run }),
    );
  }

  /** JSON: the state of a part that is under way, and the certificate of one that has ended; null before its first step. */
  body(run: string, part: number): Promise<string | null> {
    return this.#connection.use(target('read'), false, async (session) => {
      const query = 'SELECT body FROM CROSSFADE_CERTIFICATES WHERE run_id = :run AND part = :part';
      const { rows = [] } = await session.execute<[Buffer | null]>(query, { run, part }, LOBS_AS_BYTES);
      return rows[0]?.[0]?.toString('utf8') ?? null;
    });
  }

  /** Notes that a step begins, or has ended. @param body JSON; what is there stays without it. @returns false where the part has ended, or was given up. */
  note(run: string, part: number, working: boolean, now: number, body?: string): Promise<boolean> {
    const kept = body === undefined ? {} : { body: Buffer.from(body) };
    return this.#update('note', { run, part, working: working ? 1 : 0, changed: now, ...kept });
  }

  end(run: string, part: number, { at, body, ...ended }: Ended): Promise<boolean> {
    return this.#update('end', {
      ...{ run, part, working: 0, changed: at, ended: at, ...ended, body: Buffer.from(body) },
    });
  }

  /** Lets another run begin. */
  async leave(run: string): Promise<void> {
    await this.#connection.use(target('leave'), true, (session) =>
      session.execute('UPDATE CROSSFADE_CERTIFICATES SET slot = NULL WHERE run_id = :run', { run }, COMMIT),
    );
  }

  /** Ends what is under way of a run whose state machine has failed, and lets another one begin. */
  async giveUp(run: string, now: number): Promise<void> {
    await this.#connection.use(target('give up'), true, (session) => giveUp(session, run, now));
  }

  #update(
    operation: string,
    { run, part, ...columns }: { run: string; part: number; [column: string]: unknown },
  ): Promise<boolean> {
    const set = Object.keys(columns).map((column) => `${column} = :${column}`);
    const text = `UPDATE CROSSFADE_CERTIFICATES SET ${set.join(', ')} WHERE run_id = :run AND part = :part AND ended IS NULL`;
    return this.#connection.use(target(operation), true, async (session) => {
      const { rowsAffected } = await session.execute(
        text,
        { run, part, ...columns } as oracledb.BindParameters,
        COMMIT,
      );
      return rowsAffected === 1;
    });
  }
}

/** Where the one that has the slot is this run, or was given up. Throws `CertificationUnderWay` otherwise. */
async function takeOver(
  session: oracledb.Connection,
  run: string,
  now: number,
  insert: () => Promise<boolean>,
): Promise<void> {
  const holder = async () => (await rowsIn(session, 'WHERE slot = :slot', { slot: SLOT }))[0];
  const before = await holder();
  if (before?.run === run) return;
  if (before !== undefined) {
    const all = await rowsIn(session, 'WHERE run_id = :run', { run: before.run });
    const changed = Math.max(...all.map((each) => each.changed));
    if (changed > now - GIVEN_UP) throw new CertificationUnderWay({ ...before, changed });
    await giveUp(session, before.run, now);
  }
  if (await insert()) return;
  const other = await holder();
  if (other?.run !== run) throw new CertificationUnderWay(other ?? { run, began: now, changed: now });
}

/** A run whose state machine was stopped, or has failed. */
async function giveUp(session: oracledb.Connection, run: string, now: number): Promise<void> {
  const set = "ended = NVL(ended, :now), verdict = NVL(verdict, 'abandoned'), working = 0, slot = NULL";
  await session.execute(`UPDATE CROSSFADE_CERTIFICATES SET ${set} WHERE run_id = :run`, { run, now }, COMMIT);
}

async function rowsIn(
  session: oracledb.Connection,
  which: string,
  binds: oracledb.BindParameters,
): Promise<CertificationRow[]> {
  const { rows = [] } = await session.execute<Row>(
    `SELECT ${COLUMNS} FROM CROSSFADE_CERTIFICATES ${which}`,
    binds,
  );
  return rows.map(rowIn);
}

function rowIn([
  run,
  part,
  form,
  place,
  began,
  changed,
  working,
  ended,
  verdict,
  about,
]: Row): CertificationRow {
  return {
    ...{ run: String(run), part: Number(part), form: String(form), place: String(place) },
    ...{ began: Number(began), changed: Number(changed), working: Number(working) === 1 },
    ended: ended === null ? null : Number(ended),
    ...{ verdict: verdict as string | null, about: about as string | null },
  };
}
