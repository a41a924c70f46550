/** One worker's attempt at a shard: what it learns of the workers before it, and the document that the last one has died of. */
import { type Finding, poison } from '../records/finding.ts';
import { DIED } from '../records/letter.ts';
import type { Hold, Kind, Run, ShardRow } from '../records/run.ts';
import { type Begun, beginAttempt } from './attempts.ts';
import type { ShardPorts } from './shard_ports.ts';
import type { ShardTurns } from './shard_turns.ts';
import type { Alone } from './walk_shard.ts';

type Ports = Pick<ShardPorts, 'attempts' | 'warn' | 'now'>;

export class ShardAttempt {
  readonly #hold: Hold;
  readonly #begun: Begun | null;
  readonly #ports: Ports;

  private constructor(hold: Hold, begun: Begun | null, ports: Ports) {
    this.#hold = hold;
    this.#begun = begun;
    this.#ports = ports;
  }

  /** @param handedOn whether the worker before has handed the shard on. Throws `Overtaken`. */
  static async begin(hold: Hold, row: ShardRow, handedOn: boolean, ports: Ports): Promise<ShardAttempt> {
    const begun = await ports.attempts.begin(hold, (before) =>
      beginAttempt(before, row, hold.epoch, handedOn),
    );
    if (begun?.died) {
      const { run, shard } = hold;
      const { killer, attempt } = begun;
      const about = { run, shard, after: row.doneKey, alone: attempt.alone };
      ports.warn('A worker of the shard has died', killer === null ? about : { ...about, key: killer });
    }
    return new ShardAttempt(hold, begun, ports);
  }

  /** Why no more documents of this shard are set aside; null where it goes on. */
  get stop(): string | null {
    return this.#begun?.stop ?? null;
  }

  /** Undefined where batches may be worked on as usual. */
  get alone(): Alone | undefined {
    const keys = this.#begun?.attempt.alone ?? 0;
    if (keys === 0) return undefined;
    return { keys, touch: (key, left) => this.#ports.attempts.touch(this.#hold, key, left) };
  }

  /** Sets the document aside that the last worker has died of, and moves the shard on past it. False where there is none. */
  async setAside({ kind }: Pick<Run, 'kind'>, turns: ShardTurns): Promise<boolean> {
    const key = this.#begun?.killer ?? null;
    if (key === null) return false;
    await turns.permit();
    const isLeftOut = await turns.setAside(poison(key, DIED), true);
    const finding = killerOf(kind, key, isLeftOut);
    const counts = { listed: 1, applied: 0, stale: 0, gone: 0, failed: 1, bytes: 0 };
    await this.#ports.attempts.pass(this.#hold, { to: key, counts, findings: [finding] }, this.#ports.now());
    await turns.writeLetters();
    return true;
  }

  /** Notes that this worker stops in good order. Never rejects: where it is not noted, the message still tells. */
  async leave(): Promise<void> {
    if (this.#begun !== null) await this.#ports.attempts.leave(this.#hold).catch(() => {});
  }
}

/** A verification has a difference then: whether both stores hold the same is not known. */
function killerOf(kind: Kind, key: string, isLeftOut: boolean): Finding {
  const finding = poison(key, DIED);
  return kind === 'verify' ? { ...finding, verdict: isLeftOut ? 'left out' : 'mismatch' } : finding;
}
