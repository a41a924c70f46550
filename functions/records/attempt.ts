/** What is remembered of the workers of a shard. */
export interface Attempt {
  /** Of the worker that has begun last. */
  readonly epoch: number;
  /** Whether that worker has not stopped in good order: it works, or it has died. */
  readonly working: boolean;
  /** Deaths since a worker has stopped in good order, or has moved the shard on. */
  readonly deaths: number;
  /** Whether one of these workers has died with the next key alone in hand. */
  readonly suspected: boolean;
  /** Where the shard stood when the last worker began, or the key that this worker sets aside. */
  readonly at: string | null;
  /** The key that is worked on by itself. It is done once the shard stands there. */
  readonly touching: string | null;
  /** How many of the next keys are to be worked on one by one. */
  readonly alone: number;
  /** Keys in a row that were set aside since their workers died of them: with none between them that is done. */
  readonly row: number;
  /** All keys of the shard that were. */
  readonly lost: number;
}
