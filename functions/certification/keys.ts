/** The contract about keys, expiry, and the enumeration of keys. */
import { quoted } from '../parsing/quoted.ts';
import { byUtf8 } from '../protocol/order.ts';
import { type Shard, shardsFrom } from '../protocol/shard.ts';
import { PoisonDocument } from '../stores/failure.ts';
import { kept, same } from './not_kept.ts';
import { document, ends, get, holds, put, type Rule, type Subject } from './subject.ts';

const LONGEST = 246;
const ODD = ['\0', '\0\x01', '\x01', '\x01\x02', 'é', 'e\u0301', ' a', 'a ', 'a', 'A', "'", '"', '%_'];
const ODDER = ['\\', '/', '//', '../a', 'a/b', '0', '00', '\u{1f600}', '\uffff'];

/** Throws `NotKept` where one of the keys names the document of another. */
export async function nameTheirOwn(subject: Subject, keys: readonly string[]): Promise<void> {
  const of = (key: string) => document(JSON.stringify(key));
  for (const key of keys) await put(subject, key, of(key));
  for (const key of keys) await holds(subject, key, of(key), `After the writes of ${keys.length} odd keys`);
}

/** Keys of all kinds, the longest ones included. */
export function oddKeys(subject: Subject): string[] {
  const room = LONGEST - Buffer.byteLength(subject.named(''));
  const longest = ['x'.repeat(room), 'é'.repeat(Math.floor(room / 2)), `${'x'.repeat(room - 1)}y`];
  return [...ODD, ...ODDER, ...longest].map((name) => subject.named(name));
}

async function odd(subject: Subject) {
  const keys = oddKeys(subject);
  await nameTheirOwn(subject, keys);
  return { keys: keys.length, 'longest (bytes)': Math.max(...keys.map((key) => Buffer.byteLength(key))) };
}

async function impossible(subject: Subject) {
  for (const key of ['', 'x'.repeat(251), '\ud800']) {
    const error: unknown = await put(subject, key, document('1')).catch((failure: unknown) => failure);
    const isNamed = error instanceof PoisonDocument && error.message.includes(quoted(key, 250));
    kept(isNamed, `A key of ${key.length} characters that no store can hold should be refused by name`);
  }
  return {};
}

const [PAST, FUTURE] = [Date.UTC(2001, 0, 1), Date.UTC(2040, 0, 1)];

async function toTheSecond(subject: Subject) {
  const [written, copied] = [subject.newKey(), subject.newKey()];
  const expires = async (key: string, at: number | null) =>
    same((await get(subject, key)).content?.expiresAt, at, 'the expiry of a document (ms since 1970)');
  await put(subject, written, document('1', FUTURE));
  await subject.apply(copied, document('1', FUTURE + 1000), 5n);
  await expires(written, FUTURE);
  await expires(copied, FUTURE + 1000);
  await put(subject, written, document('2'));
  await subject.apply(copied, document('2'), 6n);
  for (const key of [written, copied]) {
    await expires(key, null);
    await holds(subject, key, document('2'), 'After a write without an expiry');
  }
  return {};
}

async function expired(subject: Subject) {
  const key = subject.newKey();
  await put(subject, key, document('1', PAST));
  await holds(subject, key, null, 'After its expiry');
  await ends(put(subject, key, document('2'), { kind: 'absent' }), 'done', 'A creation of what has expired');
  await holds(subject, key, document('2'), 'After its creation');
  return {};
}

async function enumerated(subject: Subject) {
  const prefix = subject.newKey();
  const names = ['', 'a', 'b', 'é', '\uffff', '\u{10000}', '\u{1f600}', '\'`"', '$after', ...'0123456789'];
  const own = names.map((name) => `${prefix}-${name}`);
  for (const key of own) await put(subject, key, document('1'));
  const ended = [`${prefix}-gone`, `${prefix}-expired`] as const;
  await put(subject, ended[0], document('1'));
  await put(subject, ended[0], null);
  await put(subject, ended[1], document('1', PAST));
  const ordered = [...own, ...(subject.phase === 'contract' ? ended : [])].sort(byUtf8);
  const within = { after: prefix, upTo: `${prefix}.` };
  listed(await walk(subject, within), ordered, 'one shard');
  const shards = shardsFrom(own, 5).map(({ after, upTo }) => ({
    after: after ?? within.after,
    upTo: upTo ?? within.upTo,
  }));
  const found = await Promise.all(shards.map((shard) => walk(subject, shard)));
  listed(found.flat(), ordered, `${shards.length} shards`);
  return { keys: ordered.length, shards: shards.length };
}

function listed(found: readonly string[], wanted: readonly string[], where: string): void {
  const left = wanted.filter((key) => !found.includes(key)).length;
  same(left, 0, `the number of keys that ${where} did not list`);
  same(found.length, wanted.length, `the number of keys that ${where} listed`);
  kept(
    found.every((key, n) => key === wanted[n]),
    `The keys of ${where} should come in the order of their bytes, and do not`,
  );
}

/** Every key of a shard, page by page, as backfill walks it. */
async function walk({ keys: page }: Subject, { after, upTo }: Shard): Promise<string[]> {
  const LIMIT = 4;
  const found: string[] = [];
  for (let from = after; ; from = found.at(-1) as string) {
    const next = await page({ after: from, upTo }, LIMIT);
    found.push(...next);
    if (next.length < LIMIT) return found;
  }
}

export const KEY_RULES: readonly Rule[] = [
  {
    ...{ name: 'odd-keys', title: `Any key of up to ${LONGEST} bytes of UTF-8 names a document of its own` },
    ...{ proves: 'No collation and no padding makes one key of two.', group: 'documents', short: true },
    prove: odd,
  },
  {
    ...{ name: 'impossible-keys', title: 'A key that no store can hold is refused by name' },
    ...{ proves: 'A key is not cut.', group: 'documents', short: true },
    prove: impossible,
  },
  {
    name: 'expiry',
    title: 'An expiry is absolute and comes back to the second; a write without one clears it',
    ...{ proves: 'A copy lives as long as its original.', group: 'documents', short: true },
    prove: toTheSecond,
  },
  {
    ...{ name: 'expired', title: 'An expired document is absent, and may be created again' },
    ...{ proves: 'The time of a document ends in both stores.', group: 'documents', short: true },
    prove: expired,
  },
  {
    name: 'enumeration',
    title:
      'Shards together list every document once, in byte order, and of what was deleted or has expired only what Oracle orders',
    ...{ proves: 'A backfill and a verification pass over nothing.', group: 'documents', short: true },
    prove: enumerated,
  },
];
