/** Where a certification is between two of its steps. */
import type { About, Checked, Form } from './certificate.ts';

/** What an operator is asked to do while a check waits for it. */
export interface Told {
  /** By its name. */
  readonly check: string;
  readonly step: 'break' | 'mend';
  readonly text: string;
}

/** Plain JSON, below 64 KB: a state machine hands it from step to step. */
export interface CertifyState {
  readonly about: About;
  readonly form: Form;
  /** Milliseconds since the epoch. */
  readonly began: number;
  readonly checked: readonly Checked[];
  /** A step was lost: each of the next ones runs one check, so that the one that loses it is known. */
  readonly alone?: true;
  /** Of the check that is under way. */
  readonly told?: Told;
}
