/** Documents in memory for a preflight, and functions that may die at any of them. */
import { type PreflightPorts, preflight } from '../../functions/operations/preflight.ts';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import { byUtf8 } from '../../functions/protocol/order.ts';
import { contains, type Shard } from '../../functions/protocol/shard.ts';
import type { Walk } from '../../functions/records/preflight.ts';
import type { LoadSummary } from '../../functions/runs/load.ts';
import type { ReadOutcome } from '../../functions/stores/couchbase/read_many.ts';
import { PoisonDocument, StoreUnavailable } from '../../functions/stores/failure.ts';
import { AttemptsInMemory } from '../runs/attempts_in_memory.ts';

/** The process of a function has ended: nothing that it would still do happens. */
export class Death extends Error {}

type Body = string | Uint8Array;
type Asked = Parameters<typeof preflight>[0];

export const LOAD: LoadSummary = {
  ...{ at: 0, values: ['sessions or processes 3 %'], pauses: [], slowdowns: [], unknown: [] },
  notGranted: ['recoveryArea', 'undo'],
};

export class PreflightWorld {
  readonly documents = new Map<string, Body>();
  /** Bytes that the store tells of a body, where they are not those of it. */
  readonly sizes = new Map<string, number>();
  /** Keys whose documents are not answered in time, so many times. */
  readonly slow = new Map<string, number>();
  /** Keys whose documents are not measured in time. */
  readonly unmeasured = new Set<string>();
  /** Keys whose documents end the process that reads them. */
  readonly killers = new Set<string>();
  /** Couchbase does not answer at all, from the read of this key on. */
  awayAt: string | null = null;
  isAway = false;
  /** What Oracle would say of a document. */
  require: PreflightPorts['require'] = () => {};
  /** How a document fills the tables that `projections` names. */
  filling: NonNullable<PreflightPorts['filling']> = () => [];
  projections: NonNullable<PreflightPorts['projections']> = [];
  /** Batches of one request. */
  batches = Number.POSITIVE_INFINITY;
  /** Ends the process at the next read, whatever is read. */
  endsNext = false;
  mapping = '.m';
  /** Whose a key is. */
  owner: NonNullable<PreflightPorts['owner']> = () => 'taken';
  walk: Walk | null = null;
  deaths = 0;
  readonly read: string[] = [];
  readonly #attempts = new AttemptsInMemory(() => {});
  #now = 1000;

  fill(count: number): this {
    for (let n = 0; n < count; n++) this.documents.set(`k${String(n).padStart(6, '0')}`, '{"a":1}');
    return this;
  }

  ask(given: Partial<Asked> = {}) {
    const asked = { name: 'preflight', collection: 'orders', after: null, upTo: null, ...given } as const;
    return preflight(asked, this.#ports());
  }

  /** Asks as a console does, page by page, again after each death. @returns the last page. */
  async all(given: Partial<Asked> = {}, most = 100) {
    let began: number | undefined;
    for (let requests = 0; requests < most; requests++) {
      try {
        const page = await this.ask(began === undefined ? { walk: 'resume', ...given } : { ...given, began });
        if (page.next === null) return page;
        began = page.began;
      } catch (error) {
        if (!(error instanceof Death)) throw error;
        this.deaths++;
      }
    }
    throw new Error(`It has not come to its end after ${most} requests`);
  }

  #ports(): PreflightPorts {
    let [isDead, left] = [false, this.batches];
    const living = <Result>(act: () => Result): Result => {
      if (isDead) throw new Death();
      return act();
    };
    const die = () => {
      isDead = true;
      throw new Death();
    };
    const { begin, touch, leave } = this.#attempts.ports;
    return {
      keys: async (shard, limit) => living(() => this.#keys(shard, limit)),
      sizes: async (keys) => living(() => keys.map((key) => this.#size(key))),
      read: async (keys) => living(() => keys.map((key) => this.#read(key, die))),
      require: (key, content) => this.require(key, content),
      filling: (key, content) => this.filling(key, content),
      projections: this.projections,
      owner: (key) => this.owner(key),
      durabilityProblem: async () => null,
      load: async () => LOAD,
      timely: () => --left > 0,
      walks: {
        find: async () => this.walk,
        write: async (walk, was) => living(() => this.#write(walk, was)),
      },
      attempts: {
        begin: (hold, act) => living(() => begin(hold, act)),
        touch: async (...given) => living(() => touch(...given)),
        leave: async (hold) => living(() => leave(hold)),
      },
      ...{ stamp: this.mapping, now: () => this.#now++ },
    };
  }

  #keys(shard: Shard, limit: number): string[] {
    const keys = [...this.documents.keys()].sort(byUtf8);
    return keys.filter((key) => contains(shard, key)).slice(0, limit);
  }

  #size(key: string): number | null {
    if (this.isAway || this.unmeasured.has(key)) throw unavailable(key);
    const body = this.documents.get(key);
    return body === undefined ? null : (this.sizes.get(key) ?? Buffer.byteLength(body));
  }

  #read(key: string, die: () => void): ReadOutcome {
    this.read.push(key);
    if (this.endsNext || this.killers.has(key)) {
      this.endsNext = false;
      die();
    }
    this.isAway ||= this.awayAt === key;
    const times = this.slow.get(key) ?? 0;
    this.slow.set(key, times - 1);
    if (this.isAway || times > 0) return { key, failure: unavailable(key) };
    const body = this.documents.get(key);
    const content = body === undefined ? null : documentFrom(Buffer.from(body), null);
    return { key, state: { content, version: 1n, cas: 1n } };
  }

  #write(walk: Parameters<PreflightPorts['walks']['write']>[0], was: number | null): boolean {
    if ((this.walk?.epoch ?? null) !== was) return false;
    const { accepted = 0, acceptedOrphans = 0 } = this.walk ?? {};
    this.walk = structuredClone({ ...walk, accepted, acceptedOrphans });
    return true;
  }
}

export function poison(key: string, why: string): PoisonDocument {
  return new PoisonDocument({ store: 'oracle', operation: 'write', collection: 'ORDERS', key }, why);
}

function unavailable(key: string): StoreUnavailable {
  const target = { store: 'couchbase', operation: 'read', collection: 'orders', key } as const;
  return new StoreUnavailable(target, false, new Error('no answer in 3000 ms'));
}
