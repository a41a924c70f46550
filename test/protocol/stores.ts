/** One key on both stores, as literal as the model has them, for tests of single histories. */
import { type Call, perform, type Reply } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { converge } from '../../functions/protocol/converge.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { read } from '../../functions/protocol/read.ts';
import { write } from '../../functions/protocol/write.ts';
import { documentOf } from '../model/scenario.ts';
import { EMPTY, execute, type World } from '../model/world.ts';

export class Stores {
  world: World;
  receipts = 0;
  readonly calls: string[] = [];

  constructor(world: Partial<World>) {
    this.world = { ...EMPTY, ...world };
  }

  readonly port = async (call: Call): Promise<Reply> => {
    if (call.name === 'receipt.send') {
      this.receipts++;
      return null;
    }
    if (call.name === 'receipt.sent') return true;
    this.calls.push(call.name);
    const { world, reply } = execute(this.world, call, {});
    this.world = world;
    return reply;
  };

  put(phase: Phase, digest: string) {
    return perform(write(phase, { content: documentOf(digest), condition: UNCONDITIONAL }), this.port);
  }

  remove(phase: Phase) {
    return perform(write(phase, { content: null, condition: UNCONDITIONAL }), this.port);
  }

  /** @param expired CAS of a marker that was seen a bake ago; 0 for none. */
  converge(phase: Phase, expired = 0n) {
    return perform(converge(phase, expired), this.port);
  }

  async seen(phase: Phase): Promise<string | null> {
    return (await perform(read(phase), this.port)).content?.digest ?? null;
  }
}
