/** What operators may ask for, by the names of the operations. */
import * as v from 'valibot';
import { LEAST_LIFE, LIFE } from '../control/droppable.ts';
import { issueText } from '../parsing/issue.ts';
import { quoted } from '../parsing/quoted.ts';
import { HOLDABLE } from '../phases/hold.ts';
import { FLAGS } from '../phases/parameters.ts';
import { CODES } from '../stores/oracle/set_aside_rows.ts';
import { WATCHED } from '../stores/oracle/sql_watch.ts';
import { LONGEST_KEY } from '../stores/storable.ts';
import { why } from './reason.ts';
import { RISK_NAMES } from './risks.ts';
import { WITHIN } from './within.ts';

const text = v.pipe(v.string(), v.nonEmpty('it must not be empty'));
/** A key, or what keys begin with. */
const key = v.pipe(text, v.maxBytes(LONGEST_KEY, `it has more than ${LONGEST_KEY} bytes, which no key has`));
const letters = {
  cause: v.optional(text),
  collection: v.optional(text),
  key: v.optional(key),
  /** As a list tells them. */
  caller: v.optional(text),
  prefix: v.optional(key),
};

const many = v.pipe(v.number(), v.integer(), v.minValue(1));

/** The number of a request that another operator has made. */
const request = {
  ...{ collection: text, request: many },
  look: v.optional(v.boolean(), false),
};

/** Entries of one page. */
const limit = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)), 100);

/** Which rows that were changed by SQL. */
const CHANGED_BY_SQL = {
  ...{ key: v.optional(key), prefix: v.optional(key) },
  what: v.optional(v.picklist([...WATCHED, 'unversioned'] as const)),
};

const OPERATIONS = {
  explain: v.strictObject({ collection: text, key }),
  preflight: v.strictObject({
    ...{ collection: text, prefix: v.optional(key) },
    /** Keys above this one, up to that one. */
    after: v.optional(v.nullable(key), null),
    upTo: v.optional(v.nullable(key), null),
    /** Without it, and without `began`, one page is looked at, and nothing is kept. `resume` goes on with a walk that has not ended. */
    walk: v.optional(v.picklist(['anew', 'resume'])),
    /** Goes on with the walk that began then. */
    began: v.optional(v.pipe(v.number(), v.integer())),
  }),
  /** Accepts that so many documents are too large for the API, or that no collection takes so many. */
  'preflight-accept': v.pipe(
    v.strictObject({ ...{ collection: text, why }, tooLarge: v.optional(many), orphans: v.optional(many) }),
    v.check(
      ({ tooLarge, orphans }) => (tooLarge === undefined) !== (orphans === undefined),
      'say one of tooLarge and orphans',
    ),
  ),
  verified: v.strictObject({ collection: text }),
  'dead-letters': v.strictObject(letters),
  redrive: v.strictObject({ ...letters, why }),
  /** `unstorable`: only what Oracle can never take. */
  discard: v.strictObject({ ...letters, why, unstorable: v.optional(v.boolean()) }),
  /** Whatever Oracle can never take of one caller, or of keys with one prefix, is left out from now on. */
  'leave-out': v.strictObject({
    ...{ collection: text, undo: v.optional(v.boolean(), false), why },
    caller: v.optional(
      v.pipe(
        v.string(),
        v.regex(
          /^[!-~]{0,61}~[\w-]{12}$/,
          'it must be as npx crossfade dead-letters list tells it, SUBJECT~DIGEST: another one would leave out nothing',
        ),
      ),
    ),
    prefix: v.optional(key),
  }),
  /** What was set aside of a collection's table, page by page; with `bodies` what it holds, too. */
  'set-aside': v.strictObject({
    collection: text,
    key: v.optional(key),
    prefix: v.optional(key),
    reasons: v.optional(v.array(v.picklist(CODES))),
    open: v.optional(v.boolean()),
    after: v.optional(v.nullable(text), null),
    limit,
    bodies: v.optional(v.boolean(), false),
  }),
  /** Closes entries of what was set aside, page by page. Without `confirm` it tells what would be done. */
  'set-aside-decide': v.strictObject({
    ...{ collection: text, id: v.optional(text), key: v.optional(key), prefix: v.optional(key) },
    reasons: v.optional(v.pipe(v.array(v.picklist(CODES)), v.minLength(1))),
    how: v.picklist(['keep', 'restore']),
    ...{ confirm: v.optional(v.boolean(), false), overwrite: v.optional(v.boolean(), false) },
    ...{ after: v.optional(v.nullable(text), null), limit, why },
  }),
  /** A piece of a body that is too large for a page. */
  'set-aside-body': v.strictObject({
    collection: text,
    id: text,
    from: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  }),
  /** Rows that were changed by SQL, page by page. `after`: the last key of the page before. */
  'sql-changes': v.strictObject({
    ...{ collection: text, ...CHANGED_BY_SQL, after: v.optional(v.nullable(key), null), limit },
  }),
  /** Decides about them, page by page. Without `confirm` it tells what would be done. */
  'sql-changes-decide': v.strictObject({
    ...{ collection: text, ...CHANGED_BY_SQL, how: v.picklist(['accept', 'leave']) },
    ...{ confirm: v.optional(v.boolean(), false), after: v.optional(v.nullable(key), null), limit, why },
  }),
  /** Where things are that operators use themselves. */
  about: v.strictObject({}),
  status: v.strictObject({}),
  /** How long requests of these collections have taken, and calls to the stores in their phases. */
  latencies: v.strictObject({ collections: v.pipe(v.array(text), v.minLength(1), v.maxLength(20)) }),
  /** Looks at both stores as the functions reach them. `sessions`: that all functions may open in Oracle together. */
  doctor: v.strictObject({ sessions: v.optional(v.nullable(v.pipe(v.number(), v.integer())), null) }),
  /** What certifications have shown, and whether it holds for each collection. */
  certified: v.strictObject({}),
  /** The certificates of a run: the last one, if it is not given. */
  certificate: v.strictObject({ run: v.optional(v.pipe(text, v.maxLength(80))) }),
  /** What is wanted of each collection: it can be asked for while stores are away. */
  flags: v.strictObject({}),
  /** Makes the next move whatever was measured. Without `confirm` it tells what is at risk, and does nothing. */
  force: v.strictObject({ collection: text, why, confirm: v.optional(v.boolean(), false) }),
  /** Makes the move that another operator has asked for. With `look` it tells the request and what is at risk, and does nothing. */
  'force-confirm': v.strictObject(request),
  /** The keys of one kind that are at risk where a move is forced, page by page. */
  'at-risk': v.strictObject({
    collection: text,
    kind: v.picklist(RISK_NAMES),
    /** The `next` of the page before. */
    after: v.optional(v.nullable(text), null),
  }),
  /** Ends the migration of a collection for good. Without `confirm` it tells what speaks against it. */
  retire: v.strictObject({ collection: text, why, confirm: v.optional(v.boolean(), false) }),
  /** Retires what another operator has asked for. */
  'retire-confirm': v.strictObject(request),
  space: v.strictObject({ collection: text }),
  /** Removes what is kept of a deleted document. Without `confirm` it tells what there is. */
  erase: v.strictObject({ collection: text, key, why, confirm: v.optional(v.boolean(), false) }),
  /** What the logs have instead of a key. */
  hash: v.strictObject({ key }),
  /** Which tombstones may be dropped. `life`: days. With `confirm` it enters that they are. */
  tombstones: v.strictObject({
    ...{ collection: text, why, confirm: v.optional(v.boolean(), false) },
    life: v.optional(v.pipe(v.number(), v.integer(), v.minValue(LEAST_LIFE)), LIFE),
  }),
  /** Makes the stores that answer now those that the collection has to be with. */
  'accept-identity': v.strictObject({
    ...{ collection: text, why },
    /** Which store decides where they differ; consoles of the version before do not say it, and are refused. */
    truth: v.optional(v.picklist(['couchbase', 'oracle'])),
  }),
  /** Holds moves forward until they are committed; with `release` no longer. */
  hold: v.strictObject({
    ...{ collection: text, why: v.optional(v.nullable(why), null), release: v.optional(v.boolean(), false) },
    before: v.optional(v.pipe(v.array(v.picklist(HOLDABLE)), v.minLength(1, 'there must be 1 or more'))),
  }),
  /** Lets the next move through that is held. `within`: milliseconds in which it has to be made. */
  commit: v.strictObject({
    ...{ collection: text, why: v.optional(v.nullable(why), null) },
    within: WITHIN,
    outsideWindow: v.optional(v.boolean(), false),
  }),
  /** Enters in the audit log which flags the caller has set in SSM. */
  set: v.strictObject({
    collection: v.nullable(text),
    changes: v.pipe(
      v.array(v.strictObject({ flag: v.picklist(FLAGS), value: v.pipe(text, v.maxLength(20)) })),
      v.minLength(1, 'there must be 1 or more'),
      v.maxLength(FLAGS.length, `there must be ${FLAGS.length} or fewer`),
    ),
    why: v.nullable(why),
  }),
  /** Without `after` the latest entries; with it all above that number, page by page. */
  audit: v.strictObject({ after: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))) }),
} as const;

/** Those whose input must have a `collection`, of which null means all. */
type Naming = {
  [N in OperationName]: v.InferOutput<(typeof OPERATIONS)[N]> extends { readonly collection: string | null }
    ? N
    : never;
}[OperationName];

/** They are about a collection that there must be. One that is left out does not compile. */
const NAMING: Readonly<Record<Naming, true>> = {
  ...{
    explain: true,
    preflight: true,
    'preflight-accept': true,
    verified: true,
    force: true,
    'at-risk': true,
    retire: true,
    tombstones: true,
    ...{ space: true, erase: true },
    ...{ set: true, hold: true, commit: true },
  },
  ...{ 'leave-out': true, 'force-confirm': true, 'retire-confirm': true },
  ...{ 'set-aside': true, 'set-aside-body': true, 'set-aside-decide': true, 'accept-identity': true },
  ...{ 'sql-changes': true, 'sql-changes-decide': true },
};

export type OperationName = keyof typeof OPERATIONS;
export type Operation = {
  [N in OperationName]: { readonly name: N } & v.InferOutput<(typeof OPERATIONS)[N]>;
}[OperationName];

/** The operation of that name; of several names, any of them. */
export type OperationOf<Name extends OperationName> = Operation & { readonly name: Name };

/** The operation cannot be done as it is asked for. Nothing was done. */
export class BadOperation extends Error {
  override readonly name = 'BadOperation';
}

/** Throws `BadOperation`. @param collections names of those that there are. */
export function parseOperation(name: string, value: unknown, collections: readonly string[]): Operation {
  if (!Object.hasOwn(OPERATIONS, name))
    throw new BadOperation(
      `There is no operation ${quoted(name)}: it is none of ${Object.keys(OPERATIONS).join(', ')}`,
    );
  const { success, output, issues } = v.safeParse(OPERATIONS[name as OperationName], value);
  if (!success) throw new BadOperation(`${name} is asked for wrongly at ${issueText(issues[0])}`);
  const operation = { name, ...output } as Operation;
  if (Object.hasOwn(NAMING, name) && 'collection' in operation && operation.collection !== null)
    if (!collections.includes(operation.collection ?? ''))
      throw new BadOperation(
        `There is no collection ${quoted(operation.collection ?? '')}: it is none of ${collections.join(', ')}`,
      );
  return operation;
}
