/** The contract of the store that catches up: apply if newer, in whatever order, and new versions for old content. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Content } from '../../../functions/protocol/state.ts';
import { MAX_VERSION } from '../../../functions/protocol/version.ts';
import { document, get, type Subject } from './subject.ts';

const CONTENTS: readonly Content[] = [document('{"n":1}'), document('[2]'), document('"3"'), null];

export function follower(subject: () => Subject): void {
  applying(subject);
  reversioning(subject);
}

function applying(subject: () => Subject): void {
  test('copies that arrive in any order, late and twice, leave the newest', async () => {
    const anyCopies = fc
      .array(fc.record({ version: fc.bigInt(1n, 9n), late: fc.boolean() }), { minLength: 1, maxLength: 9 })
      .map((copies) => copies.map(({ version }) => version));
    const property = fc.asyncProperty(anyCopies, async (versions) => {
      const key = randomUUID();
      // One version, one content: what the protocol guarantees.
      const contentOf = (version: bigint) => CONTENTS[Number(version) % CONTENTS.length] as Content;
      for (const version of versions) await subject().apply(key, contentOf(version), version);
      const newest = versions.reduce((a, b) => (a > b ? a : b));
      const { content, version } = await get(subject(), key);
      assert.deepEqual([content?.digest, version], [contentOf(newest)?.digest, newest]);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  test('copies that race leave the newest', async () => {
    for (let round = 0; round < 10; round++) {
      const key = randomUUID();
      const versions = [5n, 3n, 8n, 1n, 8n, 2n, 7n];
      await Promise.all(versions.map((v) => subject().apply(key, document(`{"v":${v}}`), v)));
      const { content, version } = await get(subject(), key);
      assert.deepEqual([content?.digest, version], [document('{"v":8}').digest, 8n]);
    }
  });

  test('an older copy does not bring back what was deleted since', async () => {
    const key = randomUUID();
    await subject().apply(key, null, 10n);
    await subject().apply(key, CONTENTS[0] as Content, 9n);
    const { content, version } = await get(subject(), key);
    assert.deepEqual([content, version], [null, 10n]);
  });

  test('versions are exact over all 64 bits', async () => {
    const key = randomUUID();
    const { highest = MAX_VERSION } = subject();
    const versions = [2n ** 53n + 1n, 2n ** 60n + 1n, 2n ** 63n, highest - 1n, highest];
    for (const version of versions.filter((each) => each <= highest)) {
      await subject().apply(key, document(`"${version}"`), version);
      const read = await get(subject(), key);
      assert.deepEqual([read.version, read.content?.digest], [version, document(`"${version}"`).digest]);
    }
    await subject().apply(key, null, highest - 1n);
    assert.equal((await get(subject(), key)).version, highest);
  });
}

function reversioning(subject: () => Subject): void {
  test('a document can be given a new version, if it is still the one that was looked at', async () => {
    const key = randomUUID();
    await subject().apply(key, CONTENTS[0] as Content, 5n);
    const raise = await subject().reversion(key);
    assert.equal(await raise(6n), true);
    assert.equal(await raise(7n), false);
    const raiseAgain = await subject().reversion(key);
    await subject().apply(key, CONTENTS[1] as Content, 20n);
    assert.equal(await raiseAgain(30n), false);
    const { content, version } = await get(subject(), key);
    assert.deepEqual([content?.digest, version], [CONTENTS[1]?.digest, 20n]);
  });
}
