/** The task of a state machine that waits for the end of one shard. */

/** Nobody waits for this work any more: the execution was stopped, or another message has taken the task over. */
export class TaskGone extends Error {
  override readonly name = 'TaskGone';
}

export interface ShardTask {
  /** Sends a heartbeat. Returns false where the task waits for nothing any more. */
  isWanted(): Promise<boolean>;
  /** Sends a heartbeat, if the last one is old enough: it can be called at any rate. Rejects with `TaskGone`. */
  alive(): Promise<void>;
  /** Ends the task well. A task that is gone is no error. */
  done(output: unknown): Promise<void>;
  /** Ends the task badly. A task that is gone is no error. */
  failed(error: string, cause: string): Promise<void>;
}
