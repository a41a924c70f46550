/** Rules of the contract for anything that fast-check draws, which it shrinks where a rule is broken. */
import { test } from 'node:test';
import fc from 'fast-check';
import { comesBack } from '../../../functions/certification/bodies.ts';
import { newestStays } from '../../../functions/certification/copies.ts';
import { nameTheirOwn } from '../../../functions/certification/keys.ts';
import type { TestSubject } from './subject.ts';

export function properties(subject: () => TestSubject): void {
  test('any copies, in any order, leave the newest', async () => {
    const anyCopies = fc.array(fc.bigInt(1n, 9n), { minLength: 1, maxLength: 9 });
    const property = fc.asyncProperty(anyCopies, (versions) => newestStays(subject(), versions));
    await fc.assert(property, { numRuns: 40 });
  });

  test('any JSON that fast-check draws comes back as the same document', async () => {
    const property = fc.asyncProperty(fc.json({ stringUnit: 'binary' }), (json) =>
      comesBack(subject(), json, 'any JSON'),
    );
    await fc.assert(property, { numRuns: 60 });
  });

  test('any keys of up to 246 bytes of UTF-8 name documents of their own', async () => {
    const anyKey = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 200 })
      .filter((key) => key.isWellFormed() && Buffer.byteLength(key) <= 246);
    const property = fc.asyncProperty(fc.uniqueArray(anyKey, { minLength: 1, maxLength: 8 }), (keys) =>
      nameTheirOwn(subject(), keys),
    );
    await fc.assert(property, { numRuns: 25 });
  });
}
