/** Types of projected columns: how a value of a document becomes one of Oracle's, and how it is read back to be compared. */

export type ColumnType =
  | NumberType
  /** BINARY_DOUBLE. Takes what a double spells without loss: every number that a program has written from a double, and those that a double equals. */
  | { readonly kind: 'double' }
  | TextType
  | { readonly kind: 'clob' }
  /** BOOLEAN from 23ai on, where `native`; NUMBER(1) else. */
  | { readonly kind: 'boolean'; readonly native: boolean }
  | TimeType
  | RawType
  /**
   * JSON from 21c on, where `native`; a CLOB else, with the members in the order of the document. Takes a value of any kind, with numbers in a spelling of
   * ours. The CLOB has no check: before COMPATIBLE 20, IS JSON would refuse what is neither an object nor an array.
   */
  | { readonly kind: 'json'; readonly native: boolean };

/** NUMBER(precision, scale); both null for NUMBER, which holds 38 significant digits. Takes decimals held as texts too. */
export interface NumberType {
  readonly kind: 'number';
  readonly precision: number | null;
  readonly scale: number | null;
}

/** VARCHAR2. A character is a code point; more than 4,000 bytes are never held, whatever the unit. */
export interface TextType {
  readonly kind: 'text';
  readonly length: number;
  readonly unit: 'bytes' | 'characters';
}

/** `formats` are tried in order, and the first counts that gives a time of the years 1 to 9999. A time without a zone is UTC. */
export type TimeType =
  /** A DATE holds whole seconds, in UTC. */
  | { readonly kind: 'date'; readonly formats: readonly TimeFormat[] }
  | {
      readonly kind: 'timestamp';
      /** Whether it keeps the offset from UTC that the document has; it is converted to UTC else. */
      readonly zone: boolean;
      /** Digits of the fraction of a second, 0 to 9. */
      readonly fraction: number;
      readonly formats: readonly TimeFormat[];
    };

/** Bytes from a text. */
export interface RawType {
  readonly kind: 'raw';
  /** In bytes. */
  readonly length: number;
  readonly encoding: 'hex' | 'base64';
}

/** `iso`: a text of RFC 3339, or a date alone. The others are numbers, or texts of digits. */
export type TimeFormat = 'iso' | 'seconds' | 'milliseconds';
