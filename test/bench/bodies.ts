/** The canonical form of the worst bodies of a megabyte, and of an ordinary one, beside JSON.parse, which reads each of them natively. */
import { canonicalJson } from '../../functions/protocol/canonical.ts';
import { compareIn } from './rounds.ts';

const MEGABYTE = 1_000_000;
const [DEPTH, MEMBER, WIDE] = [990, '{"z":1,"b":', 70_000];

const order = {
  id: 'o-17',
  total: 1234.5,
  lines: [{ sku: 'a', count: 2 }],
  address: { city: 'Zürich', zip: null },
};
const BODIES = {
  'orders in a list': JSON.stringify(Array.from({ length: 8000 }, () => order)),
  'a number 1000…0001': `1${'0'.repeat(MEGABYTE)}1`,
  'an exponent of a million digits': `1e${'9'.repeat(MEGABYTE)}`,
  'a text within 990 objects': `${MEMBER.repeat(DEPTH)}"${'x'.repeat(MEGABYTE)}"${'}'.repeat(DEPTH)}`,
  '70,000 members': `{${Array.from({ length: WIDE }, (_, n) => `"m${9 * WIDE - n}":${n}`).join()}}`,
  'escapes alone': `"${'\\u0041'.repeat(MEGABYTE / 6)}"`,
};

for (const [name, text] of Object.entries(BODIES)) {
  const body = Buffer.from(text);
  const timed = (label: string, act: (bytes: Buffer) => unknown) => ({
    label,
    measure: async () => {
      // A copy each time, since forms are remembered.
      const bytes = Buffer.from(body);
      const began = performance.now();
      act(bytes);
      return performance.now() - began;
    },
  });
  await compareIn(
    'ms',
    name,
    timed('canonical form', canonicalJson),
    timed('JSON.parse', (bytes) => JSON.parse(bytes.toString('utf8'))),
  );
}
