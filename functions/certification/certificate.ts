/** The report of a certification: what was checked on which servers, with which code and settings, and what came of it. */
import type { Marks } from '../records/marks.ts';
import type { Durability } from '../stores/durability.ts';

/**
 * `whole`: every check that breaks nothing; the gate wants it. `short`: the checks that together take seconds. `test-system`: the whole one, and beside it those
 * in which an operator breaks something.
 */
export const FORMS = ['whole', 'short', 'test-system'] as const;
export type Form = (typeof FORMS)[number];

export type CheckState = 'passed' | 'failed' | 'skipped';

/** What came of one check. It holds no value of a document and no key of an app: the checks have documents of their own. */
export interface Checked {
  /** Of the check: stable, for scripts. */
  readonly name: string;
  readonly state: CheckState;
  /** What was counted or measured. The unit is in the name, as in `longest (ms)`. */
  readonly figures: Readonly<Record<string, number | string>>;
  /** Of a check that failed or was skipped: why. At most 500 characters. */
  readonly why?: string;
  /** Of a check that failed or was skipped: what to do. */
  readonly next?: string;
  /** Milliseconds that it took. */
  readonly took: number;
}

export interface Server {
  /** As the server tells it, such as `7.6.2-3721-enterprise` or `19.23.0.0.0`. */
  readonly version: string;
  /** What tells it from any other: see `Marks`. */
  readonly identity: Marks;
}

export interface Servers {
  readonly couchbase: Server;
  readonly oracle: Server;
}

/**
 * The settings that decide what the stores do, of the scratch places when it is made, and of a collection when the gate asks. A pace, a
 * size of a batch, or one more collection like this one is none of them.
 */
export interface Settings {
  /** Replicas, storage and TTL are the bucket's. */
  readonly bucket: string;
  /** Schema of the tables. */
  readonly schema: string;
  readonly durability: Durability;
  readonly durabilityImpossible: 'refuse' | 'accept';
  /** Whether others on the way can read or forge the connections, as `couchbase verified, oracle plain`. */
  readonly tls?: string;
}

/** What a certificate is about, and is held against later. */
export interface About {
  /** Hash of the code of the stores, as the edge tells it. */
  readonly code: string;
  readonly servers: Servers;
  readonly settings: Settings;
}

/** `passed`: nothing failed, and nothing was skipped that has to be seen. `incomplete`: nothing failed, but something that has to be seen was not. */
export type Verdict = 'passed' | 'failed' | 'incomplete';

export interface Certificate extends About {
  readonly format: 1;
  readonly form: Form;
  /** Milliseconds since the epoch. */
  readonly began: number;
  readonly ended: number;
  /** In the order of the list of checks. */
  readonly checks: readonly Checked[];
  readonly verdict: Verdict;
}
