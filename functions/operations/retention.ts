/** Removes what the control tables have kept for long enough: some of it at each look of the controller, so that no look takes long. */
import type { KindName } from '../books/kept.ts';

const DAY = 86_400_000;
/** Rows of each kind at a time, and milliseconds until the next time where there were fewer: where an index on a time was left to the owner, all of its table is read. */
const [MOST, PAUSE] = [500, 3_600_000];

/** What is removed: rows about documents, and what was measured for the proof of load. */
export type Removed = KindName | 'loadProof';

export interface RetentionPorts {
  /** Days; null for ever. */
  readonly retention: Readonly<Partial<Record<Removed, number | null>>>;
  /** @returns how many rows were removed. */
  removeOld(kind: Removed, before: number, most: number): Promise<number>;
  oracleIsAway(): boolean;
  timely(): boolean;
  /** Milliseconds since the epoch. */
  now(): number;
  info(message: string, about: Readonly<Record<string, number>>): void;
  warn(message: string, about: Readonly<Record<string, string>>): void;
}

/** When a container is to remove something next. */
export class RetentionTurn {
  #next = 0;

  /** Never rejects: what was not removed is removed later. */
  async take(ports: RetentionPorts): Promise<void> {
    const { retention, now, timely } = ports;
    if (now() < this.#next || ports.oracleIsAway()) return;
    const kinds = (Object.entries(retention) as [Removed, number | null][]).filter(
      ([, days]) => days !== null,
    );
    const removed: Record<string, number> = {};
    this.#next = now() + PAUSE;
    try {
      for (const [kind, days] of kinds) {
        if (!timely()) break;
        const count = await ports.removeOld(kind, now() - (days ?? 0) * DAY, MOST);
        if (count > 0) removed[kind] = count;
        if (count === MOST) this.#next = 0;
      }
    } catch (error) {
      ports.warn('What is kept for long enough was not removed: a later look removes it', {
        cause: String(error),
      });
    }
    if (Object.keys(removed).length > 0) ports.info('Removed what was kept for long enough', removed);
  }
}
