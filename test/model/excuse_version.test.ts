/** A version that a repair gives to a deletion, although a document had it before Oracle came back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentOf } from './documents.ts';
import { History } from './excuse_history.ts';

const [CLIENT, WORKER] = [1, 1 << 24];

interface Given {
  readonly forgets?: boolean;
  readonly lookedAfter?: boolean;
  /** Documents with a capital letter have an expiry. */
  readonly digest?: string;
  readonly version?: bigint;
  readonly content?: string | null;
}

/** A worker reads a marker in Couchbase; K is put there, v5004; Oracle comes back to before it; the worker deletes in v5004. */
function givenToNothing({
  forgets = true,
  lookedAfter = false,
  digest = 'K',
  version = 5004n,
  content = null,
}: Given): History {
  const older = { content: null, version: 5000n, handoff: 4000n, handback: 0n };
  const marker = { content: null, cas: 10_200n, xattr: { version: 5003n, cas: 10_200n } };
  const history = new History({ ...marker, row: { ...older, version: 5003n }, older }, ['switch', 'settle']);
  const written = { content: documentOf(digest) };
  if (!lookedAfter) history.call(WORKER, 'switch', { name: 'couchbase.read' });
  const condition = { kind: 'none' } as const;
  history.call(CLIENT, 'switch', { name: 'oracle.write', ...written, condition, handedOff: true });
  history.call(CLIENT, 'switch', { name: 'couchbase.swap', cas: 10_200n, ...written, version: 5004n });
  if (forgets) history.forget('oracle');
  if (lookedAfter) history.call(WORKER, 'switch', { name: 'couchbase.read' });
  const from = history.world.row;
  const to = { ...from, content: content === null ? null : documentOf(content), version };
  return history.call(WORKER, 'switch', { name: 'oracle.swap', from, to });
}

const gone = (digest: string) => `${digest}, acknowledged before a forced move, is gone without a trace`;

test('a version that a repair gives to a deletion is excused, and nothing that is like it', () => {
  assert.equal(givenToNothing({}).excuse(gone('K')), 'version-given-out-again');
  const alike: Record<string, string | null> = {
    'no fallback': givenToNothing({ forgets: false }).excuse(gone('K')),
    'the repair has read Couchbase after it': givenToNothing({ lookedAfter: true }).excuse(gone('K')),
    'the document has no expiry': givenToNothing({ digest: 'k' }).excuse(gone('k')),
    'the deletion has another version': givenToNothing({ version: 5005n }).excuse(gone('K')),
    'it is no deletion': givenToNothing({ content: 'o' }).excuse(gone('K')),
    'another document is gone': givenToNothing({}).excuse(gone('M')),
    'the order is wrong': givenToNothing({}).excuse('not linearizable'),
  };
  for (const [how, excuse] of Object.entries(alike)) assert.equal(excuse, null, how);
});
