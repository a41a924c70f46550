/** A certification of one kind of place, as it is kept: under way, or with what has come of it. Times are milliseconds since the epoch. */

/** One run is about all places that the configuration has, one after the other. */
export interface CertificationRow {
  readonly run: string;
  /** Of the run, from 0 on. */
  readonly part: number;
  readonly form: string;
  /** JSON: what the scratch places are like. */
  readonly place: string;
  readonly began: number;
  /** When a step has begun or ended last. */
  readonly changed: number;
  /** Whether a step is under way, or was lost. */
  readonly working: boolean;
  /** Null while it is under way. */
  readonly ended: number | null;
  /** `passed`, `failed`, `incomplete`; `abandoned` where it was given up. Null while it is under way. */
  readonly verdict: string | null;
  /** JSON: the code, servers and settings that it is about. Null before its first step. */
  readonly about: string | null;
}

/** Milliseconds after which a certification that has not changed is given up: no step is alive any more. A function lives for 15 minutes at most. */
export const GIVEN_UP = 16 * 60_000;

/** Another certification is under way. Nothing was begun. */
export class CertificationUnderWay extends Error {
  override readonly name = 'CertificationUnderWay';

  constructor({ run, began, changed }: Pick<CertificationRow, 'run' | 'began' | 'changed'>) {
    const until = new Date(changed + GIVEN_UP).toISOString();
    super(
      `CERTIFICATION_UNDER_WAY: ${run} was begun at ${new Date(began).toISOString()}, and there is one place to certify in. Wait for it ` +
        `(npx crossfade certify status); where its state machine was stopped, another one can begin after ${until}`,
    );
  }
}

/** The certification was given up, and another one has the place, or it is over. */
export class CertificationGone extends Error {
  override readonly name = 'CertificationGone';
}
