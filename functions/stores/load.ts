/**
 * How hard Oracle works, as far as it tells: what is read, what each reading is called, and from which values on bulk work goes slower or pauses.
 * Live requests never wait for it.
 */

export const READINGS = ['recoveryArea', 'standbyLag', 'undo', 'temp', 'sessions', 'tablespace'] as const;
export type ReadingName = (typeof READINGS)[number];

/** What a reading is, for operators. */
interface Described {
  readonly name: string;
  readonly unit: '%' | 's';
  /** What the user of the functions needs SELECT on. */
  readonly grants: readonly string[];
  /** What to do where it is high. */
  readonly act: string;
}

export const DESCRIBED: Readonly<Record<ReadingName, Described>> = {
  recoveryArea: {
    ...{ name: 'fast recovery area', unit: '%', grants: ['V_$RECOVERY_FILE_DEST'] },
    act: 'Back up the archived logs and delete them (RMAN), or raise DB_RECOVERY_FILE_DEST_SIZE: where it is full, all commits of the database hang',
  },
  standbyLag: {
    ...{ name: 'lag of the standby', unit: 's', grants: ['V_$ARCHIVE_DEST'] },
    act: 'Wait until the standby has applied the redo. If it does not catch up, look at its apply services and at the network',
  },
  undo: {
    ...{ name: 'undo in use', unit: '%', grants: ['V_$UNDOSTAT', 'V_$TABLESPACE', 'DBA_DATA_FILES'] },
    act: 'Look for long transactions (V$TRANSACTION), or add a data file to the undo tablespace',
  },
  temp: {
    ...{ name: 'TEMP in use', unit: '%', grants: ['DBA_TEMP_FREE_SPACE', 'DBA_TEMP_FILES'] },
    act: 'Look for the statements that use it (V$TEMPSEG_USAGE), or add a temp file',
  },
  sessions: {
    ...{ name: 'sessions or processes', unit: '%', grants: ['V_$RESOURCE_LIMIT'] },
    act: 'Look for the clients that hold them (V$SESSION), or raise PROCESSES and SESSIONS',
  },
  tablespace: {
    ...{ name: 'tablespace of the tables', unit: '%', grants: ['DBA_TABLESPACE_USAGE_METRICS'] },
    act: 'Add a data file, or let one grow',
  },
};

export type Reading =
  | { readonly kind: 'value'; readonly value: number }
  /** There is no such thing: no recovery area, no standby. */
  | { readonly kind: 'none' }
  /** The user may not read it. */
  | { readonly kind: 'notGranted' }
  /** It could not be read. @property slow whether the time of the call has run out. */
  | { readonly kind: 'unknown'; readonly why: string; readonly slow: boolean };

export type Readings = Partial<Readonly<Record<ReadingName, Reading>>>;

/** In the unit of the reading. */
export interface Limits {
  /** From here on bulk work goes slower, the more so the nearer `pause` is. */
  readonly slow: number;
  /** From here on it pauses, until the reading is below `resume`. */
  readonly pause: number;
  readonly resume: number;
}

/** Null for a reading that is not wanted: nothing is asked then. */
export type BulkLimits = Readonly<Record<ReadingName, Limits | null>>;

/**
 * Oracle itself warns of a recovery area of which less than 15 % is free or reclaimable, and is alarmed below 3 % (Enterprise Manager, "Recovery
 * Area Free Space"). The others are ours.
 * A standby that applies redo in real time seems to lag by up to a minute: see `readings.ts`.
 */
export const BULK_LIMITS: BulkLimits = {
  recoveryArea: { slow: 75, pause: 85, resume: 80 },
  standbyLag: { slow: 120, pause: 600, resume: 300 },
  undo: { slow: 60, pause: 80, resume: 70 },
  temp: { slow: 70, pause: 85, resume: 75 },
  sessions: { slow: 75, pause: 90, resume: 80 },
  tablespace: { slow: 85, pause: 95, resume: 92 },
};

/** One reading with what follows from it. */
export interface Watched {
  readonly reading: Reading;
  readonly limits: Limits;
  /** The last value, and when it was read, in milliseconds since the epoch; null where there never was one. */
  readonly known: { readonly value: number; readonly at: number } | null;
  readonly paused: boolean;
  /** Of the pace, that bulk work may use. */
  readonly share: number;
  /** Before this time it is not read again, in milliseconds since the epoch. */
  readonly notBefore: number;
}

/** What the last reader has published for all workers. */
export interface Load {
  /** When it was read, in milliseconds since the epoch. */
  readonly at: number;
  readonly watched: Partial<Readonly<Record<ReadingName, Watched>>>;
}
