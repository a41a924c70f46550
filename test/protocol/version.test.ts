import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { effectiveVersion } from '../../functions/protocol/state.ts';
import { above, MAX_VERSION } from '../../functions/protocol/version.ts';

const anyVersion = fc.bigInt({ min: 0n, max: MAX_VERSION - 1n });

test('the version above others is above each of them, and the smallest such', () => {
  fc.assert(
    fc.property(fc.array(anyVersion), (versions) => {
      const version = above(...versions);
      for (const other of versions) assert.ok(version > other);
      assert.ok(version === 1n || versions.includes(version - 1n));
    }),
  );
});

test('versions are unsigned numbers of 64 bits', () => {
  assert.equal(MAX_VERSION, 18_446_744_073_709_551_615n);
});

test('above the highest version there is none, and the error says what to do', () => {
  assert.throws(() => above(3n, MAX_VERSION), /exported and loaded afresh/);
});

test('an xattr is believed only while its CAS is the document’s', () => {
  assert.equal(effectiveVersion(7n, { version: 5n, cas: 7n }), 5n);
  assert.equal(effectiveVersion(8n, { version: 5n, cas: 7n }), 8n);
  assert.equal(effectiveVersion(8n, null), 8n);
});
