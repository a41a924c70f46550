/** The history of a partition of Couchbase, as it is remembered: a failover begins another one. */
export interface SeenHistory {
  readonly id: number;
  readonly uuid: string;
  /** What is remembered so far; null for nothing. */
  readonly before: string | null;
}
