/** All clients together: who writes what, at which rate, and whether both stores hold what they were told. */
import pMap from 'p-map';
import { canonicalJson } from '../../functions/protocol/canonical.ts';
import type { Place } from './app.ts';
import { Book, type Fault, type Mark } from './book.ts';
import {
  type Act,
  bodyOf,
  type Counted,
  counter,
  goOn,
  markOf,
  nameOf,
  reader,
  type Surroundings,
  stepsOf,
  writer,
} from './clients.ts';
import type { OldService } from './old_service.ts';
import { citiesOf, countries } from './places.ts';
import type { BothStores } from './stores.ts';
import type { Tally } from './tally.ts';

/** Clients of each kind, and the keys that each writer has of those that were there before, and has of new ones. */
export interface Crew {
  readonly writers: number;
  readonly counters: number;
  readonly readers: number;
  readonly keys: number;
  /** Whether they read countries, too. */
  readonly countries: boolean;
}

const CREW: Crew = { writers: 3, counters: 2, readers: 3, keys: 40, countries: true };
const [OLD_KEYS, NIGHTLY_KEYS] = [30, 3];
/** The number by which its requests are known once it uses the API, and milliseconds between two of its requests. */
const [OLD, OLD_PAUSE] = [99, 200];
/** Clients of a burst, at most, and milliseconds between two requests of one of them. */
const [BURST, BURST_PAUSE] = [100, 50];
const COUNTED: Place = { collection: 'countries', key: 'visitors' };

export interface CrowdParts extends Omit<Surroundings, 'book' | 'tally'> {
  readonly tally: Tally;
  readonly stores: BothStores;
  /** Documents beside those of places, which nobody writes; none if not given. */
  readonly more?: ReadonlyMap<Place, string>;
  /** Writes past the API until it is stopped; nobody does if not given. */
  readonly old?: Pick<OldService, 'act'>;
  readonly documents: number;
  /** Requests a second, all together. */
  readonly rate: number;
  /**
   * Who they are. A client waits for its answer before it asks again, so few of them ask less often while answers are late; many go on at the
   * same rate.
   */
  readonly crew?: Crew;
  /** Milliseconds after which a request that was given up can no longer take effect. */
  readonly late: number;
}

export class Crowd {
  readonly #parts: CrowdParts;
  readonly #crew: Crew;
  readonly book: Book;
  /** Nobody writes these. */
  readonly #untouched: Map<Place, string>;
  /** Of each writer. */
  readonly #written: readonly Place[][];
  readonly #old: readonly Place[];
  /** What a job at night writes: see `lateWrites`. */
  readonly nightly: readonly Place[];
  /** One for each client of a burst. */
  readonly #bursts: readonly Place[];
  #stopped = true;
  #isOldStopped = false;
  #oldUsesApi = false;
  #running: Promise<unknown> = Promise.resolve();
  #oldRunning: Promise<unknown> = Promise.resolve();

  constructor(parts: CrowdParts) {
    this.#parts = parts;
    this.book = new Book(parts.late, () => performance.now());
    this.#untouched = new Map(parts.more);
    this.#crew = parts.crew ?? CREW;
    const { writers, keys } = this.#crew;
    const places = citiesOf(parts.documents);
    const some = places.splice(0, writers * keys);
    // Half of what a writer writes was there before.
    this.#written = Array.from({ length: writers }, (_, n) => [
      ...some.slice(n * keys, n * keys + keys).map(({ key }) => ({ collection: 'cities', key })),
      ...Array.from({ length: keys }, (_each, k) => ({ collection: 'cities', key: `new/${n}/${k}` })),
    ]);
    for (const { key, body } of places) this.#untouched.set({ collection: 'cities', key }, body);
    for (const { key, body } of countries()) this.#untouched.set({ collection: 'countries', key }, body);
    this.#bursts = Array.from({ length: BURST }, (_, n) => ({ collection: 'cities', key: `burst/${n}` }));
    const keysOf = (prefix: string, length: number) =>
      Array.from({ length }, (_, n) => ({ collection: 'countries', key: `${prefix}/${n}` }));
    this.#old = keysOf('old', OLD_KEYS);
    this.nightly = keysOf('nightly', NIGHTLY_KEYS);
  }

  /** Documents that are there before anybody moves anything. */
  async load(): Promise<number> {
    const { stores } = this.#parts;
    await pMap(this.#untouched, ([place, body]) => stores.create(place, body), { concurrency: 32 });
    const before = this.#written.flatMap((places, number) =>
      places.slice(0, this.#crew.keys).map((place) => ({ place, number })),
    );
    for (const { place, number } of before) {
      const end = this.book.begin(nameOf(place), 0);
      await stores.create(place, bodyOf(number, 0));
      end('acknowledged');
    }
    return this.#untouched.size + before.length;
  }

  /** They go on until they are stopped. */
  start(): void {
    this.#stopped = false;
    const acts = this.#acts();
    const pause = () => (acts.length * 1000) / this.#parts.rate;
    const isStopped = () => this.#stopped;
    // All at once, many would be a burst each time.
    const clients = acts.map((act) => goOn(act, pause, isStopped, this.#parts.random() * pause()));
    this.#running = Promise.all([...clients, this.#startOld()]);
  }

  /**
   * So many clients more, at the same time, each of which asks again as soon as it is answered. Resolves once all have been answered.
   * @returns how many of their requests were not served.
   */
  async burst(clients: number, milliseconds: number): Promise<number> {
    const until = performance.now() + milliseconds;
    const { tally } = this.#parts;
    let left = 0;
    const surroundings = {
      ...{ ...this.#parts, book: this.book },
      tally: {
        count: (phase: string, took: number, why: string | null) => {
          if (why !== null) left++;
          tally.count(phase, took, why);
        },
      },
    };
    const acts = this.#bursts.slice(0, clients).map((place, n) => writer(surroundings, [place], n));
    const isOver = () => performance.now() > until;
    await Promise.all(acts.map((act) => goOn(act, () => BURST_PAUSE, isOver)));
    return left;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    this.#parts.tally.pause();
  }

  /** The old service asks for nothing more. Resolves once its last request was answered. */
  async stopOld(): Promise<void> {
    this.#isOldStopped = true;
    await this.#oldRunning;
  }

  /** It was stopped, and asks the API from now on. */
  oldUsesApi(): void {
    [this.#oldUsesApi, this.#isOldStopped] = [true, false];
    this.#running = Promise.all([this.#running, this.#startOld()]);
  }

  /** What is wrong with what stores hold now that nobody writes. @param which `both`, or Couchbase alone. */
  async check(which: 'both' | 'couchbase'): Promise<Fault[]> {
    const places = [
      ...this.#untouched.keys(),
      ...this.#written.flat(),
      ...this.#bursts,
      ...this.#old,
      ...this.nightly,
      COUNTED,
    ];
    const found = await pMap(places, (place) => this.#checkOne(place, which), { concurrency: 16 });
    return found.flat();
  }

  /** A lie: Couchbase, past the API, holds an older state of a document that nobody changes. What `check` finds must tell of it. */
  async forge(): Promise<void> {
    const [place] = this.#untouched.keys();
    if (place !== undefined) await this.#parts.stores.plant(place, Buffer.from('{"name":"forged"}'));
  }

  async #checkOne(place: Place, which: 'both' | 'couchbase'): Promise<Fault[]> {
    const { couchbase, oracle } = await this.#parts.stores.held(place);
    const here = this.#judged(place, couchbase, 'Couchbase');
    if (which === 'couchbase') return here;
    const faults = [...here, ...this.#judged(place, oracle, 'Oracle')];
    if (faults.length > 0 || same(couchbase, oracle)) return faults;
    return [{ key: nameOf(place), kind: 'diverged', detail: `Couchbase has ${couchbase}, Oracle ${oracle}` }];
  }

  #judged(place: Place, held: string | null, where: string): Fault[] {
    const whole = this.#untouched.get(place);
    if (whole !== undefined)
      return same(held, whole)
        ? []
        : [{ key: nameOf(place), kind: 'lost', detail: `${where} has ${held?.slice(0, 80) ?? 'nothing'}` }];
    if (place === COUNTED) return this.#countedIn(held, where);
    const mark: Mark = held === null ? null : markOf(held);
    return listOf(this.book.judge(nameOf(place), mark, where));
  }

  #countedIn(held: string | null, where: string): Fault[] {
    const { steps } = held === null ? { steps: {} } : (JSON.parse(held) as Counted);
    return Array.from({ length: this.#crew.counters }, (_, n) => n).flatMap((n) =>
      listOf(this.book.judge(stepsOf(COUNTED, n), (steps as Counted['steps'])[n] ?? null, where)),
    );
  }

  #acts(): Act[] {
    const surroundings: Surroundings = { ...this.#parts, book: this.book };
    const written = this.#written.flat();
    const isRead = ({ collection }: Place) => this.#crew.countries || collection === 'cities';
    const read = new Map([...this.#untouched].filter(([place]) => isRead(place)));
    return [
      ...this.#written.map((places, n) => writer(surroundings, places, n)),
      ...Array.from({ length: this.#crew.counters }, (_, n) => counter(surroundings, COUNTED, n)),
      ...Array.from({ length: this.#crew.readers }, () => reader(surroundings, written, read)),
    ];
  }

  #startOld(): Promise<unknown> {
    const { old } = this.#parts;
    const surroundings = { ...this.#parts, book: this.book };
    const act = this.#oldUsesApi ? writer(surroundings, this.#old, OLD) : old?.act(surroundings, this.#old);
    if (act === undefined) return Promise.resolve();
    const isStopped = () => this.#stopped || this.#isOldStopped;
    this.#oldRunning = goOn(act, () => OLD_PAUSE, isStopped);
    return this.#oldRunning;
  }
}

function same(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === b;
  const canonical = (text: string) => canonicalJson(Buffer.from(text));
  return String(canonical(a)) === String(canonical(b));
}

function listOf(fault: Fault | null): Fault[] {
  return fault === null ? [] : [fault];
}
