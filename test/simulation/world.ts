/** Both stores of one collection, as everybody reaches them: over a way on which requests, answers and time get lost. */

import type { Value } from '../../functions/certification/operation.ts';
import type { Call, CallName, Calls } from '../../functions/protocol/call.ts';
import { byUtf8 } from '../../functions/protocol/order.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { contains, type Shard } from '../../functions/protocol/shard.ts';
import type { Answers } from '../../functions/stores/port.ts';
import type { Seen } from '../../functions/stores/snapshot.ts';
import { expire } from '../model/expiry.ts';
import type { Tampering } from '../model/tampering.ts';
import { caughtUp, EMPTY, execute, failover, fallback, type World } from '../model/world.ts';
import type { Lives } from './lives.ts';
import { misread, planted } from './planted.ts';
import type { Rules } from './rules.ts';
import { lasting, type Process, type Scheduler } from './scheduler.ts';
import { seenIn } from './seen.ts';
import { Trace } from './trace.ts';
import { failure, type StoreName, Way, type Weather } from './weather.ts';

/** Milliseconds: what a call has, and after which one that was given up no longer arrives. */
export const [CALL, LATE] = [3000, 15_000];

export class SimulatedStores {
  readonly #scheduler: Scheduler;
  readonly #way: Way;
  readonly #tampering: Tampering;
  readonly #rules: Rules;
  readonly #lives: Lives;
  #empty = EMPTY;
  /** Null where nothing that was set aside is asked for. */
  #trace: Trace | null = null;
  readonly #worlds = new Map<string, World>();
  /** Whether nobody may act on a phase any more. */
  isOver: (phase: Phase) => boolean = () => false;
  /** Is told of each mutation of ours in Couchbase. */
  mutated: (key: string) => void = () => {};

  constructor(scheduler: Scheduler, weather: Weather, tampering: Tampering, rules: Rules, lives: Lives) {
    this.#scheduler = scheduler;
    this.#way = new Way(scheduler, weather);
    this.#tampering = tampering;
    this.#rules = rules;
    this.#lives = lives;
  }

  /** As a process reaches them. */
  couchbase(process: Process): Answers<'couchbase'> {
    const of = this.#callsOf(process);
    return {
      read: of('couchbase.read'),
      upsert: of('couchbase.upsert'),
      remove: of('couchbase.remove'),
      swap: of('couchbase.swap'),
      erase: of('couchbase.erase'),
      gone: of('couchbase.gone'),
    };
  }

  oracle(process: Process): Answers<'oracle'> {
    const of = this.#callsOf(process);
    return {
      read: of('oracle.read'),
      apply: of('oracle.apply'),
      write: of('oracle.write'),
      swap: of('oracle.swap'),
      keep: of('oracle.keep'),
    };
  }

  /** Something that a store does as a whole, or not at all. Throws where it is not told of its outcome. */
  async whole<Result>(process: Process, store: StoreName, label: string, act: () => Result): Promise<Result> {
    await this.#sent(process, store, label);
    this.#way.requireUp(store);
    const fault = this.#way.wholeFault();
    if (fault === 'refused' || fault === 'lost') throw failure(store, fault === 'lost');
    const result = act();
    if (fault === null) return result;
    await this.#scheduler.sleep(process, CALL);
    throw failure(store, true);
  }

  /** At once, by nobody. */
  execute<N extends CallName>(key: string, name: N, args: Calls[N]['args']): Calls[N]['reply'] {
    const before = this.world(key);
    const call = planted(this.#lives.taken(key, { name, ...args } as Call), before, this.#rules);
    const { world, reply } = execute(before, call, this.#tampering);
    this.#keep(key, world);
    if (world.cas !== before.cas) this.mutated(key);
    return misread(call, reply, world, this.#rules) as Calls[N]['reply'];
  }

  /** Somebody else changes what Couchbase holds of a key, past the API. */
  byHand(key: string, change: (world: World) => World): void {
    this.#keep(key, change(this.world(key)));
  }

  /** The time of a document is up, by the clocks of both stores. @returns whether either had it. */
  expire(key: string, digest: string): boolean {
    const { content, row } = this.world(key);
    this.#worlds.set(key, expire(this.world(key), digest));
    return [content, row.content].some((each) => each?.digest === digest);
  }

  /** Whether either store shows what a write has left, whatever its expiry. */
  shows(key: string, value: string): boolean {
    const { content, row } = this.world(key);
    return [content, row.content].some((each) => this.#lives.valueOf(key, each) === value);
  }

  world(key: string): World {
    return this.#worlds.get(key) ?? this.#empty;
  }

  /** A store may come back with less than it has acknowledged, from the beginning on. */
  mayForget(): void {
    this.#empty = { ...caughtUp(EMPTY), older: EMPTY.row };
    this.follow();
  }

  /** What is set aside from now on can be told by its value. */
  follow(): void {
    this.#trace = new Trace();
  }

  /** What a store holds of a key it can no longer lose. */
  safe(key: string, store: StoreName): void {
    const world = this.world(key);
    this.#worlds.set(key, store === 'couchbase' ? caughtUp(world) : { ...world, older: world.row });
  }

  /** It loses what it holds of a key since. */
  forget(key: string, store: StoreName): void {
    this.#worlds.set(key, store === 'couchbase' ? failover(this.world(key)) : fallback(this.world(key)));
  }

  /** Values of a key that were set aside. */
  setAside(key: string): Value[] {
    return this.#trace?.setAside(key, this.world(key)) ?? [];
  }

  /** The first keys of a shard, in byte order. */
  keys(which: 'couchbase' | 'oracle' | 'handed-off', shard: Shard, limit: number): string[] {
    const here = [...this.#worlds].filter(([key, { cas, row }]) => {
      if (!contains(shard, key)) return false;
      // A marker is a document like any other to those who list them.
      if (which === 'couchbase') return cas !== 0n;
      return row.handoff !== null || (which === 'oracle' && row.content !== null);
    });
    return here
      .map(([key]) => key)
      .sort(byUtf8)
      .slice(0, limit);
  }

  /** A store goes away now, for so many milliseconds. */
  leaves(store: StoreName, milliseconds: number): void {
    this.#way.leaves(store, milliseconds);
  }

  isUp(store: StoreName): boolean {
    return this.#way.isUp(store);
  }

  /** As verification sees it. */
  seen(store: StoreName, key: string): Seen {
    return seenIn(store, this.world(key));
  }

  #keep(key: string, world: World): void {
    this.#worlds.set(key, world);
    this.#trace?.note(key, world);
  }

  #callsOf(process: Process) {
    return <N extends CallName>(name: N) =>
      (key: string, args: Calls[N]['args']) =>
        this.#call(process, key, name, args);
  }

  async #call<N extends CallName>(
    process: Process,
    key: string,
    name: N,
    args: Calls[N]['args'],
  ): Promise<Calls[N]['reply']> {
    const store = name.split('.')[0] as StoreName;
    await this.#sent(process, store, `${name} ${key}`);
    this.#way.requireUp(store);
    const fault = this.#way.fault();
    if (fault === 'refused') throw failure(store, false);
    if (fault === 'late') this.#arriveLate(key, name, args);
    if (fault === null || fault === 'answer lost') {
      const reply = this.execute(key, name, args);
      if (fault === null) {
        await this.#scheduler.turn(process, '');
        return reply;
      }
    }
    this.#scheduler.tell(process, `${name} ${key}: ${fault}`);
    await this.#scheduler.sleep(process, CALL);
    throw failure(store, true);
  }

  /** Its sender has given it up long before. */
  #arriveLate<N extends CallName>(key: string, name: N, args: Calls[N]['args']): void {
    const network = lasting('network');
    const after = this.#scheduler.random.below(LATE);
    this.#scheduler.sleep(network, after, `${name} ${key} arrives late`).then(() => {
      this.execute(key, name, args);
    });
  }

  /** A call that a pause has kept for longer than its time is not sent any more. */
  async #sent(process: Process, store: StoreName, label: string): Promise<void> {
    const { now } = this.#scheduler;
    await this.#scheduler.turn(process, label);
    const { acts, calls = null } = process;
    if (calls !== null && this.#scheduler.now - now > calls) throw failure(store, false);
    // Whoever only looks does no harm.
    if (
      acts !== undefined &&
      !/^$|read|lists|inspects|records|finishes|ends|begins/.test(label) &&
      this.isOver(acts)
    )
      this.#scheduler.wrong ??= `${label}: ${process.name} acts on ${acts}, whose bake is over`;
  }
}
