/** Writes of a router over two stores and a queue in memory, on a clock that is told when to go on. */
import assert from 'node:assert/strict';
import { Payload } from '../../functions/protocol/payload.ts';
import type { Phase, StoreName } from '../../functions/protocol/phase.ts';
import { Bulkheads } from '../../functions/routing/bulkheads.ts';
import { KeyTurns } from '../../functions/routing/key_turns.ts';
import { NO_PRECONDITION } from '../../functions/routing/precondition.ts';
import { Router } from '../../functions/routing/router.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import type { IsAwaited } from '../../functions/stores/port.ts';
import { Receipts } from '../../functions/stores/receipt.ts';
import { Reference } from '../stores/reference.ts';
import { VirtualTimer } from './virtual_timer.ts';

/** Milliseconds until an answer. */
export const AWAY = 40;
export const BOUNDS = { least: 100, most: 500 };
export const PHASES = [
  ['expand', 'oracle'],
  ['settle', 'couchbase'],
] as const satisfies readonly (readonly [Phase, StoreName])[];

export type Behaviour = (timer: VirtualTimer, nth: number, call: string) => Promise<void>;
export const answers: Behaviour = (timer) => timer.sleep(AWAY);
export const late: Behaviour = (timer) => timer.sleep(5000);
export const refuses: Behaviour = async () => {
  const target = { store: 'oracle', operation: 'apply', collection: 'c', key: 'k' } as const;
  throw new StoreUnavailable(target, false, new Error('refused'));
};
/** Until the time of the call is over. */
export const silent: Behaviour = async (timer, nth, call) => {
  await timer.sleep(5000);
  return refuses(timer, nth, call);
};
export const failsEverySecond: Behaviour = (timer, nth, call) =>
  (nth % 2 === 0 ? refuses : answers)(timer, nth, call);

/** Both stores in memory, 40 ms away each, and a queue likewise, until they are told otherwise. */
export class World {
  readonly timer = new VirtualTimer();
  readonly seen: string[] = [];
  readonly log: string[] = [];
  follower: Behaviour = answers;
  queue: (timer: VirtualTimer) => Promise<boolean> = async (timer) => {
    await timer.sleep(AWAY);
    return true;
  };
  calls = 0;
  readonly stores: Reference;
  readonly #router: Router;
  readonly #phase: Phase;

  constructor(phase: Phase, store: StoreName | null, bulkheads = true) {
    this.#phase = phase;
    this.stores = new Reference(() => 0);
    const { couchbase, oracle } = this.stores;
    const pair = {
      couchbase: { ...this.#over(couchbase, 'couchbase', store), require: () => {} },
      oracle: { ...this.#over(oracle, 'oracle', store), require: () => {} },
    };
    const { log } = this;
    const told = new Bulkheads(BOUNDS, this.timer, {
      withoutFollower: (kind, name, of) => log.push(`${kind} ${name} ${of}`),
      changed: (what, isOpen) => log.push(`${what} ${isOpen ? 'opened' : 'closed'}`),
      withoutReceipt: () => log.push('without receipt'),
    });
    const send = () => this.queue(this.timer);
    this.#router = new Router(
      () => pair,
      new Receipts(send),
      () => false,
      bulkheads ? told : null,
      new KeyTurns(
        { most: 1, slow: 1500 },
        () => this.timer.now(),
        ({ key }) => log.push(`busy ${key}`),
      ),
    );
  }

  #over<Store extends object>(store: Store, name: StoreName, follower: StoreName | null): Store {
    const wrapped = Object.entries(store).map(([verb, act]) => [
      verb,
      async (key: string, args: unknown, isAwaited?: IsAwaited) => {
        await (name === follower ? this.follower(this.timer, this.calls++, verb) : this.timer.sleep(AWAY));
        this.seen.push(`${name}.${verb}${isAwaited?.() === false ? ', given up' : ''}`);
        return (act as (key: string, args: unknown) => unknown)(key, args);
      },
    ]);
    return Object.fromEntries(wrapped) as Store;
  }

  /** @returns what is answered, and after how many milliseconds. */
  async put(key = 'k'): Promise<[kind: string, took: number]> {
    const began = this.timer.now();
    const payload = new Payload(Buffer.from('{}'), null);
    const request = { collection: 'c', key, verb: 'put', payload, precondition: NO_PRECONDITION } as const;
    const write = this.#router.write(request, { phase: this.#phase, timely: () => true });
    const { kind } = await this.timer.run(write);
    return [kind, this.timer.now() - began];
  }

  async puts(count: number): Promise<number[]> {
    const times: number[] = [];
    for (let n = 0; n < count; n++) {
      const [kind, took] = await this.put(`k${n}`);
      assert.equal(kind, 'written');
      times.push(took);
    }
    return times;
  }
}
