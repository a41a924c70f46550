/** The bodies that requests and answers have, as JSON Schemas. */
import { type MEMBERS, MOST_WRITES } from '../../functions/edge/http/batch.ts';
import { MOST_CHANGES } from '../../functions/edge/http/changes.ts';
import { LONGEST_MESSAGE } from '../../functions/edge/http/problem.ts';
import { PROBLEM_TYPE, PROBLEMS } from '../../functions/edge/http/problems.ts';
import { PHASES } from '../../functions/protocol/phase.ts';
import { type Asked, problemsTo } from './problems.ts';

export type Schema = Readonly<Record<string, unknown>>;

export function refTo(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

const ANY = { description: 'Any JSON. It is kept as it is spelt.' };
const TEXT = { type: 'string' };

/** A member of a write in a batch that is missing here is refused by the compiler. */
const WRITE_MEMBERS: Readonly<Record<keyof typeof MEMBERS, Schema>> = {
  key: { ...TEXT, description: 'No key twice in a batch.' },
  put: { ...ANY, description: 'The document.' },
  patch: { description: 'A JSON merge patch (RFC 7396).' },
  delete: { const: true },
  'if-match': { ...TEXT, description: 'As the header.' },
  'if-none-match': { ...TEXT, description: 'As the header.' },
  'expires-at': { ...TEXT, description: 'As the header.' },
  ttl: { ...TEXT, pattern: '^[0-9]{1,10}$', description: 'As the header.' },
  'idempotency-key': {
    ...TEXT,
    minLength: 1,
    maxLength: 255,
    description: 'As the header. Not with delete.',
  },
};

const BATCH = {
  type: 'object',
  required: ['writes'],
  additionalProperties: false,
  properties: {
    writes: { type: 'array', minItems: 1, maxItems: MOST_WRITES, items: refTo('Write') },
  },
};

const WRITE = {
  type: 'object',
  required: ['key'],
  additionalProperties: false,
  properties: WRITE_MEMBERS,
  oneOf: [{ required: ['put'] }, { required: ['patch'] }, { required: ['delete'] }],
};

const RESULTS = {
  type: 'object',
  required: ['phase', 'results'],
  properties: {
    phase: refTo('Phase'),
    results: { type: 'array', items: refTo('Result'), description: 'In the order of the writes.' },
  },
};

function result(): Schema {
  const failed = problemsTo('WRITE');
  return {
    type: 'object',
    required: ['key', 'status'],
    properties: {
      key: { ...TEXT, description: 'Cut, where it is longer than a key can be.' },
      status: { enum: [204, ...new Set(failed.map(({ status }) => status))] },
      etag: { ...TEXT, description: 'Of what was written, where there is a version.' },
      problem: {
        type: 'object',
        required: ['type', 'title', 'detail'],
        properties: { type: typesOf('WRITE'), title: TEXT, detail: DETAIL },
      },
    },
  };
}

const DETAIL = {
  ...TEXT,
  description: `What to do. At most ${LONGEST_MESSAGE} characters, and never a value of a document.`,
};

const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'instance'],
  properties: {
    type: { enum: Object.values(PROBLEMS).map(({ slug }) => `${PROBLEM_TYPE}${slug}`) },
    title: TEXT,
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: DETAIL,
    instance: { ...TEXT, description: 'Names the request in the log of the service.' },
  },
};

/** The types of the problems that are an answer to it. @param status only those with this one. */
export function typesOf(asked: Asked, status?: number): Schema {
  const found = problemsTo(asked).filter((each) => status === undefined || each.status === status);
  return { enum: found.map(({ slug }) => `${PROBLEM_TYPE}${slug}`) };
}

const CHANGES = {
  type: 'object',
  required: ['changes'],
  additionalProperties: false,
  properties: { changes: { type: 'array', minItems: 1, maxItems: MOST_CHANGES, items: refTo('Change') } },
};

const CHANGE = {
  type: 'object',
  required: ['key', 'cas'],
  additionalProperties: false,
  properties: {
    key: { ...TEXT, minLength: 1 },
    cas: { ...TEXT, pattern: '^[1-9][0-9]{0,19}$', description: 'Of the mutation, in decimal digits.' },
    deleted: { const: true, description: 'Where it was removed, or has expired.' },
    expires: { type: 'integer', minimum: 0, description: 'Seconds since the epoch; 0 for never.' },
  },
};

const COUNT = { type: 'integer', minimum: 0 };
const TAKEN = {
  type: 'object',
  required: ['phase', 'known', 'collapsed', 'receipts'],
  properties: {
    phase: refTo('Phase'),
    known: { ...COUNT, description: 'Oracle has them, or they make no difference.' },
    collapsed: { ...COUNT, description: 'A receipt that is on its way looks at them, too.' },
    receipts: { ...COUNT, description: 'Receipts that were sent.' },
    notTaken: {
      ...COUNT,
      description: 'Of keys that the collection does not take: nothing was done. Missing for none.',
    },
  },
};

export const SCHEMAS: Readonly<Record<string, Schema>> = {
  Document: ANY,
  MergePatch: { description: 'A JSON merge patch (RFC 7396). Of what is no object it makes one.' },
  Batch: BATCH,
  Write: WRITE,
  Results: RESULTS,
  Result: result(),
  Changes: CHANGES,
  Change: CHANGE,
  Taken: TAKEN,
  Phase: { enum: PHASES, description: 'The phase of the migration that served the request.' },
  Problem: PROBLEM,
  GatewayMessage: { type: 'object', properties: { message: TEXT } },
};
