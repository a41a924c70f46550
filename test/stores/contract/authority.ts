/** The contract of the store that decides: writes, conditions, deletions, and races of them. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { type Condition, UNCONDITIONAL } from '../../../functions/protocol/condition.ts';
import type { Version } from '../../../functions/protocol/version.ts';
import { document, get, put, type Subject, versionOf } from './subject.ts';

const [ONE, TWO] = [document('{"n":1}'), document('{"n":2}')];
const ABSENT: Condition = { kind: 'absent' };
const at = (version: Version): Condition => ({ kind: 'version', version });

export function authority(subject: () => Subject): void {
  writes(subject);
  conditions(subject);
  deletions(subject);
  races(subject);
}

function writes(subject: () => Subject): void {
  test('a key that was never written is absent, in version 0', async () => {
    const { content, version } = await get(subject(), randomUUID());
    assert.deepEqual([content, version], [null, 0n]);
  });

  test('a document is read as it was written, in the version that the write told', async () => {
    const key = randomUUID();
    const version = versionOf(await put(subject(), key, ONE));
    const read = await get(subject(), key);
    assert.deepEqual([read.content?.digest, read.version], [ONE.digest, version]);
  });

  test('versions of a key rise with every write, deletions included', async () => {
    const key = randomUUID();
    let last = 0n;
    for (const content of [ONE, TWO, null, ONE, ONE, null, TWO]) {
      const version = versionOf(await put(subject(), key, content));
      assert.ok(version > last, `${version} after ${last}`);
      last = version;
    }
  });
}

function conditions(subject: () => Subject): void {
  test('create-only creates what is absent, and leaves alone what is there', async () => {
    const key = randomUUID();
    assert.equal((await put(subject(), key, ONE, ABSENT)).kind, 'done');
    assert.equal((await put(subject(), key, TWO, ABSENT)).kind, 'refused');
    assert.equal((await get(subject(), key)).content?.digest, ONE.digest);
    await put(subject(), key, null);
    assert.equal((await put(subject(), key, TWO, ABSENT)).kind, 'done');
  });

  test('a write that expects a version is refused if the document has another, or none', async () => {
    const key = randomUUID();
    const first = versionOf(await put(subject(), key, ONE));
    const second = versionOf(await put(subject(), key, TWO, at(first)));
    for (const stale of [first, second + 1n, 0n])
      assert.equal((await put(subject(), key, ONE, at(stale))).kind, 'refused');
    assert.equal((await put(subject(), key, null, at(first))).kind, 'refused');
    assert.equal((await get(subject(), key)).version, second);
    assert.equal((await put(subject(), randomUUID(), ONE, at(second))).kind, 'refused');
  });
}

function deletions(subject: () => Subject): void {
  test('a deleted document is absent, and deleting it again is done already', async () => {
    const key = randomUUID();
    const version = versionOf(await put(subject(), key, ONE));
    assert.equal((await put(subject(), key, null, at(version))).kind, 'done');
    assert.equal((await get(subject(), key)).content, null);
    assert.equal((await put(subject(), key, null)).kind, 'done');
    assert.equal((await put(subject(), key, TWO, at(version))).kind, 'refused');
  });

  for (const condition of [UNCONDITIONAL, ABSENT])
    test(`a deletion of nothing is remembered where Oracle decides alone: no older copy undoes it (${condition.kind})`, async (t) => {
      if (subject().phase !== 'contract') return t.skip('Couchbase keeps nothing of what is not there');
      const { partners, apply } = subject();
      const [never, deleted] = [randomUUID(), randomUUID()];
      await apply(deleted, null, 7n);
      for (const [key, version] of [
        [never, 1n],
        [deleted, 8n],
      ] as const)
        for (let time = 0; time < 2; time++) {
          assert.equal((await put(subject(), key, null, condition)).kind, 'done');
          const row = await partners.oracle.read(key, {});
          assert.deepEqual(row, { content: null, version, handoff: version - 1n, handback: 0n });
          assert.notEqual(await apply(key, ONE, 1000n), true);
          assert.equal((await get(subject(), key)).content, null);
        }
      const unwanted = randomUUID();
      assert.equal((await put(subject(), unwanted, null, at(5n))).kind, 'refused');
      const handedOff = { content: null, condition, handedOff: true };
      assert.equal(await partners.oracle.write(unwanted, handedOff), null);
      assert.equal((await partners.oracle.read(unwanted, {})).version, 0n);
    });
}

function races(subject: () => Subject): void {
  const CONTENDERS = Array.from({ length: 12 }, (_, n) => document(`{"writer":${n}}`));

  test('of writes that race for one version, exactly one succeeds', async () => {
    const key = randomUUID();
    let version = versionOf(await put(subject(), key, ONE, ABSENT));
    for (let round = 0; round < 10; round++) {
      const condition = at(version);
      const outcomes = await Promise.all(CONTENDERS.map((c) => put(subject(), key, c, condition)));
      const winners = outcomes.flatMap((outcome, n) => (outcome.kind === 'done' ? [n] : []));
      assert.equal(winners.length, 1, `winners: ${winners}`);
      const read = await get(subject(), key);
      assert.equal(read.content?.digest, CONTENDERS[winners[0] as number]?.digest);
      version = read.version;
    }
  });

  test('of creations that race for one key, exactly one succeeds', async () => {
    for (let round = 0; round < 10; round++) {
      const key = randomUUID();
      const outcomes = await Promise.all(CONTENDERS.map((c) => put(subject(), key, c, ABSENT)));
      const winner = outcomes.findIndex(({ kind }) => kind === 'done');
      assert.equal(outcomes.filter(({ kind }) => kind === 'done').length, 1);
      assert.equal((await get(subject(), key)).content?.digest, CONTENDERS[winner]?.digest);
    }
  });

  test('of writes that race without conditions, all get a version of their own, and the highest is kept', async () => {
    const key = randomUUID();
    const versions = (await Promise.all(CONTENDERS.map((c) => put(subject(), key, c)))).map(versionOf);
    assert.equal(new Set(versions).size, versions.length);
    const highest = versions.reduce((a, b) => (a > b ? a : b));
    const read = await get(subject(), key);
    assert.equal(read.version, highest);
    assert.equal(read.content?.digest, CONTENDERS[versions.indexOf(highest)]?.digest);
  });
}
