/** One key on both stores, as literal as the model has them, for tests of single histories. */
import { type Call, perform, type Reply } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import { type Converged, converge } from '../../functions/protocol/converge.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { read } from '../../functions/protocol/read.ts';
import { write } from '../../functions/protocol/write.ts';
import { documentOf } from '../model/documents.ts';
import { EMPTY, execute, type World } from '../model/world.ts';

export class Stores {
  world: World;
  receipts = 0;
  /** Whether the queue takes receipts. */
  queue = true;
  readonly calls: string[] = [];
  /** Is told of the stores after each call. */
  watch: (world: World) => unknown = () => {};

  constructor(world: Partial<World>) {
    this.world = { ...EMPTY, ...world };
  }

  readonly port = async (call: Call): Promise<Reply> => {
    if (call.name === 'receipt.send') {
      this.receipts++;
      return null;
    }
    if (call.name === 'receipt.sent') return this.queue;
    this.calls.push(call.name);
    const { world, reply } = execute(this.world, call, {});
    this.world = world;
    this.watch(world);
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

  /** A converge in which something happens after its first call of `name`, or its second. */
  async interrupted(
    phase: Phase,
    name: Call['name'],
    happens: () => unknown,
    { expired = 0n, nth = 1 } = {},
  ): Promise<Converged> {
    let pending = nth;
    return perform(converge(phase, expired), async (call) => {
      const reply = await this.port(call);
      if (call.name === name && --pending === 0) await happens();
      return reply;
    });
  }

  async seen(phase: Phase): Promise<string | null> {
    return (await perform(read(phase), this.port)).content?.digest ?? null;
  }
}
