/** Both stores of a collection in memory, whose reads of Oracle are counted and can fail. */
import type { Stores } from '../../functions/reconciliation/settle.ts';
import type { Selects } from '../../functions/stores/selection.ts';
import { Reference } from '../stores/reference.ts';

export class FailingStores {
  readonly stores = new Reference(() => 0);
  /** Thrown by the next reads of Oracle. */
  fails: Error | null = null;
  reads = 0;
  couchbase: Stores['couchbase'] = this.stores.couchbase;
  /** Which keys the collection takes; none: all. */
  selection: Selects['selection'] = undefined;

  /** As a worker on receipts reaches them. */
  get pair() {
    const oracle = {
      ...this.stores.oracle,
      read: (key: string) => {
        this.reads++;
        return this.fails === null ? this.stores.oracle.read(key, {}) : Promise.reject(this.fails);
      },
    };
    return { couchbase: this.couchbase, oracle, selection: this.selection };
  }
}
