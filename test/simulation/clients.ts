/** Clients of the real router, on keys that all of them share. */
import type { Operation, Value } from '../../functions/certification/operation.ts';
import { Payload } from '../../functions/protocol/payload.ts';
import { NO_PRECONDITION, type Precondition } from '../../functions/routing/precondition.ts';
import type { Answer } from '../../functions/routing/request.ts';
import { Router } from '../../functions/routing/router.ts';
import { Receipts } from '../../functions/stores/receipt.ts';
import type { Container } from './container.ts';
import type { History } from './history.ts';
import type { Lives } from './lives.ts';
import type { ReceiptQueue } from './queue.ts';
import type { Rules } from './rules.ts';
import { lasting, type Process, type Scheduler } from './scheduler.ts';
import type { SimulatedStores } from './world.ts';

/** Of one key, at the same time. */
const DOUBTS = 2;
/** How often a write with a name of its own is repeated. */
const REPETITIONS = 2;

/** What a deletion puts. */
const NOTHING = new Payload(Buffer.from(''), null);

/** What a client remembers of a key: a value, and the version that it came with. */
interface Known {
  /** How often Oracle had lost versions by then. */
  readonly era: number;
  readonly value: Value;
  readonly version: bigint;
}

/** Keys that are asked for all the time, others, and the share of these, 0 to 1. */
export interface Asked {
  readonly hot: readonly string[];
  readonly cold: readonly string[];
  readonly share: number;
}

export class Clients {
  readonly #scheduler: Scheduler;
  readonly #stores: SimulatedStores;
  readonly #queue: ReceiptQueue;
  readonly #rules: Rules;
  readonly #history: History;
  readonly #lives: Lives;
  stopped = false;
  #era = 0;
  busy = 0;

  constructor(
    scheduler: Scheduler,
    stores: SimulatedStores,
    queue: ReceiptQueue,
    history: History,
    rules: Rules,
    lives: Lives,
  ) {
    this.#scheduler = scheduler;
    this.#stores = stores;
    this.#queue = queue;
    this.#history = history;
    this.#rules = rules;
    this.#lives = lives;
  }

  /** One client, which asks one thing after the other. @param pause milliseconds between two, at most. */
  async work(
    name: string,
    containers: readonly Container[],
    { hot, cold, share }: Asked,
    pause: number,
  ): Promise<void> {
    const client = lasting(name);
    const known = new Map<string, Known>();
    const { random } = this.#scheduler;
    while (!this.stopped) {
      // Bursts meet each other; between them moves go by.
      await this.#scheduler.sleep(client, random.chance(0.5) ? random.below(300) : random.below(pause));
      if (this.stopped) return;
      this.#history.resolve();
      // Explanations of what may have happened double with each doubt: nobody asks for a key that has too many.
      const keys = random.chance(share) ? cold : hot;
      const clear = keys.filter((key) => this.#history.doubts(key) < DOUBTS);
      if (clear.length === 0) continue;
      this.busy++;
      await this.ask(client, random.pick(containers), random.pick(clear), known);
      this.busy--;
    }
  }

  /** What clients know of versions says nothing any more. */
  forgetVersions(): void {
    this.#era++;
  }

  async ask(client: Process, container: Container, key: string, known: Map<string, Known>): Promise<void> {
    const { random } = this.#scheduler;
    if (random.chance(0.4)) return this.#read(client, container, key, known);
    const value = random.chance(0.25) ? null : `${client.name}-${this.#history.operations}`;
    const seen = known.get(key);
    if (random.chance(0.2)) {
      const absent: Precondition = { ...NO_PRECONDITION, noneMatch: 'any' };
      return this.#write(client, container, key, { kind: 'write', value, expected: null }, absent, known);
    }
    if (seen?.era === this.#era && seen.value !== null && random.chance(0.4)) {
      const same: Precondition = { ...NO_PRECONDITION, match: [seen.version] };
      return this.#write(client, container, key, { kind: 'write', value, expected: seen.value }, same, known);
    }
    return this.#write(client, container, key, { kind: 'write', value }, NO_PRECONDITION, known);
  }

  /** Reads a key once more. */
  read(client: Process, container: Container, key: string): Promise<void> {
    return this.#read(client, container, key, new Map());
  }

  async #read(client: Process, container: Container, key: string, known: Map<string, Known>): Promise<void> {
    const id = this.#history.begin(client, key, { kind: 'read', value: null });
    const era = this.#era;
    const answer = await container.invoke(async (process) => {
      const phase = await this.#phase(container, process);
      if (phase === null) return null;
      const timely = () => container.isTimely(process);
      return this.#router(process).read({ collection: 'c', key }, { phase, timely });
    });
    if (answer?.kind === 'found') {
      const value = this.#lives.valueOf(key, answer.document);
      known.set(key, { value, version: answer.version, era });
      this.#history.end(client, key, id, value);
    } else if (answer?.kind === 'absent') this.#history.end(client, key, id, null);
    else this.#history.forget(client, key, id);
  }

  async #write(
    client: Process,
    container: Container,
    key: string,
    operation: Operation,
    precondition: Precondition,
    known: Map<string, Known>,
  ): Promise<void> {
    const id = this.#history.begin(client, key, operation);
    const era = this.#era;
    const { value } = operation;
    // An ETag never comes again, so what was written under one can be repeated.
    const named =
      typeof operation.expected === 'string' && value !== null && this.#scheduler.random.chance(0.5)
        ? `request-${id}`
        : null;
    const name = named === null ? {} : { request: { key: named, fingerprint: 'put', former: null } };
    const request = { collection: 'c', key, precondition, ...name };
    const payload = value === null ? NOTHING : this.#lives.payload(key, value);
    const once = () =>
      container.invoke(async (process): Promise<Answer | 'nothing'> => {
        const phase = await this.#phase(container, process);
        if (phase === null) return 'nothing';
        const surroundings = { phase, timely: () => container.isTimely(process) };
        return this.#router(process).write(
          value === null ? { ...request, verb: 'delete' } : { ...request, verb: 'put', payload },
          surroundings,
        );
      });
    let answer = await once();
    if (this.#rules.blindRetry && isDoubtful(answer)) answer = await once();
    let repetitions = 0;
    while (named !== null && isDoubtful(answer) && repetitions < REPETITIONS) {
      repetitions++;
      answer = await once();
    }
    if (repetitions > 0 && this.#told(answer) !== 'done') {
      // Its first time may have taken effect, and somebody else have written since.
      this.#history.doubt(client, key, id);
      if (this.#told(answer) === 'refused') this.#history.refuse(key, value);
    } else this.#judge(client, key, id, operation, answer);
    if (typeof answer === 'object' && answer?.kind === 'written')
      known.set(key, { value, version: answer.version, era });
  }

  #judge(
    client: Process,
    key: string,
    id: number,
    operation: Operation,
    answer: Answer | 'nothing' | null,
  ): void {
    const told = this.#told(answer);
    switch (told) {
      case 'done':
        this.#history.end(client, key, id);
        break;
      case 'refused':
        // An ETag may be stale in good faith: a document that only got a new version.
        if (typeof operation.expected === 'string') this.#history.forget(client, key, id);
        else this.#history.end(client, key, id, undefined, 'refused');
        break;
      case 'nothing':
        this.#history.forget(client, key, id);
        break;
      case 'unknown':
        this.#history.doubt(client, key, id);
    }
  }

  #told(answer: Answer | 'nothing' | null): 'done' | 'refused' | 'nothing' | 'unknown' {
    if (answer === 'nothing') return 'nothing';
    const kind = answer?.kind ?? 'unknown';
    if (kind === 'unknown' && this.#rules.pretends !== undefined) return this.#rules.pretends;
    if (kind === 'written' || kind === 'absent') return 'done';
    if (kind === 'refused') return 'refused';
    return kind === 'unavailable' ? 'nothing' : 'unknown';
  }

  async #phase(container: Container, process: Process) {
    const effective = await container
      .phases(process)
      .current('c')
      .catch(() => null);
    if (effective === null) return null;
    process.acts = effective.phase;
    return effective.phase;
  }

  #router(process: Process): Router {
    const require = () => {};
    const pair = {
      couchbase: { ...this.#stores.couchbase(process), require },
      oracle: { ...this.#stores.oracle(process), require },
    };
    return new Router(
      () => pair,
      new Receipts(this.#queue.sender(process)),
      () => this.#scheduler.random.chance(0.05),
    );
  }
}

function isDoubtful(answer: Answer | 'nothing' | null): boolean {
  return answer === null || (typeof answer === 'object' && answer.kind === 'unknown');
}
