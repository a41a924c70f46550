/** Types of projected columns: how a value of a document becomes one of Oracle's, and how it is read back to be compared. */

export type ColumnType =
  /** NUMBER(precision, scale); both null for NUMBER, which holds 38 significant digits. */
  | { readonly kind: 'number'; readonly precision: number | null; readonly scale: number | null }
  | { readonly kind: 'double' }
  | { readonly kind: 'text'; readonly length: number; readonly unit: 'bytes' | 'characters' }
  | { readonly kind: 'clob' }
  /** BOOLEAN from 23ai on, where `native`; NUMBER(1) else. */
  | { readonly kind: 'boolean'; readonly native: boolean }
  /** `formats` are tried in order. A DATE holds whole seconds; a time without a zone is UTC. */
  | { readonly kind: 'date'; readonly formats: readonly TimeFormat[] }
  | {
      readonly kind: 'timestamp';
      readonly zone: boolean;
      /** Digits of the fraction of a second, 0 to 9. */
      readonly fraction: number;
      readonly formats: readonly TimeFormat[];
    }
  /** Bytes from a text. */
  | { readonly kind: 'raw'; readonly length: number; readonly encoding: 'hex' | 'base64' }
  /** JSON from 21c on, where `native`; a CLOB with a check else. Takes a value of any kind, in its own spelling. */
  | { readonly kind: 'json'; readonly native: boolean };

/** `iso`: a text of RFC 3339, or a date alone. The others are numbers, or texts of digits. */
export type TimeFormat = 'iso' | 'seconds' | 'milliseconds';
