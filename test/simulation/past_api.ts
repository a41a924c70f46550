/** Who writes into Couchbase past the API: an old service, a script, a transaction, or the replication from another cluster. */

import type { Value } from '../../functions/certification/operation.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { agree } from '../../functions/protocol/state.ts';
import { couchbase, execute, type World } from '../model/world.ts';
import type { Control } from './control.ts';
import type { History } from './history.ts';
import type { Lives } from './lives.ts';
import type { Act } from './plan.ts';
import type { ReceiptQueue } from './queue.ts';
import { REQUEST } from './rules.ts';
import type { Process, Random, Scheduler } from './scheduler.ts';
import { LATE, type SimulatedStores } from './world.ts';

/** Milliseconds after which no process of ours, however long it has stood still, has anything left of what it had read before. */
const FORGOTTEN = 6 * REQUEST + LATE;
/** Operations on one key of which nobody knows the outcome. */
const DOUBTS = 2;
/** Phases in which Couchbase alone decides what a key holds: whoever writes or reads it there has done so. */
export const COUNTED: readonly Phase[] = ['legacy', 'expand'];
/** Phases in which Oracle's takes the place of what is put there of a key that Oracle orders. */
const REPLACED: readonly Phase[] = ['settle', 'contract'];

export interface HandsParts {
  readonly scheduler: Scheduler;
  readonly stores: SimulatedStores;
  readonly control: Control;
  readonly history: History;
  readonly lives: Lives;
  readonly queue: ReceiptQueue;
  readonly keys: readonly string[];
  readonly isOver: () => boolean;
}

export class PastApi {
  readonly #parts: HandsParts;
  readonly #by: Process;
  readonly #random: Random;
  readonly #tell: (key: string) => void;
  /** What may yet take effect, and since when no store can bring it any more. */
  #open: { readonly key: string; readonly id: number; agreed: number | null }[] = [];
  /** What was put where Oracle's takes its place. */
  readonly #owed = new Map<string, string>();
  /** States that keys have had. */
  readonly #earlier = new Map<string, Pick<World, 'content' | 'xattr'>[]>();

  /** @param tell tells a feed of a mutation. */
  constructor(parts: HandsParts, by: Process, random: Random, tell: (key: string) => void) {
    this.#parts = parts;
    this.#by = by;
    this.#random = random;
    this.#tell = tell;
    parts.stores.follow();
    parts.lives.ended = (ended, value) => {
      if (this.#owed.get(ended) === value) this.#owed.delete(ended);
    };
    this.#close();
  }

  act(act: Act, key: string): void {
    if (this.#parts.history.doubts(key) >= DOUBTS) return;
    if (act === 'write') this.#write(key);
    else if (act === 'copy') this.#copy(key);
    else if (this.#parts.stores.world(key).content !== null)
      this.#put(key, null, 'remove', (world) => execute(world, { name: 'couchbase.remove' }, {}).world);
  }

  /** A state that may come back. */
  remember(key: string, { content, xattr }: World): void {
    if (content === null || this.#parts.lives.isAlike(content)) return;
    this.#earlier.set(key, [...(this.#earlier.get(key) ?? []).slice(-4), { content, xattr }]);
  }

  /** What is wrong with a key at rest; null for nothing. */
  judge(key: string): string | null {
    const { stores, lives } = this.#parts;
    const [value, { content, row }] = [this.#owed.get(key), stores.world(key)];
    const traced = [lives.valueOf(key, content), lives.valueOf(key, row.content), ...stores.setAside(key)];
    if (value === undefined || traced.includes(value)) return null;
    return `${key}: ${value}, written past the API where Oracle orders the key, is gone without a trace`;
  }

  #write(key: string): void {
    const { history, lives } = this.#parts;
    const value = `past-${history.operations}`;
    const content = lives.shortened(key, documentFrom(Buffer.from(value), null));
    if (content === null) return;
    this.#put(
      key,
      value,
      'write',
      (world) => execute(world, { name: 'couchbase.upsert', content }, {}).world,
    );
  }

  /** An earlier state, with the attribute that it had, and a CAS above all that is here. */
  #copy(key: string): void {
    const { stores, lives } = this.#parts;
    const held = lives.valueOf(key, stores.world(key).content);
    const others = (this.#earlier.get(key) ?? []).filter(
      ({ content }) => lives.valueOf(key, content) !== held,
    );
    if (others.length === 0) return;
    const { content, xattr } = this.#random.pick(others);
    if (content === null) return;
    const left = lives.shortened(key, documentFrom(content.body, null, content.request));
    const value = lives.valueOf(key, content);
    this.#put(key, value, 'copy', (world) => {
      const cas = world.clock + world.tick;
      return { ...world, clock: cas, cas, content: left, xattr, gone: 0n };
    });
  }

  #put(key: string, value: Value, act: Act, change: (world: World) => World): void {
    const { stores, history, control, scheduler } = this.#parts;
    const { phase, acting } = control;
    const isReplaced = acting.every((each) => REPLACED.includes(each));
    const isOwed = isReplaced && stores.world(key).row.handoff !== null;
    scheduler.strike(`${act} past the API in ${phase}`);
    stores.byHand(key, change);
    const counts = COUNTED.includes(phase);
    const id = history.past(this.#by, key, value, counts);
    if (!counts) this.#open.push({ key, id, agreed: null });
    if (isOwed && value !== null) this.#owed.set(key, value);
    else this.#owed.delete(key);
    this.#tell(key);
  }

  /** A write past the API is over once both stores have agreed since, and whoever had read something before has nothing of it any more. */
  async #close(): Promise<void> {
    const { scheduler, stores, control, history } = this.#parts;
    for (;;) {
      await scheduler.sleep(this.#by, 5000);
      const isAlone = control.acting.join() === 'legacy';
      for (const each of this.#open) {
        const world = stores.world(each.key);
        if (isAlone || agree(couchbase(world, {}), world.row)) each.agreed ??= scheduler.now;
      }
      const over = this.#open.filter(({ agreed }) => agreed !== null && agreed + FORGOTTEN < scheduler.now);
      for (const { key, id } of over) history.pastOver(key, id);
      this.#open = this.#open.filter((each) => !over.includes(each));
    }
  }
}
