/** A state that the database can come back to, as with a restore point, or with a standby that has got no redo since. */
import type { Engine, EngineSession } from './engine.ts';

/** Of each table what `INSERT … TABLE` could not bring back: columns, constraints, indexes. */
const DEFINITIONS = `
  SELECT c.relname,
    (SELECT string_agg(format('%s %s %s', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull), ', ' ORDER BY a.attnum)
     FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
    (SELECT string_agg(pg_get_constraintdef(k.oid), ', ' ORDER BY k.conname) FROM pg_constraint k WHERE k.conrelid = c.oid),
    (SELECT string_agg(pg_get_indexdef(i.indexrelid), ', ' ORDER BY i.indexrelid) FROM pg_index i WHERE i.indrelid = c.oid)
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'`;

/** The RESETLOGS SCN grows, also where the database comes back to the same state twice in a second. */
const RESETLOGS = `UPDATE "V$DATABASE"
  SET "RESETLOGS_CHANGE#" = $1::numeric + 1000, "RESETLOGS_TIME" = date_trunc('second', now() AT TIME ZONE 'UTC')`;

/** Tables by name. */
type Definitions = ReadonlyMap<string, string>;

export class RestorePoint {
  readonly #engine: Engine;
  #definitions: Definitions | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Replaces an earlier one. Waits for open transactions where the engine runs one after the other. */
  take(): Promise<void> {
    return this.#inTransaction(async (session) => {
      const definitions = await definitionsIn(session);
      await run(session, 'DROP SCHEMA IF EXISTS "RESTORE POINT" CASCADE');
      await run(session, 'CREATE SCHEMA "RESTORE POINT"');
      for (const table of definitions.keys())
        await run(session, `CREATE TABLE "RESTORE POINT"."${table}" AS TABLE public."${table}"`);
      this.#definitions = definitions;
    });
  }

  /**
   * All tables are as they were, and those that were created since are gone. To be called while no client is connected.
   *
   * @param resetLogs whether it is another incarnation of the database from then on.
   */
  async return(resetLogs: boolean): Promise<void> {
    const then = this.#definitions;
    if (then === null)
      throw new Error('There is no restore point: order one first, and again after a restart');
    await this.#inTransaction(async (session) => {
      const incarnation = await session.run('SELECT "RESETLOGS_CHANGE#" FROM "V$DATABASE"', []);
      await dropped(session, then);
      const names = [...then.keys()].map((table) => `public."${table}"`);
      // Rows come back table by table, whatever refers to what.
      await run(session, 'SET LOCAL session_replication_role = replica');
      await run(session, `TRUNCATE ${names.join(', ')}`);
      for (const table of then.keys())
        await run(session, `INSERT INTO public."${table}" TABLE "RESTORE POINT"."${table}"`);
      if (resetLogs) await session.run(RESETLOGS, [incarnation.rows[0]?.[0] ?? null]);
    });
  }

  async #inTransaction(act: (session: EngineSession) => Promise<void>): Promise<void> {
    const session = await this.#engine.session();
    try {
      await session.begin();
      await act(session);
      await session.commit();
    } finally {
      // Where it has failed, this undoes it.
      await session.close();
    }
  }
}

/** Drops the tables that are new. Refuses what could only be undone table by table. */
async function dropped(session: EngineSession, then: Definitions): Promise<void> {
  const now = await definitionsIn(session);
  const changed = [...then].filter(([table, definition]) => now.get(table) !== definition);
  if (changed.length > 0)
    throw new Error(
      `The definition of ${changed[0]?.[0]} has changed since the restore point: order another one after DDL`,
    );
  for (const table of now.keys())
    if (!then.has(table)) await run(session, `DROP TABLE public."${table}" CASCADE`);
}

async function definitionsIn(session: EngineSession): Promise<Definitions> {
  const { rows } = await session.run(DEFINITIONS, []);
  return new Map(rows.map(([table, ...definition]) => [String(table), JSON.stringify(definition)]));
}

function run(session: EngineSession, sql: string): Promise<unknown> {
  return session.run(sql, []);
}
