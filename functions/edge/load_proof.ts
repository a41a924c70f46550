/** The proof of load over the stores: what gates and people are told of it, and what containers write down. */
import { randomUUID } from 'node:crypto';
import type { LoadProof } from '../configuration/load_proof.ts';
import { type LoadProofEvidence, loadProofEvidence, neededSince } from '../control/load_proof.ts';
import type { Phase } from '../protocol/phase.ts';
import { type Figures, isProven, MINUTE, NO_FIGURES, type ProofRow, summed } from '../records/load_proof.ts';
import type { Reach } from '../stores/reach.ts';
import type { Receipt } from '../stores/receipt.ts';
import type { Container } from './container.ts';
import type { Stores } from './stores.ts';

/** Nothing where the collection proves nothing. Rejects where Oracle does not answer. @param now milliseconds since the epoch. */
export async function proofEvidence(
  stores: {
    loadProofOf(collection: string): LoadProof | null;
    readonly loadProofs: Pick<Stores['loadProofs'], 'since'>;
  },
  collection: string,
  phase: Phase,
  reach: Reach,
  now: number,
): Promise<{ readonly loadProof?: LoadProofEvidence }> {
  const settings = stores.loadProofOf(collection);
  if (settings === null) return {};
  const rows = isProven(phase)
    ? await reach.ask('oracle', () => stores.loadProofs.since(collection, neededSince(settings.ramp, now)))
    : [];
  return { loadProof: loadProofEvidence(settings, rows, now) };
}

/** Minutes of one container that are kept where Oracle takes none: older ones would prove nothing to anybody. */
const MOST_KEPT = 100;

interface Measured {
  readonly collection: string;
  readonly row: ProofRow;
  /** Whether there is something that is not written down yet. */
  readonly isNew: boolean;
}

/** What one container has measured in each minute, as it writes it down. */
export class ProofMinutes {
  readonly #put: Stores['loadProofs']['put'];
  readonly #part: string;
  readonly #now: () => number;
  #minutes: readonly Measured[] = [];

  /** @param part tells its rows from those of others. @param now milliseconds since the epoch. */
  constructor(put: Stores['loadProofs']['put'], part: string, now: () => number) {
    this.#put = put;
    this.#part = part;
    this.#now = now;
  }

  add(collection: string, { phase, percent }: Pick<ProofRow, 'phase' | 'percent'>, figures: Figures): void {
    const minute = Math.floor(this.#now() / MINUTE) * MINUTE;
    const isOf = ({ collection: name, row }: Measured) =>
      name === collection && row.minute === minute && row.phase === phase && row.percent === percent;
    const before = this.#minutes.find(isOf)?.row.figures ?? NO_FIGURES;
    const row = { minute, phase, percent, figures: summed(before, figures) };
    this.#minutes = [...this.#minutes.filter((each) => !isOf(each)), { collection, row, isNew: true }].slice(
      -MOST_KEPT,
    );
  }

  /** Writes down what is new, and forgets minutes that are over. Rejects where Oracle does not take it: the next time it is written down with the rest. */
  async save(): Promise<void> {
    for (const measured of this.#minutes.filter(({ isNew }) => isNew)) {
      await this.#put(measured.collection, this.#part, measured.row);
      // What was measured meanwhile stands in a row of its own making.
      this.#minutes = this.#minutes.map((each) => (each === measured ? { ...each, isNew: false } : each));
    }
    const minute = Math.floor(this.#now() / MINUTE) * MINUTE;
    this.#minutes = this.#minutes.filter(({ isNew, row }) => isNew || row.minute === minute);
  }
}

/** What writes down that a read differs by a second look. */
export function noteDifferences({ stores, now }: Pick<Container, 'stores' | 'now'>) {
  const minutes = new ProofMinutes((...row) => stores.loadProofs.put(...row), randomUUID(), now);
  return async ({ collection, phase }: Pick<Receipt, 'collection' | 'phase'>): Promise<void> => {
    if (stores.loadProofOf(collection) === null) return;
    minutes.add(collection, { phase, percent: 0 }, { ...NO_FIGURES, differences: 1 });
    await minutes.save();
  };
}
