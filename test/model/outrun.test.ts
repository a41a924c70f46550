/** Which reads without an answer are excused, and which are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../functions/protocol/phase.ts';
import { documentOf } from './documents.ts';
import { History } from './excuse_history.ts';

const [READER, WRITER, WORKER] = [1, 2, 1 << 24];
const WHAT = 'no answer, though nothing had failed';

interface Outrun {
  readonly writes?: number;
  readonly who?: number;
  readonly reads?: Phase;
  readonly beside?: Phase;
  readonly handedOff?: boolean;
}

function outrun({
  writes = 4,
  who = WRITER,
  reads = 'seal',
  beside = 'expand',
  handedOff = true,
}: Outrun): History {
  const row = { content: documentOf('o'), version: 4500n, handoff: handedOff ? 4000n : null, handback: 0n };
  const history = new History({ content: documentOf('s'), cas: 5000n, row }, ['seal', beside]);
  history.deeds.push({ kind: 'begun', bit: READER });
  for (let n = 0; n < writes; n++)
    history.call(who, beside, { name: 'couchbase.upsert', content: documentOf('abcdefgh'[n] as string) });
  return history.call(READER, reads, { name: 'couchbase.read' });
}

test('a read of seal that writes of expand outrun is excused, and nothing that is like it', () => {
  assert.equal(outrun({}).excuse(WHAT), 'read-outrun');
  const alike: Record<string, string | null> = {
    'few writes': outrun({ writes: 3 }).excuse(WHAT),
    'a worker writes': outrun({ who: WORKER }).excuse(WHAT),
    'another phase reads': outrun({ reads: 'switch' }).excuse(WHAT),
    'expand is over': outrun({ beside: 'switch' }).excuse(WHAT),
    'Couchbase orders the key': outrun({ handedOff: false }).excuse(WHAT),
    'something else is wrong': outrun({}).excuse('not linearizable'),
  };
  for (const [how, excuse] of Object.entries(alike)) assert.equal(excuse, null, how);
});
