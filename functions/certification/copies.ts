/** The contract of the store that catches up: apply if newer, in whatever order, and new versions for old content. */
import type { Content } from '../protocol/state.ts';
import { MAX_VERSION, type Version } from '../protocol/version.ts';
import { same } from './not_kept.ts';
import { document, get, holds, type Rule, type Subject } from './subject.ts';

const CONTENTS: readonly Content[] = [document('{"n":1}'), document('[2]'), document('"3"'), null];
/** One version, one content: what the protocol guarantees. */
const contentOf = (version: Version) => CONTENTS[Number(version) % CONTENTS.length] as Content;

/** Copies of one key arrive in this order, some of them late or twice. Throws `NotKept` where the newest is not what is left. */
export async function newestStays(subject: Subject, versions: readonly Version[]): Promise<void> {
  const key = subject.newKey();
  for (const version of versions) await subject.apply(key, contentOf(version), version);
  const newest = versions.reduce((a, b) => (a > b ? a : b));
  const left = await holds(subject, key, contentOf(newest), `After copies ${versions.join(', ')}`);
  same(left, newest, 'the version after all copies');
}

async function anyOrder(subject: Subject) {
  const ROUNDS = 12;
  const drawn = () =>
    Array.from({ length: 1 + Math.floor(subject.random() * 8) }, () =>
      BigInt(1 + Math.floor(subject.random() * 9)),
    );
  for (let round = 0; round < ROUNDS; round++) await newestStays(subject, drawn());
  return { orders: ROUNDS };
}

async function racing(subject: Subject) {
  const ROUNDS = 10;
  for (let round = 0; round < ROUNDS; round++) {
    const key = subject.newKey();
    const versions = [5n, 3n, 8n, 1n, 8n, 2n, 7n];
    await Promise.all(versions.map((v) => subject.apply(key, document(`{"v":${v}}`), v)));
    const left = await holds(subject, key, document('{"v":8}'), 'After copies that race');
    same(left, 8n, 'the version after copies that race');
  }
  return { rounds: ROUNDS };
}

async function deletionStays(subject: Subject) {
  const key = subject.newKey();
  await subject.apply(key, null, 10n);
  await subject.apply(key, CONTENTS[0] as Content, 9n);
  same(await holds(subject, key, null, 'After an older copy'), 10n, 'the version of a deletion');
  return {};
}

async function all64Bits(subject: Subject) {
  const key = subject.newKey();
  const { highest = MAX_VERSION } = subject;
  const versions = [2n ** 53n + 1n, 2n ** 60n + 1n, 2n ** 63n, highest - 1n, highest];
  for (const version of versions.filter((each) => each <= highest)) {
    await subject.apply(key, document(`"${version}"`), version);
    same(await holds(subject, key, document(`"${version}"`), 'After a copy'), version, 'a version');
  }
  await subject.apply(key, null, highest - 1n);
  same((await get(subject, key)).version, highest, 'the highest version');
  return { highest: String(highest) };
}

async function newVersion(subject: Subject) {
  const key = subject.newKey();
  await subject.apply(key, CONTENTS[0] as Content, 5n);
  const raise = await subject.reversion(key);
  same(await raise(6n), true, 'whether what was looked at is given another version');
  same(await raise(7n), false, 'whether it is given one where it is another by now');
  const raiseAgain = await subject.reversion(key);
  await subject.apply(key, CONTENTS[1] as Content, 20n);
  same(await raiseAgain(30n), false, 'whether a document that came since is given another version');
  same(await holds(subject, key, CONTENTS[1] as Content, 'After that'), 20n, 'its version');
  return {};
}

export const COPIES: readonly Rule[] = [
  {
    ...{ name: 'copies', title: 'Copies that arrive in any order, late and twice, leave the newest' },
    ...{ proves: 'Backfill, receipts and repairs need no order.', group: 'contract', short: true },
    prove: anyOrder,
  },
  {
    ...{ name: 'racing-copies', title: 'Copies that race leave the newest' },
    ...{ proves: 'Backfill and writes may meet at one key.', group: 'races', short: true },
    prove: racing,
  },
  {
    ...{ name: 'tombstone', title: 'An older copy does not bring back what was deleted since' },
    ...{ proves: 'A deleted document does not come back by itself.', group: 'contract', short: true },
    prove: deletionStays,
  },
  {
    ...{ name: 'versions-64', title: 'Versions are exact over all 64 bits' },
    ...{ proves: 'No driver rounds a version.', group: 'contract', short: true },
    prove: all64Bits,
  },
  {
    name: 'new-version',
    title: 'A document can be given a new version, if it is still the one that was looked at',
    ...{ proves: 'A repair undoes no write.', group: 'contract', short: true },
    prove: newVersion,
  },
];
