/** Marked documents: whatever of them is seen somewhere else is found by its mark. */

/** Each kind of thing in a document has a mark of its own, since a place may have one of them and not the other. */
export const MARKS = {
  value: ['zqvalue', '9182736455', Buffer.from('zqvalue').toString('base64').slice(0, 9)],
  name: ['zqname'],
  /** 2031-07-08T09:10:11Z, as seconds and milliseconds too. */
  expiry: ['2031-07-08', '1941268211'],
  key: ['zqkey'],
} as const;
export type Mark = keyof typeof MARKS;

export const EXPIRES = '2031-07-08T09:10:11Z';
const NUMBER = '9182736455';

/** Bodies of a kind each: what fits, what Oracle can never take, and what is no JSON. */
export const BODIES = {
  fits: `{"customer":{"id":"zqvalue"},"total":${NUMBER}.25,"zqname":{"zqname":["zqvalue",${NUMBER}]}}`,
  large: `{"total":${NUMBER}000000000.25,"zqname":"zqvalue"}`,
  long: `{"customer":{"id":"${'zqvalue'.repeat(40)}"},"zqname":1}`,
  array: `{"customer":{"id":["zqvalue",{"zqname":${NUMBER}}]}}`,
  scalar: '"zqvalue"',
  text: `zqvalue zqname ${NUMBER}`,
  cut: '{"zqname":"zqvalue',
  endless: `{"zqname":1${NUMBER.repeat(200)}}`,
  deep: `${'{"zqname":'.repeat(1200)}"zqvalue"${'}'.repeat(1200)}`,
} as const;

/** Where something of a document stands on purpose. Everything else is searched for marks, and must have none. */
export const ON_PURPOSE: Readonly<Record<string, readonly Mark[]>> = {
  // Copies of documents, which are data: operators may read them (`set-aside`), and who may read the control tables.
  'table CROSSFADE_SET_ASIDE': ['value', 'name', 'expiry', 'key'],
  // The pointer to the first difference names members, and the two sides their expiry.
  'table CROSSFADE_FINDINGS': ['name', 'expiry', 'key'],
  'answer explain': ['name', 'expiry', 'key'],
  'answer verified': ['name', 'expiry', 'key'],
  'answer set-aside': ['value', 'name', 'expiry', 'key'],
  'run VerifyAll': ['name', 'expiry', 'key'],
  // They work with keys.
  ...Object.fromEntries(
    ['LETTERS', 'REPAIRS', 'SHARDS', 'PREFLIGHTS', 'ATTEMPTS', 'LEFT_OUT', 'RUNS', 'AUDIT'].map((table) => [
      `table CROSSFADE_${table}`,
      ['key'],
    ]),
  ),
  ...{ 'message of SQS': ['key'], 'run CopyAll': ['key'], 'answer status': ['key'] },
  // Samples of what a verification has found.
  'call of Step Functions': ['name', 'expiry', 'key'],
  // Who asks has named the key.
  ...{ 'problem of the API': ['key'], 'answer dead-letters': ['key'], 'answer preflight': ['key'] },
  // What a forced move puts at risk, and what a verification has found of it.
  ...{ 'answer force': ['name', 'expiry', 'key'], 'answer at-risk': ['name', 'expiry', 'key'] },
  ...{ 'answer redrive': ['key'], 'answer discard': ['key'], 'answer audit': ['key'] },
};

export interface Shown {
  /** As `ON_PURPOSE` names it, or any other. */
  readonly place: string;
  readonly text: string;
}

/** What is seen where it should not be, each with what is around it. */
export function marksIn(all: readonly Shown[]): string[] {
  return all.flatMap(({ place, text }) =>
    (Object.keys(MARKS) as Mark[])
      .filter((mark) => !(ON_PURPOSE[place] ?? []).includes(mark))
      .flatMap((mark) => MARKS[mark].filter((each) => text.includes(each)))
      .map((found) => `${place} has ${found}: ${around(text, found)}`),
  );
}

function around(text: string, found: string): string {
  const at = text.indexOf(found);
  return text.slice(Math.max(0, at - 300), at + 100);
}
