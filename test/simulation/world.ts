/** Both stores of one collection, as everybody reaches them: over a way on which requests, answers and time get lost. */

import type { Value } from '../../functions/certification/operation.ts';
import type { Call, CallName, Calls } from '../../functions/protocol/call.ts';
import { byUtf8 } from '../../functions/protocol/order.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { contains, type Shard } from '../../functions/protocol/shard.ts';
import { type Content, effectiveVersion } from '../../functions/protocol/state.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import type { Answers } from '../../functions/stores/port.ts';
import { NOTHING, type Seen } from '../../functions/stores/snapshot.ts';
import { expire } from '../model/expiry.ts';
import type { Tampering } from '../model/tampering.ts';
import { caughtUp, EMPTY, execute, failover, fallback, type World } from '../model/world.ts';
import { lifting } from './lifting.ts';
import type { Rules } from './rules.ts';
import { lasting, type Process, type Scheduler } from './scheduler.ts';
import { Trace } from './trace.ts';

export type StoreName = 'couchbase' | 'oracle';

/** Milliseconds: what a call has, and after which one that was given up no longer arrives. */
export const [CALL, LATE] = [3000, 15_000];

/** The share of what runs do that goes wrong, in bad weather. */
const ROUGH = 0.08;

export interface Weather {
  /** The share of calls that go wrong, 0 to 1, and how many do at most. */
  readonly faults: number;
  readonly most: number;
  /** When a store does not answer at all, in milliseconds. */
  readonly outages: readonly { readonly store: StoreName; readonly from: number; readonly to: number }[];
}

const FAULTS = ['refused', 'lost', 'answer lost', 'late'] as const;

export class SimulatedStores {
  readonly #scheduler: Scheduler;
  readonly #weather: Weather;
  readonly #tampering: Tampering;
  readonly #rules: Rules;
  #empty = EMPTY;
  readonly #trace = new Trace();
  readonly #worlds = new Map<string, World>();
  readonly #outages: Weather['outages'][number][];
  #faults = 0;
  /** Whether nobody may act on a phase any more. */
  isOver: (phase: Phase) => boolean = () => false;

  constructor(scheduler: Scheduler, weather: Weather, tampering: Tampering, rules: Rules) {
    this.#scheduler = scheduler;
    this.#weather = weather;
    this.#outages = [...weather.outages];
    this.#tampering = tampering;
    this.#rules = rules;
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
    this.#requireUp(store);
    const { random } = this.#scheduler;
    // No client waits for these, and none is left in doubt: there may be as many as one likes.
    const fault = this.#weather.faults > 0 && random.chance(ROUGH) ? random.pick(FAULTS) : null;
    if (fault === 'refused' || fault === 'lost') throw failure(store, fault === 'lost');
    const result = act();
    if (fault === null) return result;
    await this.#scheduler.sleep(process, CALL);
    throw failure(store, true);
  }

  /** At once, by nobody. */
  execute<N extends CallName>(key: string, name: N, args: Calls[N]['args']): Calls[N]['reply'] {
    const before = this.world(key);
    const wanted = { name, ...args } as Call;
    const call = this.#rules.lifts ? lifting(wanted, before) : wanted;
    const { world, reply } = execute(before, call, this.#tampering);
    this.#worlds.set(key, world);
    if (this.#empty !== EMPTY) this.#trace.note(key, world);
    return reply as Calls[N]['reply'];
  }

  /** The time of a document is up, by the clocks of both stores. */
  expire(key: string, digest: string): void {
    this.#worlds.set(key, expire(this.world(key), digest));
  }

  world(key: string): World {
    return this.#worlds.get(key) ?? this.#empty;
  }

  /** A store may come back with less than it has acknowledged, from the beginning on. */
  mayForget(): void {
    this.#empty = { ...caughtUp(EMPTY), older: EMPTY.row };
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
    return this.#trace.setAside(key, this.world(key));
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
    const { now } = this.#scheduler;
    this.#outages.push({ store, from: now, to: now + milliseconds });
  }

  /** As verification sees it. */
  seen(store: StoreName, key: string): Seen {
    const { content, cas, xattr, row } = this.world(key);
    if (store === 'couchbase') {
      if (cas === 0n) return NOTHING;
      const presence = content === null ? 'deleted' : 'live';
      const version = effectiveVersion(cas, xattr);
      return { ...NOTHING, ...told(content), presence, version, state: `${presence}@${cas}` };
    }
    if (row.version === 0n) return NOTHING;
    const presence = row.content === null ? 'deleted' : 'live';
    const state = `${presence}@${row.version}/${row.handoff ?? ''}`;
    const { version, handoff } = row;
    return { ...NOTHING, ...told(row.content), presence, version, handoff, state };
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
    this.#requireUp(store);
    const fault = this.#fault();
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

  #fault(): (typeof FAULTS)[number] | null {
    const { faults, most } = this.#weather;
    if (this.#faults >= most || !this.#scheduler.random.chance(faults)) return null;
    this.#faults++;
    return this.#scheduler.random.pick(FAULTS);
  }

  #requireUp(store: StoreName): void {
    const { now } = this.#scheduler;
    if (this.#outages.some((each) => each.store === store && each.from <= now && now < each.to))
      throw failure(store, false);
  }
}

function told(content: Content): Pick<Seen, 'body' | 'expires'> {
  const at = content?.expiresAt ?? null;
  return { body: content?.body ?? null, expires: at === null ? null : at / 1000 };
}

function failure(store: StoreName, mayHaveApplied: boolean): StoreUnavailable {
  const target = { store, operation: 'call', collection: 'c', key: null };
  return new StoreUnavailable(target, mayHaveApplied, new Error('the weather'));
}
