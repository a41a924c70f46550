/**
 * Oracle comes back without its last commits, and what is promised then: what Couchbase had of a later version comes back or is set
 * aside, and nothing is destroyed without a trace (functions/protocol/README, "Stores that forget").
 */
import { setTimeout } from 'node:timers/promises';
import pMap from 'p-map';
import { bake } from '../../functions/configuration/configuration.ts';
import type { Overview } from '../../functions/operations/overview.ts';
import type { Held, SetAsidePage } from '../../functions/operations/set_aside.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Place } from '../../infra/demo/app.ts';
import type { Fault, Mark } from '../../infra/demo/book.ts';
import { markOf, nameOf } from '../../infra/demo/clients.ts';
import { DEMO } from '../../infra/demo/settings.ts';
import type { Stage } from '../../infra/demo/stage.ts';

/** Milliseconds: how much Oracle forgets, for how long it is away, and after how many of those it is certainly away. */
const TIMES = { forgotten: 1500, away: 2000, shut: 300 };

/** Where Couchbase decides, and is read: Oracle's fallback takes nothing from clients. */
const UNHARMED: readonly Phase[] = ['legacy', 'expand'];
/** Where there is something to be repaired. */
const REPAIRED: readonly Phase[] = ['expand', 'seal', 'switch', 'settle'];

/** What Couchbase held of a key while Oracle was away, of which Oracle has forgotten a write. */
interface Witness {
  readonly place: Place;
  readonly mark: Mark;
}

export class Fallbacks {
  /** Collections that have to be verified with `--repair` until a run is clean. */
  readonly due = new Set<string>();
  readonly #stage: Stage;
  readonly #tell: (line: string) => void;
  readonly #times: typeof TIMES;
  #witnesses: Witness[] = [];
  /** What became of what Oracle had forgotten. */
  readonly counts = { 'in both stores': 0, 'set aside': 0, 'written over by a client': 0 };

  constructor(stage: Stage, tell: (line: string) => void, times = TIMES) {
    this.#stage = stage;
    this.#tell = tell;
    this.#times = times;
  }

  /** @returns false where it is not the time for it: nothing has happened then. */
  async strike(resetLogs: boolean): Promise<boolean> {
    const { crowd, local } = this.#stage;
    const before = await this.#phases();
    // What is set aside lies in Oracle, so a second fallback could take it away. In `contract` no other store has anything.
    if (this.due.size > 0 || before === null) return false;
    await local.couchbase.calm();
    const since = performance.now();
    await local.oracle.restorePoint();
    await setTimeout(this.#times.forgotten);
    const back = local.oracle.fallBack({ resetLogs, away: this.#times.away });
    await setTimeout(this.#times.shut);
    // A move may have been made meanwhile; which one is told once it is back.
    const harmed = (name: string) => !UNHARMED.includes(before.get(name) ?? 'legacy');
    const named = (key: string) => key.slice(0, key.indexOf('/'));
    const keys = crowd.book.forgotten(since, (key) => harmed(named(key)));
    this.#witnesses.push(...(await this.#seen(keys)));
    await back;
    const after = await this.#phases();
    for (const [collection, phase] of after ?? before) if (REPAIRED.includes(phase)) this.due.add(collection);
    const told = [...before].map(([collection, phase]) => `${collection} in ${phase}`).join(', ');
    this.#tell(`Oracle has forgotten ${keys.length} writes that were acknowledged (${told})`);
    return true;
  }

  /** What is lost without a trace, of keys that nobody has written since. To be called once everything is repaired and nobody writes. */
  async wrong(): Promise<Fault[]> {
    const found = await pMap(this.#witnesses, (witness) => this.#judged(witness), { concurrency: 8 });
    this.#witnesses = [];
    return found.filter((fault) => fault !== null);
  }

  async #judged({ place, mark }: Witness): Promise<Fault | null> {
    const key = nameOf(place);
    if (this.#stage.crowd.book.isOvertaken(key, mark)) return this.#count('written over by a client');
    const { couchbase, oracle } = await this.#stage.stores.held(place);
    if (markIn(couchbase) === mark && markIn(oracle) === mark) return this.#count('in both stores');
    const { entries } = await this.#stage.service.ask<SetAsidePage>('set-aside', {
      ...{ collection: place.collection, key: place.key, limit: 100, bodies: true },
    });
    if (entries.some((entry) => markIn(bodyOf(entry)) === mark)) return this.#count('set aside');
    const what = mark === null ? 'a deletion' : `write ${mark}`;
    return {
      ...{ key, kind: 'lost' },
      detail: `Couchbase held ${what} when Oracle had forgotten it, and it is neither in both stores nor set aside`,
    };
  }

  #count(what: keyof Fallbacks['counts']): null {
    this.counts[what]++;
    return null;
  }

  async #seen(keys: readonly string[]): Promise<Witness[]> {
    const places = keys
      .map((key) => ({ collection: key.slice(0, key.indexOf('/')), key: key.slice(key.indexOf('/') + 1) }))
      .filter(({ collection }) => collection === 'cities');
    const seen = await pMap(
      places,
      async (place): Promise<Witness | null> => {
        const held = await this.#stage.stores.inCouchbase(place).catch(() => null);
        // Where it holds nothing, and no deletion, it has nothing that is newer.
        if (held === null || held.cas === 0n) return null;
        return {
          place,
          mark: markIn(held.content === null ? null : Buffer.from(held.content.body).toString()),
        };
      },
      { concurrency: 16 },
    );
    return seen.filter((witness) => witness !== null);
  }

  /** Null where one of them is in `contract`, on its way there, or was there a moment ago. */
  async #phases(): Promise<ReadonlyMap<string, Phase> | null> {
    const all = await this.#stage.service.ask<Overview[]>('status').catch(() => null);
    if (all === null || all.some(isRetiring)) return null;
    return new Map(all.map(({ collection, effective }) => [collection, effective.phase]));
  }
}

function isRetiring({ effective: { phase, since, followsContract }, decision }: Overview): boolean {
  const wanted = 'wanted' in decision ? decision.wanted : phase;
  const wasThere = followsContract === true && Date.now() - since < bake(DEMO.timing);
  return phase === 'contract' || wanted === 'contract' || wasThere;
}

function bodyOf({ deleted, body }: Held): string | null {
  return deleted ? null : Buffer.from(body ?? '', 'base64').toString();
}

function markIn(body: string | null): Mark {
  return body === null ? null : markOf(body);
}
