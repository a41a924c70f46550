/** Where a game day is held: the stack, clients that write and read all the time, an operator with a console, and the alarms. */
import { bake } from '../../functions/configuration/configuration.ts';
import type { Overview } from '../../functions/operations/overview.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { App } from '../../infra/demo/app.ts';
import type { Fault } from '../../infra/demo/book.ts';
import { Crowd } from '../../infra/demo/crowd.ts';
import { CLOCK, Patience } from '../../infra/demo/patience.ts';
import { seeded } from '../../infra/demo/seeded.ts';
import { BothStores } from '../../infra/demo/stores.ts';
import { Tally } from '../../infra/demo/tally.ts';
import { COLLECTIONS, Operator } from './operator.ts';
import { type GameStack, SETTINGS, startStack } from './stack.ts';
import { SPEED, Watch } from './watch.ts';

/** Documents that there are, and requests a second. */
const [DOCUMENTS, RATE] = [150, 25];
/** Milliseconds: between two looks of the controller, between two looks of a day, and until what should come to be has come. */
const [CONTROL, PAUSE, PATIENCE] = [1000, 200, 90_000];
/** Milliseconds until receipts are settled: the longer one has waited for a store, the later it is delivered again. And until a repair has been made that found something. */
export const SETTLING = 3 * PATIENCE;

export const BAKE = bake(SETTINGS.configuration.timing);

export class Field extends Operator {
  readonly watch: Watch;
  readonly crowd: Crowd;
  readonly tally = new Tally(() => performance.now());
  readonly app: App;
  /** What functions have printed. */
  readonly logged: string[];
  readonly caught: Fault[] = [];
  #isHeld = false;
  #looking: Promise<unknown> = Promise.resolve();
  /** Past the API. */
  readonly stores: BothStores;
  #noted = { asked: 0, failed: 0 };
  #begun = 0;
  #stopped = false;
  #controlling: Promise<void> = Promise.resolve();

  private constructor(stack: GameStack, watch: Watch, token: string, logged: string[]) {
    super(stack);
    this.watch = watch;
    this.logged = logged;
    const { configuration } = SETTINGS;
    this.stores = new BothStores(stack.stores.logins, configuration, new Patience(PATIENCE, CLOCK));
    this.app = new App(stack.deployment.gateway.url, token);
    this.crowd = new Crowd({
      ...{ app: this.app, stores: this.stores, tally: this.tally, random: seeded(1) },
      ...{ documents: DOCUMENTS, rate: RATE, late: BAKE, caught: (fault) => this.caught.push(fault) },
    });
  }

  /** @param log is given each line that a function prints. @param speed periods of alarms are so many times shorter. */
  static async start(
    log: (source: string, line: string) => void,
    speed = SPEED,
    settings = SETTINGS,
  ): Promise<Field> {
    const logged: string[] = [];
    let noting: (line: string) => void = () => {};
    const stack = await startStack((source, line) => {
      log(source, line);
      noting(line);
      logged.push(line);
    }, settings);
    try {
      const watch = new Watch(stack, speed);
      noting = (line) => watch.note(line);
      const token = await stack.deployment.gateway.token('gamedays');
      return await Field.#on(new Field(stack, watch, token, logged));
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }

  static async #on(field: Field): Promise<Field> {
    field.watch.start();
    field.#controlling = field.#control();
    await field.crowd.load();
    await field.crowd.stopOld();
    return field;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.crowd.stop();
    await this.#controlling;
    await this.watch.stop();
    await this.stores.close();
    await this.stack.stop();
  }

  /** Both stores hold this body for a key, or nothing if it is null. */
  async held(collection: string, key: string, body: string | null): Promise<void> {
    await this.until(
      `not both stores hold ${body} for ${key}`,
      () => this.stores.held({ collection, key }),
      ({ couchbase, oracle }) => couchbase === body && oracle === body,
    );
  }

  /** From now on, for `noneFailed` and `fewFailed`. */
  noteFailures(): void {
    this.#noted = this.#served;
  }

  /** Throws where a client was not served since. */
  noneFailed(): void {
    this.#failedAtMost(0);
  }

  /**
   * Throws where more than one request in ten was not served since, of 60 at the least. For days on which a write needs an answer of both
   * stores within `timing.call`: a machine that stands still for longer costs a request, as it may in AWS.
   */
  async fewFailed(): Promise<void> {
    const since = () => this.#served.asked - this.#noted.asked;
    await this.until('clients do not ask', since, (asked) => asked >= 60);
    this.#failedAtMost(1 / 10);
  }

  #failedAtMost(share: number): void {
    const { asked, failed } = this.#served;
    const since = { asked: asked - this.#noted.asked, failed: failed - this.#noted.failed };
    if (since.failed <= share * since.asked) return;
    const all = JSON.stringify([...this.tally.failures]);
    throw new Error(
      `${since.failed} of ${since.asked} requests were not served; since the beginning: ${all}`,
    );
  }

  get #served(): { asked: number; failed: number } {
    const { requests, failed } = this.tally.total;
    return { asked: requests, failed };
  }

  /** A day begins: what functions have logged before is none of it. */
  begin(): void {
    this.#begun = this.logged.length;
  }

  /** Whether a function has logged this since the day has begun. */
  said(text: string): boolean {
    return this.logged.slice(this.#begun).some((line) => line.includes(text));
  }

  /** Requests are served in this phase. */
  async obeyed(phase: Phase, collections = COLLECTIONS): Promise<void> {
    const ask = (collection: string) => this.app.get({ collection, key: 'obeyed' });
    const look = async () => (await Promise.all(collections.map(ask))).map((reply) => reply.phase);
    await this.until(`requests are not served in ${phase}`, look, (all) =>
      all.every((each) => each === phase),
    );
  }

  /** No receipt is on its way, due or waiting, of any collection. */
  async settled(): Promise<void> {
    const left = ({ evidence }: Overview) => {
      if ('missing' in evidence) return evidence.missing;
      const { delayed, due, hidden, waiting } = evidence.receipts;
      return delayed + due + hidden + waiting;
    };
    await this.until(
      'receipts are not settled',
      async () => (await this.status()).map(left),
      (all) => all.every((each) => each === 0),
      SETTLING,
    );
  }

  /** Looks until it is so. Throws with what was seen last. */
  async until<T>(
    why: string,
    look: () => Promise<T> | T,
    is: (seen: T) => boolean,
    within = PATIENCE,
  ): Promise<T> {
    const deadline = performance.now() + within;
    for (;;) {
      const seen = await look();
      if (is(seen)) return seen;
      if (performance.now() > deadline) throw new Error(`${why}; last seen: ${JSON.stringify(seen)}`);
      await CLOCK.sleep(PAUSE);
    }
  }

  /** Puts parameters while the controller does not look: it may have read flags of before. */
  async place(
    phase: Phase,
    ago: number,
    wanted: Phase,
    collections: readonly string[] = COLLECTIONS,
  ): Promise<void> {
    this.#isHeld = true;
    await this.#looking;
    this.want(wanted);
    this.enter(phase, ago, collections);
    this.#isHeld = false;
  }

  /** From now on the controller looks no more, or looks again. */
  async holdController(isHeld: boolean): Promise<void> {
    this.#isHeld = isHeld;
    await this.#looking;
  }

  async #control(): Promise<void> {
    const control = this.stack.deployment.entry('control');
    while (!this.#stopped) {
      // It fails where SSM is away, and looks again.
      if (!this.#isHeld) this.#looking = control.invoke({}).catch(() => {});
      await this.#looking;
      await CLOCK.sleep(CONTROL);
    }
  }
}
