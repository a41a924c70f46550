/** Where the last request is kept that a second operator has to confirm, in memory. */
import assert from 'node:assert/strict';
import type { Desk, Kept } from '../../functions/operations/four_eyes.ts';

export class Shelf {
  last: Kept | null = null;

  /** @param now by the clock of whatever keeps it. */
  desk(now: () => number): Desk {
    return {
      keep: async (text) => {
        // As SSM, which takes two braces for the name of another parameter.
        assert.ok(!text.includes('{{') && Buffer.byteLength(text) <= 4096);
        this.last = { text, number: (this.last?.number ?? 0) + 1, at: now(), now: now() };
        return this.last.number;
      },
      kept: async () => (this.last === null ? null : { ...this.last, now: now() }),
    };
  }
}
