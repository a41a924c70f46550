/** What is remembered of the workers of shards, in memory. */
import type { Attempt } from '../../functions/records/attempt.ts';
import type { Step } from '../../functions/records/finding.ts';
import { type Hold, Overtaken } from '../../functions/records/run.ts';
import type { ShardPorts } from '../../functions/runs/shard_ports.ts';

export class AttemptsInMemory {
  readonly rows = new Map<string, Attempt>();
  readonly #pass: (hold: Hold, step: Step) => void;

  /** @param pass moves a shard on. */
  constructor(pass: (hold: Hold, step: Step) => void) {
    this.#pass = pass;
  }

  get ports(): ShardPorts['attempts'] {
    return {
      begin: async (hold, begin) => {
        const before = this.rows.get(nameOf(hold)) ?? null;
        if (before !== null && before.epoch >= hold.epoch) throw new Overtaken(hold);
        const begun = begin(before);
        this.rows.set(nameOf(hold), begun.attempt);
        return begun;
      },
      touch: async (hold, touching, alone) => {
        if (!this.#change(hold, { touching, alone })) throw new Overtaken(hold);
      },
      leave: async (hold) => void this.#change(hold, { working: false }),
      pass: async (hold, step) => this.#pass(hold, step),
    };
  }

  #change(hold: Hold, change: Partial<Attempt>): boolean {
    const row = this.rows.get(nameOf(hold));
    if (row?.epoch !== hold.epoch) return false;
    this.rows.set(nameOf(hold), { ...row, ...change });
    return true;
  }
}

function nameOf({ run, shard }: Hold): string {
  return `${run} ${shard}`;
}

/** Where nothing is remembered, since the table is not there yet, and no operator has left anything out. */
export const NO_DEATHS: Pick<ShardPorts, 'attempts' | 'leftOut' | 'leftByChoice'> = {
  attempts: { begin: async () => null, touch: async () => {}, leave: async () => {}, pass: async () => {} },
  ...{ leftOut: async () => false, leftByChoice: async () => false },
};
