/**
 * Releases of Oracle Database, as far as they differ for the statements and the clients that are known here.
 *
 * Sources, looked up on 27 November 2026: JSON Developer's Guide 26, "Support for RFC 8259: JSON Scalars" (COMPATIBLE 20 or greater; the type JSON
 * likewise); SQL Language Reference 23, "Changes in This Release" (BOOLEAN, IF [NOT] EXISTS, SELECT without FROM, 65,535 expressions between the
 * brackets of IN); Database Error Messages 23 (ORA-03301 behind ORA-00001).
 */
import { OraError } from './ora.ts';

/** `21c-compatible-19`: upgraded from a 19c, with the parameter COMPATIBLE left as it was. */
export type ReleaseName = '19c' | '21c-compatible-19' | '21c' | '23ai';

export interface Release {
  readonly name: ReleaseName;
  /** As the protocol has it: release and update in a byte each, from the highest one on. */
  readonly number: number;
  readonly banner: string;
  /** As Oracle's parameter COMPATIBLE, its major number. */
  readonly compatible: number;
  /** Types of columns that only later releases know. */
  readonly lacks: ReadonlySet<string>;
  /** Whether DDL knows IF EXISTS and IF NOT EXISTS, and a SELECT needs no FROM. */
  readonly isLenient: boolean;
  /** Expressions between the brackets of IN. */
  readonly longestList: number;
  /** Whether errors quote the values that were refused (ERROR_MESSAGE_DETAILS, which is on where nobody has set it). */
  readonly explains: boolean;
  /** Whether ORA-41900 tells which privilege is missing, in the place of ORA-01031. */
  readonly namesPrivilege: boolean;
}

const number = (major: number, update: number): number => (major << 24) | (update << 16);
const OLD = { isLenient: false, longestList: 1000, explains: false, namesPrivilege: false } as const;

export const RELEASES: Readonly<Record<ReleaseName, Release>> = {
  '19c': {
    ...{ name: '19c', number: number(19, 3), banner: 'Oracle Database 19c, embedded', compatible: 19 },
    ...{ lacks: new Set(['JSON', 'BOOLEAN']), ...OLD },
  },
  '21c-compatible-19': {
    ...{
      name: '21c-compatible-19',
      number: number(21, 3),
      banner: 'Oracle Database 21c, embedded',
      compatible: 19,
    },
    ...{ lacks: new Set(['JSON', 'BOOLEAN']), ...OLD },
  },
  '21c': {
    ...{ name: '21c', number: number(21, 3), banner: 'Oracle Database 21c, embedded', compatible: 21 },
    ...{ lacks: new Set(['BOOLEAN']), ...OLD },
  },
  '23ai': {
    ...{ name: '23ai', number: number(23, 26), banner: 'Oracle AI Database 26ai, embedded', compatible: 23 },
    ...{
      lacks: new Set<string>(),
      isLenient: true,
      longestList: 65_535,
      explains: true,
      namesPrivilege: true,
    },
  },
};

/** What the release says of an error. The line `Help:` below it is the driver's own. */
export function explained({ explains }: Release, error: OraError): OraError {
  return explains ? new OraError(error.number, error.quoting) : error;
}
