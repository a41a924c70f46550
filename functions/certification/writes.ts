/** The contract of the store that decides: writes, conditions, deletions. */
import { type Condition, UNCONDITIONAL } from '../protocol/condition.ts';
import type { Version } from '../protocol/version.ts';
import { kept, same } from './not_kept.ts';
import { document, ends, get, holds, put, type Rule, type Subject, versionOf } from './subject.ts';

const [ONE, TWO] = [document('{"n":1}'), document('{"n":2}')];
const ABSENT: Condition = { kind: 'absent' };
const at = (version: Version): Condition => ({ kind: 'version', version });

async function absentAtFirst(subject: Subject) {
  const { content, version } = await get(subject, subject.newKey());
  same(content === null, true, 'whether a key without a write is absent');
  same(version, 0n, 'the version of a key without a write');
  return {};
}

async function readBack(subject: Subject) {
  const key = subject.newKey();
  const version = versionOf(await put(subject, key, ONE));
  same(await holds(subject, key, ONE, 'After its write'), version, 'the version that is read');
  return {};
}

async function versionsRise(subject: Subject) {
  const key = subject.newKey();
  let last = 0n;
  const contents = [ONE, TWO, null, ONE, ONE, null, TWO];
  for (const content of contents) {
    const version = versionOf(await put(subject, key, content));
    kept(version > last, `A version should be above the one before, ${last}, and is ${version}`);
    last = version;
  }
  return { writes: contents.length };
}

async function createOnly(subject: Subject) {
  const key = subject.newKey();
  await ends(put(subject, key, ONE, ABSENT), 'done', 'A creation of what is absent');
  await ends(put(subject, key, TWO, ABSENT), 'refused', 'A creation of what is there');
  await holds(subject, key, ONE, 'After a refused creation');
  await put(subject, key, null);
  await ends(put(subject, key, TWO, ABSENT), 'done', 'A creation of what was deleted');
  return {};
}

async function expectedVersion(subject: Subject) {
  const key = subject.newKey();
  const first = versionOf(await put(subject, key, ONE));
  const second = versionOf(await put(subject, key, TWO, at(first)));
  for (const stale of [first, second + 1n, 0n])
    await ends(put(subject, key, ONE, at(stale)), 'refused', 'A write that expects another version');
  await ends(put(subject, key, null, at(first)), 'refused', 'A deletion that expects another version');
  same((await get(subject, key)).version, second, 'the version after refused writes');
  await ends(put(subject, subject.newKey(), ONE, at(second)), 'refused', 'A write that expects a document');
  return {};
}

async function deleted(subject: Subject) {
  const key = subject.newKey();
  const version = versionOf(await put(subject, key, ONE));
  await ends(put(subject, key, null, at(version)), 'done', 'A deletion');
  await holds(subject, key, null, 'After a deletion');
  await ends(put(subject, key, null), 'done', 'A deletion of what was deleted');
  await ends(put(subject, key, TWO, at(version)), 'refused', 'A write that expects a deleted version');
  return {};
}

async function deletionOfNothing(subject: Subject) {
  for (const condition of [UNCONDITIONAL, ABSENT]) {
    const [never, gone] = [subject.newKey(), subject.newKey()];
    await subject.apply(gone, null, 7n);
    for (const [key, version] of [
      [never, 1n],
      [gone, 8n],
    ] as const)
      for (let time = 0; time < 2; time++) await leavesATombstone(subject, key, condition, version);
    const unwanted = subject.newKey();
    await ends(put(subject, unwanted, null, at(5n)), 'refused', 'A deletion that expects a document');
    const { oracle } = subject.partners;
    const written = await oracle.write(unwanted, { content: null, condition, handedOff: true });
    same(written, null, 'the version of a deletion of a key that is not handed off');
    same((await oracle.read(unwanted, {})).version, 0n, 'the version of a key without a write');
  }
  return {};
}

async function leavesATombstone(subject: Subject, key: string, condition: Condition, version: Version) {
  await ends(put(subject, key, null, condition), 'done', 'A deletion of nothing');
  const row = await subject.partners.oracle.read(key, {});
  same(row.content === null, true, 'whether the row of a deletion has no document');
  same(row.version, version, 'the version of a deletion of nothing');
  same(row.handoff, version - 1n, 'the last version that Couchbase has ordered');
  same(row.handback, 0n, 'the version from which Couchbase has ordered the key anew');
  kept((await subject.apply(key, ONE, 1000n)) !== true, 'A copy should not undo a deletion, and was taken');
  await holds(subject, key, null, 'After a copy to a key that Oracle orders');
}

export const WRITES: readonly Rule[] = [
  {
    ...{ name: 'absent', title: 'A key that was never written is absent, in version 0' },
    ...{ proves: 'A look at nothing is no failure.', group: 'contract', short: true },
    prove: absentAtFirst,
  },
  {
    ...{
      name: 'read-back',
      title: 'A document is read as it was written, in the version that the write told',
    },
    ...{ proves: 'An ETag names what was written.', group: 'contract', short: true },
    prove: readBack,
  },
  {
    ...{ name: 'versions-rise', title: 'Versions of a key rise with every write, deletions included' },
    ...{ proves: 'Of two states of a key, the later one is known.', group: 'contract', short: true },
    prove: versionsRise,
  },
  {
    ...{ name: 'create-only', title: 'Create-only creates what is absent, and leaves alone what is there' },
    ...{ proves: 'If-None-Match: * overwrites nothing.', group: 'contract', short: true },
    prove: createOnly,
  },
  {
    name: 'expected-version',
    title: 'A write that expects a version is refused if the document has another, or none',
    ...{ proves: 'If-Match loses no update.', group: 'contract', short: true },
    prove: expectedVersion,
  },
  {
    ...{ name: 'deleted', title: 'A deleted document is absent, and deleting it again is done already' },
    ...{ proves: 'A deletion may be repeated.', group: 'contract', short: true },
    prove: deleted,
  },
  {
    name: 'deletion-of-nothing',
    title: 'A deletion of nothing is remembered where Oracle decides alone: no older copy undoes it',
    ...{ proves: 'A late copy brings back no deleted document.', group: 'contract', short: true },
    only: 'contract',
    prove: deletionOfNothing,
  },
];
