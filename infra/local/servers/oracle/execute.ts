/** The request that parses, binds, executes and fetches (OALL8), and its short form for a cursor that is known. */
import type { Reader } from './reader.ts';
import { FUNCTION } from './wire.ts';

export interface Execute {
  readonly options: number;
  /** 0: a new one. */
  readonly cursor: number;
  readonly sql: string | null;
  /** Executions of a statement, or rows of a query to fetch at once; a client that counts those need not ask for them. */
  readonly iterations: number;
  readonly binds: number;
  readonly defines: number;
  readonly rowCounts: boolean;
}

const ROW_COUNTS = 0x4000;

export function readExecute(reader: Reader): Execute {
  const options = reader.ub();
  const cursor = reader.ub();
  const hasSql = reader.u8() !== 0;
  const length = reader.ub();
  reader.u8();
  const parameters = reader.ub();
  reader.take(2);
  reader.ub();
  const prefetch = reader.ub();
  reader.ub();
  reader.u8();
  const binds = reader.ub();
  reader.take(5);
  reader.u8();
  const defines = reader.ub();
  skipTail(reader);
  const sql = !hasSql ? null : reader.plain ? reader.take(length).toString('utf8') : reader.text();
  const vector = reader.list(parameters, () => reader.ub());
  const isQuery = vector[7] === 1;
  return {
    ...{ options, cursor, sql, binds, defines },
    iterations: isQuery ? prefetch : (vector[1] ?? 1),
    rowCounts: ((vector[9] ?? 0) & ROW_COUNTS) !== 0,
  };
}

/** What no statement of ours uses: registrations, objects, row counts' buffers, signatures, chunks. */
function skipTail(reader: Reader): void {
  reader.ub();
  reader.take(3);
  reader.ub();
  reader.u8();
  reader.ub();
  reader.ub();
  reader.u8();
  reader.ub();
  reader.u8();
  reader.u8();
  reader.ub();
  reader.u8();
  reader.ub();
  reader.u8();
  reader.u8();
  reader.ub();
}

export interface Reexecute {
  readonly cursor: number;
  readonly iterations: number;
  readonly flags: number;
  readonly secondFlags: number;
  readonly fetches: boolean;
}

export function readReexecute(reader: Reader, operation: number): Reexecute {
  return {
    cursor: reader.ub(),
    iterations: reader.ub(),
    flags: reader.ub(),
    secondFlags: reader.ub(),
    fetches: operation === FUNCTION.reexecuteAndFetch,
  };
}
