/** Remembers in which history each partition of a bucket was seen last: a failover begins another one. */
import oracledb from 'oracledb';
import type { SeenHistory } from '../records/history.ts';
import type { Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { isUniqueViolation } from '../stores/oracle/failure.ts';

const target = (operation: string): Target => ({
  ...{ store: 'oracle', operation, collection: 'CROSSFADE_PARTITIONS', key: null },
});

const INSERT =
  'INSERT INTO CROSSFADE_PARTITIONS (bucket, partition_id, history) VALUES (:bucket, :id, :uuid)';
const UPDATE =
  'UPDATE CROSSFADE_PARTITIONS SET history = :uuid WHERE bucket = :bucket AND partition_id = :id AND history = :before';

const TEXT = (maxSize: number) => ({ type: oracledb.STRING, maxSize });
const BINDS = { bucket: TEXT(100), id: { type: oracledb.NUMBER }, uuid: TEXT(20) };

export class Partitions {
  readonly #connection: OracleConnection;

  constructor(connection: OracleConnection) {
    this.#connection = connection;
  }

  /** UUIDs of the histories, by partition. */
  of(bucket: string): Promise<ReadonlyMap<number, string>> {
    return this.#connection.use(target('read'), false, async (session) => {
      const { rows = [] } = await session.execute<[number, string]>(
        'SELECT partition_id, history FROM CROSSFADE_PARTITIONS WHERE bucket = :bucket',
        { bucket },
        { fetchArraySize: 1024 },
      );
      return new Map(rows);
    });
  }

  /** What another container has remembered meanwhile stays. */
  remember(bucket: string, seen: readonly SeenHistory[]): Promise<void> {
    // In one order: containers that lock the same rows in another one would wait for each other in a circle (ORA-00060).
    const sorted = seen.toSorted((a, b) => a.id - b.id);
    const [fresh, changed] = [sorted.filter(isNew), sorted.filter((each) => !isNew(each))];
    return this.#connection.use(target('note'), true, async (session) => {
      if (fresh.length > 0) {
        const rows = fresh.map(({ id, uuid }) => ({ bucket, id, uuid }));
        const options = { bindDefs: BINDS, batchErrors: true };
        const { batchErrors = [] } = await session.executeMany(INSERT, rows, options);
        const failed = batchErrors.find((error) => !isUniqueViolation(error));
        if (failed !== undefined) throw failed;
      }
      if (changed.length > 0) {
        const rows = changed.map(({ id, uuid, before }) => ({ bucket, id, uuid, before }));
        await session.executeMany(UPDATE, rows, { bindDefs: { ...BINDS, before: TEXT(20) } });
      }
      await session.commit();
    });
  }
}

function isNew({ before }: SeenHistory): boolean {
  return before === null;
}
