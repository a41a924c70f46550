/** What becomes of a column whose document has nothing for it, or something that does not fit: see `projection/projection.ts`. */
import * as v from 'valibot';
import type { Misfit, Missing } from '../projection/projection.ts';

const LONGEST = 4000;
const RULES = ['half-even', 'half-up', 'down'] as const;

const TEXT = v.pipe(
  v.string(),
  v.maxLength(LONGEST, `it must have ${LONGEST} characters or fewer`),
  v.check((value) => value.isWellFormed(), 'it has a lone surrogate'),
);
/** A number of the settings is a double: one that has more digits has become another one by now. */
const NUMBER = v.pipe(
  v.number('it must be a text, a number, true or false'),
  v.finite('it must be finite'),
  v.check(
    (value) => !Number.isInteger(value) || Number.isSafeInteger(value),
    'it has more digits than a number of the settings holds: write it as a text',
  ),
);

/** A value that the settings say themselves. */
export const SCALAR: v.GenericSchema<string | number | boolean> = v.lazy((input) =>
  typeof input === 'string' ? TEXT : typeof input === 'boolean' ? v.boolean() : NUMBER,
);

const MISSING_WORD = v.pipe(
  v.picklist(['refuse', 'null'], "it must be 'refuse', 'null' or { default: … }"),
  v.transform((kind): Missing => ({ kind })),
);
const DEFAULT = v.pipe(
  v.strictObject({ default: SCALAR }),
  v.transform((given): Missing => ({ kind: 'default', value: given.default })),
);
const MISSING_WHOLE = v.variant('kind', [
  v.strictObject({ kind: v.picklist(['refuse', 'null']) }),
  v.strictObject({ kind: v.literal('default'), value: SCALAR }),
]);

/** `'refuse'`, `'null'` or `{ default: value }`. */
export const MISSING: v.GenericSchema<
  'refuse' | 'null' | { default: string | number | boolean } | Missing,
  Missing
> = v.lazy((input) => {
  if (typeof input !== 'object' || input === null) return MISSING_WORD;
  return 'default' in input ? DEFAULT : MISSING_WHOLE;
});

type Rule = (typeof RULES)[number];

const MISFIT_WORD = v.pipe(
  v.picklist(['refuse', 'null', ...RULES], "it must be 'refuse', 'null', 'half-even', 'half-up' or 'down'"),
  v.transform((word): Misfit => (isRule(word) ? { kind: 'round', rule: word } : { kind: word })),
);
const MISFIT_WHOLE = v.variant('kind', [
  v.strictObject({ kind: v.picklist(['refuse', 'null']) }),
  v.strictObject({ kind: v.literal('round'), rule: v.picklist(RULES) }),
]);

/** `'refuse'`, `'null'`, or the rule by which it is rounded. */
export const MISFIT: v.GenericSchema<'refuse' | 'null' | Rule | Misfit, Misfit> = v.lazy((input) =>
  typeof input === 'object' && input !== null ? MISFIT_WHOLE : MISFIT_WORD,
);

function isRule(word: string): word is Rule {
  return RULES.some((rule) => rule === word);
}
