/** What receipts find that was written past the API: counted, logged, and noted for operators, once an invocation and key. */
import type { Phase } from '../protocol/phase.ts';
import type { Receipt } from '../stores/receipt.ts';
import { OncePerInvocation } from './once.ts';

export interface ForeignPorts {
  /** Writes down that a document was written past the API. */
  readonly noteForeign: (receipt: Receipt, phase: Phase) => Promise<void>;
  readonly count: (metric: 'ForeignWrites' | 'ForeignConflicts') => void;
  readonly log: { warn(message: string, about: Readonly<Record<string, unknown>>): void };
}

/** Counts and logs a document that was written past the API. From `seal` on nobody may do so any more. */
export function tellForeign(
  { count, log }: Pick<ForeignPorts, 'count' | 'log'>,
  about: { readonly collection: string; readonly key: string; readonly phase: Phase },
): void {
  count('ForeignWrites');
  if (about.phase !== 'expand') count('ForeignConflicts');
  log.warn('FOREIGN_WRITE: a document was written past the API', about);
}

export class ForeignWrites {
  readonly #ports: ForeignPorts;
  /** Two messages of an invocation, one of our own write and one of a change feed, may find the same one at the same time. */
  readonly #told = new OncePerInvocation<void>();

  constructor(ports: ForeignPorts) {
    this.#ports = ports;
  }

  /** Never rejects. @param invocation the same object for all of its messages. */
  tell(receipt: Receipt, phase: Phase, invocation: object): Promise<void> {
    const { collection, key } = receipt;
    return this.#told.of(invocation, `${collection} ${key}`, () => this.#tell(receipt, phase));
  }

  async #tell(receipt: Receipt, phase: Phase): Promise<void> {
    const { log, noteForeign } = this.#ports;
    const { collection, key } = receipt;
    const about = { collection, key, phase };
    tellForeign(this.#ports, about);
    await noteForeign(receipt, phase).catch((error: unknown) =>
      log.warn('It was not noted', { ...about, cause: String(error) }),
    );
  }
}
