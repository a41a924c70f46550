/** The turns of one worker on one shard: each waits for the pace, is timed, and writes the letters of its batch after it. */
import type { Finding } from '../records/finding.ts';
import type { Run } from '../records/run.ts';
import type { Courtesy } from './courtesy.ts';
import type { ShardPorts, WriteLetter } from './shard_ports.ts';
import type { ShardTask } from './shard_task.ts';
import { type Permit, Turns } from './turn.ts';
import type { Turn } from './walk_shard.ts';

/** The shard, and for how long the worker may go on. */
export interface Worked {
  readonly run: Run;
  readonly shard: number;
  readonly task: Pick<ShardTask, 'alive'>;
  /** Milliseconds that are left for batches. */
  readonly left: () => number;
}

export class ShardTurns {
  readonly #worked: Worked;
  readonly #ports: ShardPorts;
  readonly #courtesy: Courtesy;
  readonly #turns: Turns;
  /**
   * They are written after their batch: within it, another connection would wait for the one that waits for it. The queue has their
   * messages before, so that they outlive this worker.
   */
  readonly #letters: WriteLetter[] = [];
  #granted = false;
  /** When the last batch ended. While one is acted on, the next is prepared. */
  #ended = Number.NEGATIVE_INFINITY;

  /** @param courtesy of the container: what it has seen of the stores. */
  constructor(worked: Worked, ports: ShardPorts, courtesy: Courtesy) {
    this.#worked = worked;
    this.#ports = ports;
    this.#courtesy = courtesy;
    this.#turns = turnsOf(worked, ports, courtesy);
  }

  /** Whether anything was worked on yet. */
  get hasGranted(): boolean {
    return this.#granted;
  }

  permit(): Promise<Permit> {
    return this.#turns.permit();
  }

  async turn(documents: number): Promise<Turn | null> {
    const granted = await this.#turns.wait(documents);
    this.#granted ||= granted;
    const began = this.#ports.clock.steady();
    return granted ? { over: () => this.#over(began, documents) } : null;
  }

  /**
   * @param killed whether workers have died of it: no choice that operators have made beforehand leaves such a document out.
   * @returns whether an operator has left the document out: it has its letter already.
   */
  async setAside({ key, detail }: Finding, killed = false): Promise<boolean> {
    const { run, shard } = this.#worked;
    const { id, kind, collection, phase } = run;
    if (await this.#ports.leftOut(collection, key)) return true;
    // As a receipt, so that a redrive looks at the key again once it has been mended.
    const receipt = { collection, key, phase, cause: 'run', expired: 0n } as const;
    const reason = `${id}, shard ${shard}: ${detail}`;
    // Only a backfill sets aside what Oracle can never take.
    const chosen = kind === 'backfill' && !killed && (await this.#ports.leftByChoice(receipt, reason));
    this.#ports.count(chosen ? 'UnstorableLeftOut' : 'DocumentsSetAside', 1);
    if (chosen) return true;
    this.#letters.push(await this.#ports.bury(receipt, reason));
    return false;
  }

  /** Writes the letters of what was set aside. */
  async writeLetters(): Promise<void> {
    for (const write of this.#letters.splice(0)) await write();
  }

  async #over(began: number, documents: number): Promise<void> {
    await this.writeLetters();
    const at = this.#ports.clock.steady();
    // What it has waited for the batch before is none of its own time.
    this.#courtesy.took(at - Math.max(began, this.#ended), documents);
    this.#ended = at;
    this.#ports.count('DocumentsWalked', documents);
    await this.#worked.task.alive();
  }
}

function turnsOf({ run, task, left }: Worked, ports: ShardPorts, courtesy: Courtesy): Turns {
  const { pace, load, patient, clock, timing } = ports;
  return new Turns(run, {
    phase: async () => {
      const effective = await ports.phase(run.collection);
      if (changes(run)) await ports.requireIdentity(run.collection, effective.phase);
      return effective;
    },
    wait: async (documents) => {
      const share = courtesy.share * (await load.share());
      // To read the load may have taken a while.
      const most = left();
      return most > 0 && pace.wait(documents / share, most, { patient, alive: () => task.alive() });
    },
    timely: () => left() > 0,
    clock,
    lasts: timing.lasts,
  });
}

/** Whether a run changes a store: a verification that only compares shows what another store holds. */
function changes({ kind, options }: Run): boolean {
  return kind !== 'verify' || options.repair === true;
}
