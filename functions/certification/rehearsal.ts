/**
 * A whole rehearsal: documents of the certification's own go from `legacy` to `contract` and back in a phase of their own, by the product's router and
 * repair, while clients ask for them all the time. Each answer has to be explained by some order of what was asked.
 */
import { type Phase, type StoreName, storesOf } from '../protocol/phase.ts';
import type { Versioned } from '../protocol/state.ts';
import { Router } from '../routing/router.ts';
import { Receipts } from '../stores/receipt.ts';
import { Activity } from './activity.ts';
import { type Finding, OWN, type Ports } from './check.ts';
import { Evidence } from './evidence.ts';
import { Histories } from './histories.ts';
import { kept } from './not_kept.ts';
import { OwnQueue } from './own_queue.ts';
import { RehearsalClient, type Tally } from './rehearsal_client.ts';
import { document } from './subject.ts';
import { phaseAt, stayAt, WAY } from './way.ts';

export interface Size {
  readonly clients: number;
  /** That all clients write. */
  readonly keys: number;
  /** That are there before, and are only read. */
  readonly untouched: number;
  /** Milliseconds that each phase lasts at the least, between two requests of a client, and in which a move reaches all clients. */
  readonly stay: number;
  readonly pause: number;
  readonly window: number;
  /** Milliseconds after which it is given up. */
  readonly atMost: number;
}

/** What happens to the servers in one of the stays, on the way there. */
export interface Incident {
  readonly at: Phase;
  /** Resolves once it is over. @param check throws where the rehearsal has failed, or takes too long. */
  happen(check: () => void): Promise<Finding['figures']>;
}

export class Rehearsal {
  readonly #ports: Ports;
  readonly #size: Size;
  readonly #histories = new Histories();
  readonly #activity: Activity;
  readonly #queue: OwnQueue;
  readonly #evidence: Evidence;
  readonly #keys: readonly string[];
  readonly #untouched: readonly string[];
  readonly #began: number;
  readonly #tally: Tally = { reads: 0, written: 0, refused: 0, unanswered: 0, longest: 0, phases: new Set() };
  /** Moves that have come to each client, and at the end to the worker that settles receipts: one after the other. */
  readonly #steps: number[];
  #doubts: { readonly key: string; readonly mark: number; queued?: number; readonly end: () => void }[] = [];
  #step = 0;
  #isPaused = false;
  #isOver = false;
  #failure: unknown = null;
  #incident: Incident | null;
  #figures: Finding['figures'] = {};
  #isBroken = false;

  constructor(ports: Ports, size: Size, incident: Incident | null = null) {
    this.#incident = incident;
    const prefix = `${OWN}${Math.floor(ports.random() * 2 ** 48).toString(36)}/`;
    this.#ports = ports;
    this.#size = size;
    this.#began = ports.steady();
    this.#steps = Array.from({ length: size.clients + 1 }, () => 0);
    this.#activity = new Activity(() => ports.sleep(2 * ports.call));
    this.#queue = new OwnQueue({
      ...{ stores: ports, activity: this.#activity, sleep: ports.sleep },
      phase: () => phaseAt(this.#steps.at(-1) as number),
      isBroken: () => this.#isBroken,
    });
    this.#evidence = new Evidence(ports, this.#activity, this.#queue, prefix, () => this.#check());
    this.#keys = Array.from({ length: size.keys }, (_, n) => `${prefix}shared/${n}`);
    this.#untouched = Array.from({ length: size.untouched }, (_, n) => `${prefix}untouched/${n}`);
  }

  /** Throws `NotKept` for what no order explains, and what a store has thrown. */
  async run(): Promise<Finding> {
    await this.#load();
    const clients = Array.from({ length: this.#size.clients }, (_, n) => this.#going(n));
    const worker = this.#queue.work(
      () => this.#isOver,
      () => this.#failure !== null,
    );
    const all = [this.#walk(), ...clients, worker].map((each) => each.catch((error) => this.#fail(error)));
    await Promise.all(all);
    if (this.#failure !== null) throw this.#failure;
    const { reads, written, refused, unanswered, longest, phases } = this.#tally;
    return {
      state: 'passed',
      figures: {
        ...{ 'phases written in': phases.size, reads, 'writes acknowledged': written, refused, unanswered },
        ...{ 'longest request (ms)': longest, 'receipts settled': this.#queue.settled },
        ...{ repairs: this.#queue.repairs, 'documents copied': this.#evidence.copied },
        ...{ keys: this.#size.keys + this.#size.untouched, clients: this.#size.clients, ...this.#figures },
      },
    };
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#isOver = true;
  }

  /** Throws where somebody else has failed, or it takes too long. */
  #check(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#ports.steady() - this.#began > this.#size.atMost)
      throw new Error(
        `the rehearsal has come to ${stayAt(this.#step)} in ${this.#size.atMost} ms, and is given up: these stores answer too slowly for it`,
      );
  }

  /** What an app has written before anybody moves anything. */
  async #load(): Promise<void> {
    for (const [n, key] of this.#untouched.entries()) {
      const content = document(`{"before":${n}, "big":9007199254740993}`);
      await this.#evidence.tried(() => this.#ports.couchbase.upsert(key, { content }));
      this.#histories.holding(key, content.digest);
    }
  }

  async #going(n: number): Promise<void> {
    const { random, steady, sleep } = this.#ports;
    const client = new RehearsalClient(`client ${n}`, {
      router: new Router(
        () => this.#ports,
        new Receipts(this.#queue.send),
        () => random() < 0.05,
      ),
      ...{ histories: this.#histories, activity: this.#activity, tally: this.#tally, random, steady },
      ...{ keys: this.#keys, untouched: this.#untouched },
      at: () => ({ phase: phaseAt(this.#steps[n] as number), stay: stayAt(this.#steps[n] as number) }),
      whenResolved: (key, end) => this.#doubts.push({ key, mark: this.#activity.mark, end }),
    });
    while (!this.#isOver) {
      this.#resolve();
      if (!this.#isPaused) await client.ask();
      await sleep(this.#size.pause * (0.5 + random()));
    }
  }

  /** Doubts end once what was on its way has arrived, and the receipts of that time are settled. */
  #resolve(): void {
    this.#doubts = this.#doubts.filter((doubt) => {
      if (!this.#activity.isOver(doubt.mark)) return true;
      doubt.queued ??= this.#queue.mark;
      if (!this.#queue.isSettled(doubt.queued, doubt.key)) return true;
      doubt.end();
      return false;
    });
  }

  async #walk(): Promise<void> {
    await this.#dwell();
    for (const to of WAY) {
      await this.#show(phaseAt(this.#step), to);
      await this.#move();
      await this.#dwell();
      await this.#happen(to);
    }
    await this.#rest('legacy');
    await this.#noMarkers();
    this.#isOver = true;
  }

  async #dwell(): Promise<void> {
    await this.#ports.sleep(this.#size.stay);
    const stay = stayAt(this.#step);
    while (!this.#tally.phases.has(stay)) {
      this.#check();
      await this.#ports.sleep(10);
    }
  }

  async #happen(phase: Phase): Promise<void> {
    if (this.#incident?.at !== phase) return;
    this.#isBroken = true;
    this.#figures = await this.#incident.happen(() => this.#check());
    this.#isBroken = false;
    this.#incident = null;
  }

  /** The evidence that the controller asks for before a move: see the protocol's page. */
  async #show(from: Phase, to: Phase): Promise<void> {
    const evidence = this.#evidence;
    const all = [...this.#keys, ...this.#untouched];
    if (from === 'expand' && to === 'seal') {
      await evidence.backfill(from);
      await evidence.verified(from, all);
    }
    if (from === 'settle' && to === 'switch') await evidence.copyBack(from);
    if ((from === 'seal' && to === 'switch') || (from === 'switch' && to === 'seal') || to === 'contract') {
      await evidence.receipts();
      if (to === 'seal') await evidence.copyBack(from);
      await evidence.verified(from, all);
    }
    if (to === 'contract' || from === 'contract') await this.#rest(from);
  }

  /** Clients and the worker come to know of it one after the other; then nothing of before is under way any more. */
  async #move(): Promise<void> {
    const order = this.#steps.map((_, n) => [this.#ports.random(), n] as const).sort(([a], [b]) => a - b);
    this.#step++;
    for (const [, n] of order) {
      this.#steps[n] = this.#step;
      this.#check();
      await this.#ports.sleep(this.#size.window / order.length);
    }
    await this.#evidence.over();
  }

  /** Clients stop, receipts are settled, and each store that is kept holds what clients were told. */
  async #rest(phase: Phase): Promise<void> {
    this.#isPaused = true;
    await this.#evidence.over();
    // A marker's receipt is sent by the one before it.
    for (let round = 0; round < 2; round++) await this.#evidence.receipts();
    this.#resolve();
    for (const key of [...this.#keys, ...this.#untouched])
      for (const store of storesOf(phase)) await this.#holds(store, key);
    this.#isPaused = false;
  }

  async #holds(store: StoreName, key: string): Promise<void> {
    const { content } = await this.#evidence.tried<Versioned>(() => this.#ports[store].read(key, {}));
    this.#histories.holds(key, content?.digest ?? null, store);
  }

  async #noMarkers(): Promise<void> {
    for (const key of this.#keys) {
      const { content, cas } = await this.#evidence.tried(() => this.#ports.couchbase.read(key, {}));
      kept(content !== null || cas === 0n, 'No marker of a deletion should be left in legacy, and one is');
    }
  }
}

export function rehearse(ports: Ports, size: Size, incident: Incident | null = null): Promise<Finding> {
  return new Rehearsal(ports, size, incident).run();
}
