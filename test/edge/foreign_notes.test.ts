import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { ForeignNotes } from '../../functions/edge/foreign_notes.ts';
import { INITIAL_PHASE } from '../../functions/phases/effective_phase.ts';
import { perform } from '../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { write } from '../../functions/protocol/write.ts';
import { portOf } from '../../functions/stores/port.ts';
import { document } from '../stores/contract/subject.ts';
import { Reference } from '../stores/reference.ts';

let stores: Reference;
let did: string[];
let since: number;
let noted: (text: string) => Promise<void>;
beforeEach(() => {
  [stores, did, since] = [new Reference(() => 0), [], 0];
  noted = async (text) => void did.push(text);
});

const notes = () =>
  new ForeignNotes({
    phase: async () => ({ ...INITIAL_PHASE, phase: 'settle', since }),
    note: (collection, phase, prefix) => noted(`noted ${prefix} of ${collection} in ${phase}`),
    count: (metric) => void did.push(metric),
    warn: (message, about) => void did.push(`${message} ${JSON.stringify(about)}`),
    bake: 0,
  });

/** As a request does, over what somebody else has put into Couchbase. */
async function overwrite(telling: ForeignNotes, key: string): Promise<void> {
  const port = portOf(key, { ...stores, oracle: telling.over('orders', stores.oracle) });
  const put = (phase: Phase, body: string) =>
    perform(write(phase, { content: document(body), condition: UNCONDITIONAL }), port);
  await put('settle', '"ours"');
  await stores.couchbase.upsert(key, { content: document('"theirs"') });
  assert.equal((await put('settle', '"newer"')).kind, 'done');
  await telling.changes();
}

test('a write of the API that sets aside what was written past it tells of it, as receipts do', async () => {
  const telling = notes();
  await overwrite(telling, 'old:1');
  assert.deepEqual(did, [
    ...['ForeignWrites', 'ForeignConflicts'],
    'FOREIGN_WRITE: a document was written past the API {"collection":"orders","key":"old:1","phase":"settle"}',
    'noted old: of orders in settle',
  ]);
  assert.equal(telling.changes(), null, 'nothing is left to be waited for');
});

test('what may be a write of our own during a move is none', async () => {
  since = 1;
  await overwrite(notes(), 'k');
  assert.deepEqual(did, []);
});

test('that it cannot be noted holds nothing up, and is logged', async () => {
  noted = () => Promise.reject(new Error('Oracle is away'));
  await overwrite(notes(), 'k');
  assert.match(did.at(-1) ?? '', /^A write past the API was not noted .*Oracle is away/);
  assert.equal(did.filter((each) => each === 'ForeignConflicts').length, 1);
});
