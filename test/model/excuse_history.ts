/** A history of single calls, as the judge of excuses sees it. */
import type { Call } from '../../functions/protocol/call.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Deed } from './deeds.ts';
import { excuseFor } from './excuse.ts';
import { EMPTY, execute, failover, fallback, type World } from './world.ts';

export class History {
  readonly deeds: Deed[] = [];
  world: World;
  readonly #phases: readonly [Phase, Phase];

  constructor(world: Partial<World>, phases: readonly [Phase, Phase]) {
    this.world = { ...EMPTY, ...world };
    this.#phases = phases;
  }

  call(bit: number, phase: Phase, call: Call): this {
    const before = this.world;
    this.world = execute(before, call, {}).world;
    this.deeds.push({ kind: 'act', bit, phase, call, before, after: this.world, phases: this.#phases });
    return this;
  }

  forget(store: 'couchbase' | 'oracle'): this {
    const before = this.world;
    this.world = store === 'couchbase' ? failover(before) : fallback(before);
    this.deeds.push({ kind: 'forget', store, before, after: this.world });
    return this;
  }

  answered(bit: number, refused = false): this {
    this.deeds.push({ kind: 'begun', bit }, { kind: 'answered', bit, refused });
    return this;
  }

  excuse(what: string): string | null {
    return excuseFor(this.deeds, { what, world: this.world })?.name ?? null;
  }
}
