/** The contract about documents: bodies, keys, expiry, enumeration. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { quoted } from '../../../functions/parsing/quoted.ts';
import { byUtf8 } from '../../../functions/protocol/order.ts';
import { type Shard, shardsFrom } from '../../../functions/protocol/shard.ts';
import { document, get, put, type Subject } from './subject.ts';

export function documents(subject: () => Subject): void {
  bodies(subject);
  keys(subject);
  expiry(subject);
  enumeration(subject);
  requests(subject);
}

const BODIES: Readonly<Record<string, string | Uint8Array>> = {
  'an integer above 2^53': '{"n":9007199254740993,"m":-9007199254740993}',
  '38 digits': '[12345678901234567890123456789012345678,0.00000000000000000000000000000000000001]',
  'numbers that no float holds': '[1e400,-1e-400,0.1000000000000000055511151231257827]',
  'one number in several spellings': '[1,1.0,10e-1,-0,0,0.0]',
  'an empty string, null, and a missing member': '{"empty":"","null":null}',
  'escapes, a lone surrogate, and a null character': '"\\u0041\\ud800\\/\\u0000"',
  'escapes and names inside an object':
    '{"\\ud800":["\\u0041\\ud800\\/\\u0000","aé\uffff\u{10000}\u{1f600}"],"":0}',
  'characters of every length in UTF-8': '"aé\uffff\u{10000}\u{1f600}"',
  'a name twice': '{"a":1,"a":2}',
  'names in an odd order, and spacing': '{ "b":1,\n "a" : [ ] }',
  'deep nesting': '['.repeat(900) + ']'.repeat(900),
  'a text': '"text"',
  'a number, as a counter has it': '42',
  'a number after white space': ' \n42',
  'a number that no float holds': '-1e400',
  'true, false or null': 'null',
  'JSON after a byte order mark': '\ufeff{}',
  'more than 4,000 bytes': `["${'x'.repeat(4001)}"]`,
  'more than 32,767 bytes': `{"é":"${'é'.repeat(20_000)}"}`,
  'a body of 8 MiB': `"${'x'.repeat(8 * 1024 * 1024)}"`,
  'no JSON': 'not json',
  'no UTF-8': new Uint8Array([0, 255, 34, 128]),
  nothing: '',
};

function bodies(subject: () => Subject): void {
  for (const [name, body] of Object.entries(BODIES))
    test(`a body comes back as the same document, written and copied: ${name}`, async () => {
      const content = document(body);
      const [written, copied] = [randomUUID(), randomUUID()];
      await put(subject(), written, content);
      await subject().apply(copied, content, 5n);
      for (const key of [written, copied])
        assert.equal((await get(subject(), key)).content?.digest, content.digest);
    });

  test('any JSON comes back as the same document', async () => {
    const property = fc.asyncProperty(fc.json({ stringUnit: 'binary' }), async (json) => {
      const [key, content] = [randomUUID(), document(json)];
      await put(subject(), key, content);
      assert.equal((await get(subject(), key)).content?.digest, content.digest);
    });
    await fc.assert(property, { numRuns: 60 });
  });
}

function keys(subject: () => Subject): void {
  test('any key of up to 246 bytes of UTF-8 names a document of its own', async () => {
    const anyKey = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 200 })
      .filter((key) => key.isWellFormed() && Buffer.byteLength(key) <= 246);
    const odd = [
      '\0',
      '\0\x01',
      '\x01',
      '\x01\x02',
      'é',
      'e\u0301',
      ' a',
      'a ',
      'a',
      'A',
      "'",
      '"',
      '%_',
      '\\',
      '0',
      '00',
      'x'.repeat(246),
    ];
    const property = fc.asyncProperty(fc.uniqueArray(anyKey, { minLength: 1, maxLength: 8 }), async (own) => {
      for (const key of own) await put(subject(), key, document(JSON.stringify(key)));
      for (const key of own) {
        const { content } = await get(subject(), key);
        assert.equal(content?.digest, document(JSON.stringify(key)).digest, key);
      }
    });
    await fc.assert(property, { numRuns: 25, examples: [[odd]] });
  });

  test('a key that no store can hold is refused by name', async () => {
    for (const key of ['', 'x'.repeat(251), '\ud800'])
      await assert.rejects(put(subject(), key, document('1')), (error: Error) => {
        assert.equal(error.name, 'PoisonDocument');
        assert.ok(error.message.includes(quoted(key, 250)), error.message);
        return true;
      });
  });
}

const [PAST, FUTURE] = [Date.UTC(2001, 0, 1), Date.UTC(2040, 0, 1)];

function expiry(subject: () => Subject): void {
  test('an expiry is absolute and comes back to the second, written and copied; a write without one clears it', async () => {
    const [written, copied] = [randomUUID(), randomUUID()];
    await put(subject(), written, document('1', FUTURE));
    await subject().apply(copied, document('1', FUTURE + 1000), 5n);
    assert.equal((await get(subject(), written)).content?.expiresAt, FUTURE);
    assert.equal((await get(subject(), copied)).content?.expiresAt, FUTURE + 1000);
    await put(subject(), written, document('2'));
    await subject().apply(copied, document('2'), 6n);
    for (const key of [written, copied]) {
      const { content } = await get(subject(), key);
      assert.deepEqual([content?.expiresAt, content?.digest], [null, document('2').digest]);
    }
  });

  test('an expired document is absent, and may be created again', async () => {
    const key = randomUUID();
    await put(subject(), key, document('1', PAST));
    assert.equal((await get(subject(), key)).content, null);
    assert.equal((await put(subject(), key, document('2'), { kind: 'absent' })).kind, 'done');
    assert.equal((await get(subject(), key)).content?.digest, document('2').digest);
  });
}

function enumeration(subject: () => Subject): void {
  test('shards together list every document once, in byte order, and of what was deleted or has expired only what Oracle orders', async () => {
    const prefix = randomUUID();
    const names = ['', 'a', 'b', 'é', '\uffff', '\u{10000}', '\u{1f600}', '\'`"', '$after', ...'0123456789'];
    const own = names.map((name) => `${prefix}-${name}`);
    for (const key of own) await put(subject(), key, document('1'));
    const ended = [`${prefix}-gone`, `${prefix}-expired`] as const;
    await put(subject(), ended[0], document('1'));
    await put(subject(), ended[0], null);
    await put(subject(), ended[1], document('1', PAST));
    const ordered = [...own, ...(subject().phase === 'contract' ? ended : [])].sort(byUtf8);
    const within = { after: prefix, upTo: `${prefix}.` };
    assert.deepEqual(await walk(subject(), within), ordered);
    const shards = shardsFrom(own, 5).map(({ after, upTo }) => ({
      after: after ?? within.after,
      upTo: upTo ?? within.upTo,
    }));
    const listed = await Promise.all(shards.map((shard) => walk(subject(), shard)));
    assert.deepEqual(listed.flat(), ordered);
  });
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

function requests(subject: () => Subject): void {
  test('a document knows which request wrote it, until the next write, and so does its copy', async () => {
    const [written, copied] = [randomUUID(), randomUUID()];
    const content = { ...document('{"n":1}'), request: 'r'.repeat(43) };
    const requestOf = async (key: string) => (await get(subject(), key)).content?.request;
    await put(subject(), written, content, { kind: 'absent' });
    assert.equal(await requestOf(written), content.request);
    await put(subject(), written, document('{"n":2}'));
    assert.equal(await requestOf(written), undefined);
    const { version } = await get(subject(), written);
    await put(subject(), written, { ...content, request: 's' }, { kind: 'version', version });
    assert.equal(await requestOf(written), 's');

    await subject().apply(copied, content, 5n);
    assert.equal(await requestOf(copied), content.request);
    await subject().apply(copied, document('{"n":3}'), 6n);
    assert.equal(await requestOf(copied), undefined);
  });
}
