/** A batch of writes as JSON: documents stand in it as they are, and are taken out without spelling anything anew. */
import { type Node, parseTree } from 'jsonc-parser';
import * as v from 'valibot';
import { issueText } from '../../parsing/issue.ts';
import { quoted, shortened } from '../../parsing/quoted.ts';
import { Payload } from '../../protocol/payload.ts';
import type { WriteRequest } from '../../routing/request.ts';
import { expiryIn, preconditionIn } from './headers.ts';
import { type Asker, refuseIdempotencyKey, requestIn } from './idempotency.ts';
import { BadRequest, bad } from './problem.ts';

/** Writes in one batch. */
export const MOST_WRITES = 100;

// Messages of our own: those of valibot show what was received.
const TEXT = v.string('it must be a text');
const OBJECT = 'it must be an object';
const text = v.optional(TEXT);
/** Of one write. */
export const MEMBERS = {
  key: TEXT,
  put: v.optional(v.unknown()),
  patch: v.optional(v.unknown()),
  delete: v.optional(v.literal(true, 'it must be true')),
  'if-match': text,
  'if-none-match': text,
  'expires-at': text,
  ttl: text,
  'idempotency-key': text,
};
const WRITE = v.pipe(
  v.strictObject(MEMBERS, OBJECT),
  v.check(
    (write) => ['put', 'patch', 'delete'].filter((verb) => verb in write).length === 1,
    'it must have exactly one of put, patch and delete',
  ),
);
const BATCH = v.strictObject(
  {
    writes: v.pipe(
      v.array(WRITE, 'it must be an array'),
      v.minLength(1, 'there must be 1 or more'),
      v.maxLength(MOST_WRITES, `there must be ${MOST_WRITES} or fewer`),
    ),
  },
  OBJECT,
);
/** Characters: an issue names the member that it is about, and its sender decides how long that is. */
const LONGEST_ISSUE = 160;

type Parsed = v.InferOutput<typeof WRITE>;

/** One write of a batch, or why it is refused by itself. */
export type BatchWrite =
  | { readonly request: WriteRequest }
  | { readonly key: string; readonly refused: BadRequest };

/**
 * @param body JSON: `{"writes": [{"key": …, "put": document, "if-match": "\"1\"", "expires-at": …}, …]}`, with `put`, `patch`
 *   or `"delete": true`, and headers as members. It has been looked at: it is JSON.
 * Throws `BadRequest` where the batch cannot be read as a whole: nothing of it is done then.
 */
export function batchIn(body: Uint8Array, collection: string, asker: Asker): BatchWrite[] {
  const source = Buffer.from(body).toString('utf8');
  const { success, output, issues } = v.safeParse(BATCH, JSON.parse(source), { abortEarly: true });
  if (!success) {
    const [issue] = issues;
    throw bad('batch', `The batch cannot be read: ${shortened(issueText(issue), LONGEST_ISSUE)}.`);
  }
  requireOnce(output.writes);
  const items = member(parseTree(source) as Node, 'writes')?.children ?? [];
  return output.writes.map((write, index) => {
    const spelt = (name: string) => spelling(source, member(items[index] as Node, name));
    try {
      return { request: requestOf(write, spelt, collection, asker) };
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      return { key: write.key, refused: error };
    }
  });
}

function requestOf(
  write: Parsed,
  spelt: (name: string) => string,
  collection: string,
  asker: Asker,
): WriteRequest {
  const headers = write as unknown as Record<string, string | undefined>;
  const place = { collection, key: write.key, precondition: preconditionIn(headers) };
  const expiresAt = expiryIn(headers, asker.now);
  if ('put' in write)
    return {
      verb: 'put',
      ...place,
      payload: new Payload(Buffer.from(spelt('put')), expiresAt ?? null),
      request: requestIn(headers, 'PUT', spelt('put'), asker),
    };
  if ('patch' in write)
    return {
      verb: 'patch',
      ...place,
      patch: spelt('patch'),
      expiresAt: expiresAt === undefined ? 'keep' : expiresAt,
      request: requestIn(headers, 'PATCH', spelt('patch'), asker),
    };
  refuseIdempotencyKey(headers);
  return { verb: 'delete', ...place };
}

/** They are written side by side, so two writes of one key would come in any order. */
function requireOnce(writes: readonly Parsed[]): void {
  const seen = new Set<string>();
  for (const [index, { key }] of writes.entries()) {
    if (seen.has(key))
      throw bad('batch', `writes.${index}: the key ${quoted(key)} stands twice in the batch. Send two.`);
    seen.add(key);
  }
}

/** The last of that name, as JSON.parse has it. */
function member(node: Node, name: string): Node | undefined {
  return node.children?.findLast(({ children }) => children?.[0]?.value === name)?.children?.[1];
}

function spelling(source: string, node: Node | undefined): string {
  return node === undefined ? '' : source.slice(node.offset, node.offset + node.length);
}
