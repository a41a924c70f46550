/** A state machine's task that waits to be told: by its token. */
import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import { type ShardTask, TaskGone } from '../runs/shard_task.ts';

/** What the service answers where nobody waits any more. */
const GONE = ['TaskDoesNotExist', 'TaskTimedOut'];
/** And where nobody ever has: the message was written by hand, as the samples are. */
const NO_TOKEN = 'InvalidToken';

export class Task implements ShardTask {
  readonly #client: SFNClient;
  readonly #token: string;
  readonly #every: number;
  readonly #steady: () => number;
  readonly #keep: () => Promise<unknown>;
  #last = Number.NEGATIVE_INFINITY;

  /**
   * @param every milliseconds between two signs of life. @param steady milliseconds on a clock that never goes back.
   * @param keep is called with each sign of life: keeps the message from others for a while.
   */
  constructor(
    client: SFNClient,
    token: string,
    every: number,
    steady: () => number,
    keep: () => Promise<unknown> = async () => {},
  ) {
    this.#client = client;
    this.#token = token;
    this.#every = every;
    this.#steady = steady;
    this.#keep = keep;
  }

  /** What was copied stays copied, whether somebody still waits for it or not. */
  done(output: unknown): Promise<void> {
    return this.#tellAnybody(() =>
      this.#client.send(
        new SendTaskSuccessCommand({ taskToken: this.#token, output: JSON.stringify(output) }),
      ),
    );
  }

  failed(error: string, cause: string): Promise<void> {
    return this.#tellAnybody(() =>
      this.#client.send(
        new SendTaskFailureCommand({ taskToken: this.#token, error, cause: cause.slice(0, 30_000) }),
      ),
    );
  }

  /** Can be called as often as one likes. Rejects with `TaskGone` where there is no use in going on. */
  async alive(): Promise<void> {
    const now = this.#steady();
    if (now - this.#last < this.#every) return;
    this.#last = now;
    // A message that could not be kept comes again a little earlier: whoever gets it takes the shard over.
    const kept = this.#keep().catch(() => {});
    await this.#tell(() => this.#client.send(new SendTaskHeartbeatCommand({ taskToken: this.#token })));
    await kept;
  }

  /** Gives a sign of life where somebody waits for it. */
  async isWanted(): Promise<boolean> {
    try {
      await this.alive();
      return true;
    } catch (error) {
      if (error instanceof TaskGone) return false;
      throw error;
    }
  }

  async #tellAnybody(send: () => Promise<unknown>): Promise<void> {
    await this.#tell(send).catch((error: unknown) => {
      if (!(error instanceof TaskGone)) throw error;
    });
  }

  async #tell(send: () => Promise<unknown>): Promise<void> {
    try {
      await send();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (error.name === NO_TOKEN) return;
      if (!GONE.includes(error.name)) throw error;
      throw new TaskGone('Nobody waits for it any more', { cause: error });
    }
  }
}
