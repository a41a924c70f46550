/** What a mutation that was made in Couchbase tells beside its result. */

export interface Made {
  /** Nanoseconds since the epoch by the clock of the node that made it, or just above the highest CAS of its partition. */
  readonly cas: bigint;
  /** Milliseconds since the epoch by the clocks of the container: before the call, and after it. */
  readonly began: Instant;
  readonly ended: Instant;
  /** Null where the server does not tell. */
  readonly partition: Partition | null;
}

/** The partition of a key, and the history that it is in. */
export interface Partition {
  readonly id: number;
  readonly uuid: string;
}

/** The earliest and the latest time that the clocks of a container tell. */
export interface Instant {
  readonly earliest: number;
  readonly latest: number;
}

/** Sees each mutation of a collection. It neither delays nor fails one. */
export interface Witness {
  now(): Instant;
  made(made: Made): void;
  /** Called with what a look at a document tells. */
  looked(partition: Partition): void;
}
