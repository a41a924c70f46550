/** Whether the listener knows the service, and who is connected to it. */

/** One client's connection. */
export interface Client {
  /** Breaks the connection. Resolves once nothing of it is at work in the database any more. */
  cut(): Promise<void>;
  /** Resolves likewise. */
  readonly left: Promise<void>;
}

export class Door {
  readonly #clients = new Set<Client>();
  #isOpen = true;

  get isOpen(): boolean {
    return this.#isOpen;
  }

  enter(client: Client): void {
    this.#clients.add(client);
    client.left.then(() => this.#clients.delete(client));
  }

  /** Nobody is connected once it resolves, and nobody connects before it is opened again. */
  async shut(): Promise<void> {
    this.#isOpen = false;
    await Promise.all([...this.#clients].map((client) => client.cut()));
  }

  open(): void {
    this.#isOpen = true;
  }
}
