/** Which operations without an answer are excused, and which are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Phase } from '../../functions/protocol/phase.ts';
import { documentOf } from './documents.ts';
import { History } from './excuse_history.ts';
import { force } from './focus.ts';
import { sample } from './sample.ts';

const [READER, WRITER, WORKER] = [1, 2, 1 << 24];
const WHAT = 'no answer, though nothing had failed';

interface Outrun {
  /** Writes of a client. */
  readonly writes?: number;
  /** Placeholders that a repair removes, each put by the operation itself. */
  readonly erased?: number;
  readonly who?: number;
  readonly reads?: Phase;
  readonly beside?: Phase;
  readonly handedOff?: boolean;
  /** The operation writes through Oracle in the end. */
  readonly written?: boolean;
}

function outrun({
  writes = 4,
  erased = 0,
  who = WRITER,
  reads = 'seal',
  beside = 'expand',
  handedOff = true,
  written = false,
}: Outrun): History {
  const row = { content: documentOf('o'), version: 4500n, handoff: handedOff ? 4000n : null, handback: 0n };
  const history = new History({ content: documentOf('s'), cas: 5000n, row }, ['seal', beside]);
  history.deeds.push({ kind: 'begun', bit: READER });
  for (let n = 0; n < writes; n++)
    history.call(who, beside, { name: 'couchbase.upsert', content: documentOf('abcdefgh'[n] as string) });
  for (let n = 0; n < erased; n++) {
    const { cas } = history.world;
    history.call(READER, reads, { name: 'couchbase.swap', cas, content: null, version: 0n });
    history.call(WORKER, beside, { name: 'couchbase.erase', cas: history.world.cas });
  }
  const condition = { kind: 'none' } as const;
  if (written)
    history.call(READER, reads, { name: 'oracle.write', content: null, condition, handedOff: true });
  return history.call(READER, reads, { name: 'couchbase.read' });
}

test('an operation of seal that expand outruns is excused, and nothing that is like it', () => {
  assert.equal(outrun({}).excuse(WHAT), 'seal-outrun');
  assert.equal(outrun({ writes: 2, erased: 2 }).excuse(WHAT), 'seal-outrun');
  const alike: Record<string, string | null> = {
    'few changes': outrun({ writes: 3 }).excuse(WHAT),
    'few changes, of clients and repairs': outrun({ writes: 2, erased: 1 }).excuse(WHAT),
    'repairs nearly alone': outrun({ writes: 1, erased: 5 }).excuse(WHAT),
    'a worker writes': outrun({ who: WORKER }).excuse(WHAT),
    'another phase reads': outrun({ reads: 'switch' }).excuse(WHAT),
    'expand is over': outrun({ beside: 'switch' }).excuse(WHAT),
    'Couchbase orders the key': outrun({ handedOff: false }).excuse(WHAT),
    'it has written through Oracle': outrun({ written: true }).excuse(WHAT),
    'something else is wrong': outrun({}).excuse('not linearizable'),
  };
  for (const [how, excuse] of Object.entries(alike)) assert.equal(excuse, null, how);
});

test('a schedule of the focus force in which an operation of seal is outrun is excused', () => {
  const { what, excuse } = sample(5_103_074, { focus: force });
  assert.deepEqual([what, excuse?.name], [null, 'seal-outrun']);
});

test('where a repair of expand leaves the placeholder of seal, fewer changes do not outrun it', () => {
  const { what, excuse } = sample(5_376_050, { focus: force });
  assert.deepEqual([what, excuse], [null, null]);
});
