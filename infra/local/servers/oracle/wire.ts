/**
 * Constants of TNS (Oracle's transport) and TTC (its two-task protocol), as far as the embedded server speaks them. Oracle
 * documents neither; the sources are the Thin mode of node-oracledb and python-oracledb, both published by Oracle.
 */

export const PACKET = {
  connect: 1,
  accept: 2,
  refuse: 4,
  data: 6,
  resend: 11,
  marker: 12,
} as const;

export const MARKER = { break: 1, reset: 2, interrupt: 3 } as const;

/** Flags of data packets. */
export const DATA_FLAG = { eof: 0x0040, endOfRequest: 0x0800 } as const;

export const MESSAGE = {
  protocol: 1,
  dataTypes: 2,
  function: 3,
  error: 4,
  rowHeader: 6,
  rowData: 7,
  parameter: 8,
  status: 9,
  ioVector: 11,
  describe: 16,
  piggyback: 17,
  /** A function that is not answered. */
  oneWay: 26,
} as const;

export const FUNCTION = {
  reexecute: 4,
  fetch: 5,
  logoff: 9,
  commit: 14,
  rollback: 15,
  version: 59,
  reexecuteAndFetch: 78,
  execute: 94,
  closeCursors: 105,
  authPhaseTwo: 115,
  authPhaseOne: 118,
  cancelCursors: 120,
  endToEnd: 135,
  ping: 147,
  setSchema: 152,
  /** Gives a session of the pool of the server back to it. */
  sessionRelease: 163,
} as const;

/** Options of an execution. */
export const OPTION = {
  parse: 0x01,
  define: 0x10,
  execute: 0x20,
  fetch: 0x40,
  commit: 0x100,
  batchErrors: 0x8_0000,
} as const;
/** In the second flags of a re-execution: commit. */
export const REEXECUTE_COMMIT = 0x1;

export const BIND_DIRECTION = { output: 16, input: 32 } as const;

export const TYPE = {
  varchar: 1,
  number: 2,
  binaryInteger: 3,
  long: 8,
  date: 12,
  raw: 23,
  longRaw: 24,
  char: 96,
  binaryDouble: 101,
  clob: 112,
  blob: 113,
  timestamp: 180,
  timestampTz: 181,
  timestampLtz: 231,
} as const;

/** "A transaction is open", among the flags that end a call. */
export const IN_TRANSACTION = 0x02;

/** What the server says it is: a 19c, so that no field of a later protocol is on the wire. */
export const VERSION = { tns: 318, minimum: 300, field: 12, number: (19 << 24) | (3 << 16) } as const;
export const BANNER = 'Crossfade embedded Oracle';
/** Strings and raws up to this many bytes travel with their row; longer ones come after the others. */
export const LONGEST_STRING = 32_767;
export const CHARSET = { utf8: 873, utf16: 2000 } as const;
