/**
 * Documents that are written past the API and cannot be moved as they are, and what an operator does about each of them once it is a dead
 * letter: mends it, deletes it, or leaves it out.
 */
import type { Listed } from '../../functions/operations/dead_letters.ts';
import type { Overview } from '../../functions/operations/overview.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import type { Letter } from '../../functions/records/letter.ts';
import type { Fault } from '../../infra/demo/book.ts';
import type { Stage } from '../../infra/demo/stage.ts';
import { MENDED, POISONS } from './poisons.ts';

/** How a planted document was dealt with. */
type End = 'mended' | 'deleted' | 'left out';
const ENDS: readonly End[] = ['mended', 'deleted', 'left out'];

interface Planted {
  readonly name: string;
  readonly key: string;
  end: End | null;
}

/** Of a collection that has columns. */
const COLLECTION = 'cities';
const PREFIX = 'poison/';
/** Planted documents at the same time: each of them holds gates until it is dealt with, and one may have 20 MiB. */
const MOST = 3;

/** Where Couchbase decides, so that whoever knows no API may write to it. */
const MAY_BE_PAST: readonly Phase[] = ['legacy', 'expand'];

type Parts = Pick<Stage, 'service' | 'stores' | 'receipt'>;

export class Poison {
  readonly #stage: Parts;
  readonly #tell: (line: string) => void;
  readonly #most: number;
  #planted: Planted[] = [];
  #number = 0;
  #dealt = 0;
  /** What has become of planted documents. */
  readonly counts = { mended: 0, deleted: 0, 'left out': 0, 'taken as they are': 0 };

  /** @param most planted documents at the same time. */
  constructor(stage: Parts, tell: (line: string) => void, most = MOST) {
    this.#stage = stage;
    this.#tell = tell;
    this.#most = most;
  }

  /** Planted documents that no run and no receipt has met. */
  get unmet(): number {
    return this.#planted.filter(({ end }) => end === null).length;
  }

  /** @returns how many it has planted; 0 where it is not the time for it: nothing has happened then. */
  async plant(name: string): Promise<number> {
    const poison = POISONS[name];
    if (poison === undefined || this.#planted.length >= this.#most) return 0;
    if (this.#planted.some((each) => each.name === name)) return 0;
    const seen = await this.#stage.service.ask<Overview[]>('status').catch(() => []);
    const place = seen.find(({ collection }) => collection === COLLECTION);
    if (place === undefined || !mayBePlanted(place)) return 0;
    const key = `${PREFIX}${this.#number++}`;
    // Before it is written: what fails may have been.
    this.#planted.push({ name, key, end: null });
    await this.#stage.stores.plant({ collection: COLLECTION, key }, poison.body());
    // As a read that is compared later: a receipt meets it, and not only a run.
    if (place.effective.phase !== 'legacy') await this.#stage.receipt(key);
    return 1;
  }

  /** The letters that are about planted documents are dealt with. @returns how many letters are about others. */
  async settle(): Promise<number> {
    const { letters, open } = await this.#stage.service.ask<Listed>('dead-letters', {
      collection: COLLECTION,
    });
    const own = letters.flatMap((letter) => {
      const planted = this.#planted.find(({ key }) => key === letter.key);
      return planted === undefined ? [] : [{ letter, planted }];
    });
    for (const { letter, planted } of own) await this.#deal(letter, planted);
    return open - own.length;
  }

  async #deal({ cause }: Letter, planted: Planted): Promise<void> {
    const { key, name } = planted;
    // What was dealt with once, and is set aside again, is dealt with in the same way.
    planted.end ??= ENDS[this.#dealt++ % ENDS.length] as End;
    const { stores, service } = this.#stage;
    const place = { collection: COLLECTION, key };
    if (planted.end === 'mended') await stores.plant(place, Buffer.from(MENDED));
    if (planted.end === 'deleted') await stores.remove(place);
    const verb = planted.end === 'left out' ? 'discard' : 'redrive';
    await service.ask(verb, { ...place, why: `soak: ${planted.end}` });
    this.#tell(
      `Operator: ${name}: ${cause.slice(0, 100)}: npx crossfade dead-letters ${verb}: ${planted.end}`,
    );
  }

  /**
   * What is wrong with planted documents that were dealt with. To be called once everything is settled and nobody writes. Those that were left
   * out are removed then where Couchbase decides.
   */
  async wrong(phase: Phase): Promise<Fault[]> {
    const found: Fault[] = [];
    const left: Planted[] = [];
    for (const planted of this.#planted) {
      const outcome = await this.#outcome(planted);
      if (outcome === null) left.push(planted);
      else if (typeof outcome === 'object') found.push(outcome);
      else this.counts[outcome]++;
      if (outcome === 'left out' && MAY_BE_PAST.includes(phase))
        await this.#stage.stores.remove({ collection: COLLECTION, key: planted.key });
    }
    this.#planted = left;
    return found;
  }

  /** Null where it is not met yet. */
  async #outcome({ key, end, name }: Planted): Promise<keyof Poison['counts'] | Fault | null> {
    const { stores } = this.#stage;
    const place = { collection: COLLECTION, key };
    const isUntouchable = POISONS[name]?.isUntouchable === true;
    if (end === 'left out' || (end === null && isUntouchable)) {
      if (!(await stores.isThere(place))) return lost(key, name, 'left out', 'Couchbase holds it no more');
      return end;
    }
    const { couchbase, oracle } = await stores.held(place);
    if (end === null) return couchbase !== null && couchbase === oracle ? 'taken as they are' : null;
    const wanted = end === 'mended' ? MENDED : null;
    if (couchbase === wanted && oracle === wanted) return end;
    const held = (text: string | null) => (text === null ? 'nothing' : `${text.length} characters`);
    return lost(key, name, end, `Couchbase has ${held(couchbase)}, Oracle ${held(oracle)}`);
  }
}

/** Past the API only as long as Couchbase decides, and a run that looks at all keys is still to come before it does not. */
function mayBePlanted({ effective: { phase }, decision }: Overview): boolean {
  if (!MAY_BE_PAST.includes(phase)) return false;
  const wanted = 'wanted' in decision ? decision.wanted : phase;
  if (phase === 'legacy' || wanted === 'legacy' || wanted === 'expand') return true;
  const conditions = 'conditions' in decision ? decision.conditions : [];
  return conditions.some(({ name, holds }) => name === `backfill of ${COLLECTION}` && !holds);
}

function lost(key: string, name: string, end: End, detail: string): Fault {
  return { key: `${COLLECTION}/${key}`, kind: 'lost', detail: `${name}, ${end}: ${detail}` };
}
