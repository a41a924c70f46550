/** The contract about bodies: a document comes back as it was written, and as it was copied. */
import { same } from './not_kept.ts';
import { document, get, holds, put, type Rule, type Subject } from './subject.ts';

const BODIES: Readonly<Record<string, string | Uint8Array>> = {
  'an integer above 2^53': '{"n":9007199254740993,"m":-9007199254740993}',
  '38 digits': '[12345678901234567890123456789012345678,0.00000000000000000000000000000000000001]',
  'numbers that no float holds': '[1e400,-1e-400,0.1000000000000000055511151231257827]',
  'one number in several spellings': '[1,1.0,10e-1,-0,0,0.0]',
  'an empty string, null, and a missing member': '{"empty":"","null":null}',
  'an empty object': '{}',
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
  'no JSON': 'not json',
  'no UTF-8': new Uint8Array([0, 255, 34, 128]),
  nothing: '',
  'one byte': '7',
};

/** Throws `NotKept` where it does not, written and copied. @param what the body is, in words. */
export async function comesBack(subject: Subject, body: string | Uint8Array, what: string): Promise<void> {
  const content = document(body);
  const [written, copied] = [subject.newKey(), subject.newKey()];
  await put(subject, written, content);
  await subject.apply(copied, content, 5n);
  await holds(subject, written, content, `After its write (${what})`);
  await holds(subject, copied, content, `After its copy (${what})`);
}

async function anyJson(subject: Subject) {
  const COUNT = 20;
  for (let n = 0; n < COUNT; n++)
    await comesBack(subject, JSON.stringify(drawn(subject.random, 4)), 'any JSON');
  return { documents: COUNT };
}

/** @param depth of what it may hold. */
function drawn(random: () => number, depth: number): unknown {
  const few = () => Array.from({ length: Math.floor(random() * 4) });
  const text = () => String.fromCodePoint(...few().map(() => character(random)));
  switch (Math.floor(random() * (depth === 0 ? 4 : 6))) {
    case 0:
      return text();
    case 1:
      return (random() - 0.5) * 10 ** Math.floor(random() * 40 - 20);
    case 2:
      return Math.floor(random() * 2 ** 53);
    case 3:
      return [true, false, null][Math.floor(random() * 3)];
    case 4:
      return few().map(() => drawn(random, depth - 1));
    default:
      return Object.fromEntries(few().map(() => [text(), drawn(random, depth - 1)]));
  }
}

/** Of one, two, three or four bytes in UTF-8, and no surrogate. */
function character(random: () => number): number {
  const [from, count] = [
    [0, 0x80],
    [0x80, 0x780],
    [0xe000, 0x2000],
    [0x10000, 0x10000],
  ][Math.floor(random() * 4)] as [number, number];
  return from + Math.floor(random() * count);
}

async function requests(subject: Subject) {
  const [written, copied] = [subject.newKey(), subject.newKey()];
  const content = { ...document('{"n":1}'), request: 'r'.repeat(43) };
  const told = async (key: string, request: string | undefined) =>
    same((await get(subject, key)).content?.request, request, 'the request that a document tells');
  await put(subject, written, content, { kind: 'absent' });
  await told(written, content.request);
  await put(subject, written, document('{"n":2}'));
  await told(written, undefined);
  const { version } = await get(subject, written);
  await put(subject, written, { ...content, request: 's' }, { kind: 'version', version });
  await told(written, 's');
  await subject.apply(copied, content, 5n);
  await told(copied, content.request);
  await subject.apply(copied, document('{"n":3}'), 6n);
  await told(copied, undefined);
  return {};
}

/** @param name of a rule, from words. */
const slug = (words: string) => words.replace(/\W+/g, '-').toLowerCase();

const MEBIBYTE = 1024 * 1024;

function body(what: string, bytes: () => string | Uint8Array, short: boolean): Rule {
  return {
    ...{ name: `body-${slug(what)}`, title: `A body comes back as the same document: ${what}` },
    ...{ proves: 'A copy is the document, and not something like it.', group: 'documents', short },
    prove: async (subject) => {
      await comesBack(subject, bytes(), what);
      return {};
    },
  };
}

export const BODY_RULES: readonly Rule[] = [
  ...Object.entries(BODIES).map(([what, bytes]) => body(what, () => bytes, true)),
  body('8 MiB', () => `"${'x'.repeat(8 * MEBIBYTE)}"`, false),
  {
    ...{ name: 'any-json', title: 'Any JSON comes back as the same document' },
    ...{ proves: 'What nobody has thought of is kept, too.', group: 'documents', short: true },
    prove: anyJson,
  },
  {
    name: 'request-name',
    title: 'A document knows which request wrote it, until the next write, and so does its copy',
    ...{ proves: 'A repeated request is not done twice.', group: 'documents', short: true },
    prove: requests,
  },
];
