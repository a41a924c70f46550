/** Clients that write and read the same keys through the routers of two versions, and know what must be found. */
import { setTimeout } from 'node:timers/promises';
import { Hands } from './hands.ts';

/** Milliseconds between two requests for one key. */
const PAUSE = 60;

interface Key {
  readonly name: string;
  /** What may be found: the last acknowledged body, and those of later writes that nobody has answered. Null for no document. */
  possible: readonly (string | null)[];
}

export interface Wrong {
  readonly key: string;
  readonly what: string;
}

export class Clients {
  readonly wrong: Wrong[] = [];
  readonly answers: Record<string, number> = {};
  readonly keys: readonly Key[];
  readonly #routers: Readonly<Record<string, Hands>>;
  #running = false;
  #done: Promise<unknown> = Promise.resolve();

  /** @param routers by the names of their versions. */
  constructor(routers: Readonly<Record<string, Hands>>, keys: number) {
    this.#routers = routers;
    this.keys = Array.from({ length: keys }, (_, n) => ({ name: `side-${n}`, possible: [null] }));
  }

  start(): void {
    this.#running = true;
    this.#done = Promise.all(this.keys.map((key) => this.#use(key)));
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  /** A key has one client, which waits for each answer: so it knows what the next read has to find. */
  async #use(key: Key): Promise<void> {
    for (let n = 0; this.#running; n++) {
      const version = this.#any();
      if (n % 3 === 2) await this.#read(key, version);
      else await this.#write(key, version, n % 7 === 6 ? null : `{"total":${n}}`);
      await setTimeout(PAUSE);
    }
  }

  #any(): string {
    const versions = Object.keys(this.#routers);
    return versions[Math.floor(Math.random() * versions.length)] ?? '';
  }

  async #write(key: Key, version: string, body: string | null): Promise<void> {
    const path = Hands.at('orders', key.name);
    const hands = this.#routers[version] as Hands;
    // Its outcome is open until it is answered.
    key.possible = [...key.possible, body];
    const asked = body === null ? hands.ask('DELETE', path) : hands.ask('PUT', path, body);
    const answer = await asked.catch((error: unknown) => ({ status: 0, body: String(error) }));
    this.#count('write', version, answer.status);
    if (answer.status === 204) key.possible = [body];
    else if (answer.status !== 503 && answer.status !== 429)
      this.wrong.push({ key: key.name, what: `${version}: ${answer.body}` });
  }

  async #read(key: Key, version: string): Promise<void> {
    const hands = this.#routers[version] as Hands;
    const asked = hands.ask('GET', Hands.at('orders', key.name));
    const answer = await asked.catch((error: unknown) => ({ status: 0, body: String(error) }));
    this.#count('read', version, answer.status);
    // A connection that has ended says nothing of the document.
    if (answer.status === 503 || answer.status === 0) return;
    const found = answer.status === 404 ? null : answer.body;
    if (key.possible.includes(found)) key.possible = [found];
    else
      this.wrong.push({
        key: key.name,
        what: `${version} answered ${answer.status} ${answer.body}, and one of ${JSON.stringify(key.possible)} was written`,
      });
  }

  #count(verb: string, version: string, status: number): void {
    const name = `${verb} through ${version}: ${status}`;
    this.answers[name] = (this.answers[name] ?? 0) + 1;
  }
}
