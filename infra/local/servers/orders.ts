/** The other end of `startChild`, in the server's own process. */
import { createInterface } from 'node:readline';

/** Milliseconds in which a server must have put its data away. */
const ENDING = 8_000;

/** The answer to an order that was carried out begins with this; any other is the reason why it was not. What it has come to follows as JSON, if anything. */
export const DONE = 'done';

/** Where clients reach the server. */
export interface Ports {
  readonly port: number;
  /** With TLS; null where it speaks none. */
  readonly tlsPort: number | null;
  /** What it is to be given beside its settings, to listen at the same ports when it is started again. */
  readonly again: object;
}

/** The variable in which the parent gives its settings: passwords and keys are among them, and a command line can be read by every user of the machine. */
export const GIVEN = 'CROSSFADE_SERVER';

/** What the parent has given, once: what this process starts itself is not told of it. */
export function givenSettings<Settings>(): Settings {
  const text = process.env[GIVEN] ?? '';
  delete process.env[GIVEN];
  return JSON.parse(text) as Settings;
}

/**
 * Tells the parent the ports, then takes its orders, and says when each is done, or why it cannot be. The parent holds the other end of the
 * pipe: when it is gone, so is the reason to go on.
 */
export function takeOrders<Order>(
  ports: Ports,
  obey: (order: Order) => unknown,
  end: () => void | Promise<void>,
): void {
  process.stdout.write(`${JSON.stringify(ports)}\n`);
  const orders = createInterface({ input: process.stdin });
  // Answers go out in the order in which the orders came, since nothing else tells them apart.
  let last = Promise.resolve();
  orders.on('line', (line) => {
    last = last.then(async () => {
      process.stdout.write(`${await answerTo(() => obey(JSON.parse(line) as Order))}\n`);
    });
  });
  orders.on('close', async () => {
    setTimeout(() => process.exit(1), ENDING).unref();
    await end();
    process.exit(0);
  });
}

async function answerTo(act: () => unknown): Promise<string> {
  try {
    const come = await act();
    return come === undefined ? DONE : `${DONE} ${JSON.stringify(come)}`;
  } catch (error) {
    return String(error).replaceAll('\n', ' ');
  }
}
