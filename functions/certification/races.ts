/** The contract of the store that decides, where several writers are at work at the same time. */
import type { Condition } from '../protocol/condition.ts';
import type { Content } from '../protocol/state.ts';
import { kept, same } from './not_kept.ts';
import { document, get, holds, put, type Rule, type Subject, versionOf } from './subject.ts';

const [ONE, NEW] = [document('{"n":1}'), document('{"n":2}')];
const ABSENT: Condition = { kind: 'absent' };
const CONTENDERS = Array.from({ length: 12 }, (_, n) => document(`{"writer":${n}}`));
const ROUNDS = 10;

/** Of all that were written with this condition at the same time, one is done, and is there. */
async function oneWins(subject: Subject, key: string, condition: Condition) {
  const outcomes = await Promise.all(CONTENDERS.map((content) => put(subject, key, content, condition)));
  const winners = outcomes.flatMap((outcome, n) => (outcome.kind === 'done' ? [n] : []));
  same(winners.length, 1, 'the number of writes with one condition that are done');
  return holds(subject, key, CONTENDERS[winners[0] ?? 0] as Content, 'After a race');
}

async function oneVersion(subject: Subject) {
  const key = subject.newKey();
  let version = versionOf(await put(subject, key, ONE, ABSENT));
  for (let round = 0; round < ROUNDS; round++)
    version = await oneWins(subject, key, { kind: 'version', version });
  return { rounds: ROUNDS, writers: CONTENDERS.length };
}

async function oneCreation(subject: Subject) {
  for (let round = 0; round < ROUNDS; round++) await oneWins(subject, subject.newKey(), ABSENT);
  return { rounds: ROUNDS, writers: CONTENDERS.length };
}

async function unconditional(subject: Subject) {
  const key = subject.newKey();
  const outcomes = await Promise.all(CONTENDERS.map((content) => put(subject, key, content)));
  const versions = outcomes.map(versionOf);
  same(new Set(versions).size, versions.length, 'the number of versions of as many writes');
  const highest = versions.reduce((a, b) => (a > b ? a : b));
  const content = CONTENDERS[versions.indexOf(highest)] as Content;
  same(await holds(subject, key, content, 'After a race'), highest, 'the version after a race');
  return { writers: CONTENDERS.length };
}

/** Both ask for the version that is there. */
async function deletionBesideWrite(subject: Subject) {
  let deletions = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const key = subject.newKey();
    const condition = { kind: 'version', version: versionOf(await put(subject, key, ONE)) } as const;
    const [gone, written] = await Promise.all([
      put(subject, key, null, condition),
      put(subject, key, NEW, condition),
    ]);
    kept(
      (gone.kind === 'done') !== (written.kind === 'done'),
      `Of a deletion and a write of one version one should be done, and they are ${gone.kind} and ${written.kind}`,
    );
    await holds(subject, key, gone.kind === 'done' ? null : NEW, 'After a deletion beside a write');
    if (gone.kind === 'done') deletions++;
  }
  return { rounds: ROUNDS, 'deletions that came first': deletions };
}

/** Readers see the versions of one key in their order while it is written. */
async function readersSeeNoReturn(subject: Subject) {
  const key = subject.newKey();
  versionOf(await put(subject, key, ONE));
  let writing = true;
  let reads = 0;
  const reader = async () => {
    let last = 0n;
    while (writing) {
      const { version } = await get(subject, key);
      kept(version >= last, `A read should see version ${last} or a later one, and sees ${version}`);
      last = version;
      reads++;
    }
  };
  const writer = async () => {
    try {
      for (const content of [...CONTENDERS, ...CONTENDERS]) versionOf(await put(subject, key, content));
    } finally {
      writing = false;
    }
  };
  await Promise.all([writer(), reader(), reader()]);
  return { writes: 2 * CONTENDERS.length, reads };
}

export const RACES: readonly Rule[] = [
  {
    ...{ name: 'one-version', title: 'Of writes that race for one version, exactly one succeeds' },
    ...{ proves: 'Two apps that read the same document do not overwrite each other.', group: 'races' },
    ...{ short: true, prove: oneVersion },
  },
  {
    ...{ name: 'one-creation', title: 'Of creations that race for one key, exactly one succeeds' },
    ...{ proves: 'A key is taken once.', group: 'races' },
    ...{ short: true, prove: oneCreation },
  },
  {
    name: 'unconditional',
    title: 'Of writes that race without conditions, all get a version of their own, and the highest is kept',
    ...{ proves: 'No version names two documents.', group: 'races', short: true },
    prove: unconditional,
  },
  {
    ...{
      name: 'deletion-beside-write',
      title: 'Of a deletion and a write of one version, exactly one is done',
    },
    ...{ proves: 'A deletion loses no update, and an update brings back nothing.', group: 'races' },
    ...{ short: true, prove: deletionBesideWrite },
  },
  {
    ...{ name: 'readers', title: 'Readers see no older version after a newer one' },
    ...{ proves: 'A read is answered by the copy that decides.', group: 'races' },
    ...{ short: false, prove: readersSeeNoReturn },
  },
];
