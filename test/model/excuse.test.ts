/** Which histories are excused, and which are not though they look alike. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../../functions/protocol/call.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { documentOf } from './documents.ts';
import { History } from './excuse_history.ts';

/** An operation of a client, another one, and two workers. */
const [CLIENT, LATER, WORKER, RIVAL] = [1, 2, 1 << 24, 1 << 27];

const document = (digest: string) => ({ content: documentOf(digest) });
const UNVERSIONED = { version: null } as const;

interface Removal {
  readonly forgets?: boolean;
  readonly lookedAfter?: boolean;
  readonly who?: number;
  readonly aside?: 'unexplained';
}

/** k is put over a marker that a worker is about to remove, a failover brings the marker back, and another worker meets the tombstone. */
function markerRemoved({ forgets = true, lookedAfter = false, who = RIVAL, aside }: Removal): History {
  const marker = { content: null, cas: 5000n, xattr: { version: 4500n, cas: 5000n }, gone: 0n };
  const deleted = { content: null, version: 4500n, handoff: null, handback: 0n };
  const history = new History({ ...marker, replica: marker, row: deleted }, ['expand', 'seal']);
  if (!lookedAfter) history.call(WORKER, 'expand', { name: 'oracle.read' });
  history.call(CLIENT, 'expand', { name: 'couchbase.swap', cas: 5000n, ...document('k'), ...UNVERSIONED });
  const { cas } = history.world;
  history.call(CLIENT, 'expand', { name: 'oracle.apply', ...document('k'), version: cas });
  if (forgets) history.forget('couchbase');
  if (lookedAfter) history.call(WORKER, 'expand', { name: 'oracle.read' });
  history.call(WORKER, 'expand', { name: 'couchbase.erase', cas: forgets ? 5000n : cas });
  history.call(who, 'expand', { name: 'couchbase.gone' });
  const from = history.world.row;
  const to = { ...from, content: null, version: from.version + 1n };
  return history.call(who, 'expand', { name: 'oracle.swap', from, to, aside });
}

const K_IS_GONE = 'k, acknowledged before a forced move, is gone without a trace';

test('the removal of a marker that a failover has brought back is excused, and nothing that is like it', () => {
  assert.equal(markerRemoved({}).excuse(K_IS_GONE), 'marker-brought-back');
  const alike: Record<string, string | null> = {
    'no failover': markerRemoved({ forgets: false }).excuse(K_IS_GONE),
    'the repair has read the row after the failover': markerRemoved({ lookedAfter: true }).excuse(K_IS_GONE),
    'the repair itself takes it for deleted': markerRemoved({ who: WORKER }).excuse(K_IS_GONE),
    'it is set aside': markerRemoved({ aside: 'unexplained' }).excuse(K_IS_GONE),
    'another document is gone': markerRemoved({}).excuse(K_IS_GONE.replace('k', 'm')),
    'the order is wrong': markerRemoved({}).excuse('not linearizable'),
    'the stores differ': markerRemoved({}).excuse('the stores differ at rest'),
  };
  for (const [how, excuse] of Object.entries(alike)) assert.equal(excuse, null, how);
});

interface GivenBack {
  readonly forgets?: boolean;
  readonly offBefore?: boolean;
  readonly writes?: Phase;
  readonly puts?: Phase;
  readonly keeps?: boolean;
  readonly early?: boolean;
  readonly content?: string;
  readonly later?: boolean;
  /** The client deletes, and finds nothing in Couchbase. */
  readonly deletes?: boolean;
}

/** Oracle comes back to before a key was given back, a client writes c in `expand`, and a worker in `seal` puts g over it. */
function putOverExpand(change: GivenBack): History {
  const {
    forgets = true,
    offBefore = false,
    writes = 'expand',
    puts = 'seal',
    keeps = true,
    early = false,
  } = change;
  const { content = 'g', later = false, deletes = false } = change;
  const back = { ...document('g'), version: 5002n, handoff: offBefore ? 4000n : null, handback: 10_000n };
  const older = { ...back, handoff: 4000n, handback: 0n };
  const copy = { ...document('g'), cas: 10_000n, xattr: { version: 5002n, cas: 10_000n } };
  const held = deletes ? {} : copy;
  const history = new History({ ...held, row: forgets ? back : older, older }, ['expand', 'seal']);
  const call: Call = deletes ? { name: 'couchbase.remove' } : { name: 'couchbase.upsert', ...document('c') };
  const write = () => history.call(CLIENT, writes, call);
  if (early) write();
  if (forgets) history.forget('oracle');
  if (!early) write();
  const { cas, row: from } = history.world;
  const state = { ...document('c'), version: cas };
  if (keeps && !deletes)
    history.call(WORKER, puts, { name: 'oracle.keep', state, reason: 'past oracle', by: from.content });
  const version = cas + 1n;
  history.call(WORKER, puts, { name: 'oracle.swap', from, to: { ...from, version } });
  history.call(WORKER, puts, { name: 'couchbase.swap', cas, ...document(content), version });
  return later ? history.answered(LATER) : history;
}

test('what seal puts over a write of expand, since Oracle has come back, is excused, and nothing that is like it', () => {
  const G_IS_SEEN = 'at rest a read sees g: not linearizable';
  assert.equal(putOverExpand({}).excuse(G_IS_SEEN), 'expand-beside-seal');
  assert.equal(putOverExpand({}).excuse('not linearizable'), 'expand-beside-seal');
  assert.equal(putOverExpand({ deletes: true }).excuse(G_IS_SEEN), 'expand-beside-seal');
  const alike: Record<string, string | null> = {
    'no fallback': putOverExpand({ forgets: false }).excuse(G_IS_SEEN),
    'the key was handed off before': putOverExpand({ offBefore: true }).excuse(G_IS_SEEN),
    'the deletion was before the fallback': putOverExpand({ deletes: true, early: true }).excuse(G_IS_SEEN),
    'the write was before the fallback': putOverExpand({ early: true }).excuse(G_IS_SEEN),
    'seal has written it': putOverExpand({ writes: 'seal' }).excuse(G_IS_SEEN),
    'expand has put it there': putOverExpand({ puts: 'expand' }).excuse(G_IS_SEEN),
    'it is not set aside': putOverExpand({ keeps: false }).excuse(G_IS_SEEN),
    'it is not what Oracle holds': putOverExpand({ content: 'o' }).excuse(
      'at rest a read sees o: not linearizable',
    ),
    'a later operation was answered': putOverExpand({ later: true }).excuse(G_IS_SEEN),
    'a read sees something else': putOverExpand({}).excuse('at rest a read sees m: not linearizable'),
    'something is gone': putOverExpand({}).excuse(K_IS_GONE),
    'the stores differ': putOverExpand({}).excuse('the stores differ at rest'),
  };
  for (const [how, excuse] of Object.entries(alike)) assert.equal(excuse, null, how);
});

interface GivenOut {
  readonly forgets?: boolean;
  readonly lookedAfter?: boolean;
  readonly digest?: string;
  readonly later?: boolean;
  /** What was given the version is gone by then. */
  readonly expires?: boolean;
}

/** A worker reads e, v5001; Oracle comes back, and gives v5001 out for d; the worker hands the key back as it has read it. */
function givenOutAgain({
  forgets = true,
  lookedAfter = false,
  digest = 'd',
  later = false,
  expires = false,
}: GivenOut): History {
  const older = { ...document('o'), version: 5000n, handoff: 4000n, handback: 0n };
  const read = { ...document('e'), version: 5001n, handoff: 4000n, handback: 0n };
  const history = new History({ row: read, older }, ['switch', 'settle']);
  if (!lookedAfter) history.call(WORKER, 'switch', { name: 'oracle.read' });
  if (forgets) history.forget('oracle');
  else history.world = { ...history.world, row: older };
  const condition = { kind: 'none' } as const;
  history.call(CLIENT, 'switch', { name: 'oracle.write', ...document(digest), condition, handedOff: true });
  if (expires) history.world = { ...history.world, row: { ...history.world.row, content: null } };
  if (lookedAfter) history.call(WORKER, 'switch', { name: 'oracle.read' });
  const to = { ...read, handoff: null, handback: 10_000n };
  history.call(WORKER, 'switch', { name: 'oracle.swap', from: read, to });
  return later ? history.answered(LATER) : history;
}

test('a version that Oracle gives out again under a repair is excused, and nothing that is like it', () => {
  const E_IS_SEEN = 'at rest a read sees e: not linearizable';
  assert.equal(givenOutAgain({}).excuse(E_IS_SEEN), 'version-given-out-again');
  assert.equal(givenOutAgain({}).excuse(K_IS_GONE.replace('k', 'd')), 'version-given-out-again');
  // A refusal changes nothing.
  assert.equal(givenOutAgain({}).answered(LATER, true).excuse(E_IS_SEEN), 'version-given-out-again');
  const alike: Record<string, string | null> = {
    'no fallback': givenOutAgain({ forgets: false }).excuse(E_IS_SEEN),
    'the repair has read the row after it': givenOutAgain({ lookedAfter: true }).excuse(E_IS_SEEN),
    'it is the same document': givenOutAgain({ digest: 'e' }).excuse(E_IS_SEEN),
    // The row is not replaced then.
    'it is gone by then': givenOutAgain({ expires: true }).excuse(E_IS_SEEN),
    'a later operation was answered': givenOutAgain({ later: true }).excuse(E_IS_SEEN),
    'another document is gone': givenOutAgain({}).excuse(K_IS_GONE),
    'the stores differ': givenOutAgain({}).excuse('the stores differ at rest'),
  };
  for (const [how, excuse] of Object.entries(alike)) assert.equal(excuse, null, how);
});

interface Refused {
  readonly phase?: Phase;
  readonly copied?: boolean;
  readonly handedOff?: boolean;
  readonly refused?: boolean;
}

/** A write of `switch` is put over s, which Couchbase alone has, a worker in `settle` takes the key over, and Oracle refuses the write. */
function refusedAfterWritten({
  phase = 'switch',
  copied = false,
  handedOff = true,
  refused = true,
}: Refused): History {
  const row = { ...document(copied ? 's' : 'o'), version: 4000n, handoff: null, handback: 0n };
  const history = new History({ ...document('s'), cas: 5000n, row }, ['settle', 'switch']);
  history.call(CLIENT, phase, { name: 'couchbase.swap', cas: 5000n, ...document('A'), ...UNVERSIONED });
  const { cas } = history.world;
  const to = { ...row, handoff: 4000n };
  if (handedOff) history.call(WORKER, 'settle', { name: 'oracle.swap', from: row, to });
  history.call(CLIENT, phase, { name: 'oracle.apply', ...document('A'), version: cas });
  return history.answered(CLIENT, refused);
}

test('a write that is refused after it was put over what Couchbase alone had is excused, and nothing that is like it', () => {
  const S_IS_GONE = K_IS_GONE.replace('k', 's');
  assert.equal(refusedAfterWritten({}).excuse(S_IS_GONE), 'refused-after-written');
  const alike: Record<string, string | null> = {
    'seal has written it': refusedAfterWritten({ phase: 'seal' }).excuse(S_IS_GONE),
    'Oracle had it': refusedAfterWritten({ copied: true }).excuse(S_IS_GONE),
    'Oracle does not order the key': refusedAfterWritten({ handedOff: false }).excuse(S_IS_GONE),
    'the write is answered otherwise': refusedAfterWritten({ refused: false }).excuse(S_IS_GONE),
    'a store forgets': refusedAfterWritten({}).forget('oracle').excuse(S_IS_GONE),
    'another document is gone': refusedAfterWritten({}).excuse(K_IS_GONE),
    'the order is wrong': refusedAfterWritten({}).excuse('not linearizable'),
  };
  for (const [how, excuse] of Object.entries(alike)) assert.equal(excuse, null, how);
});
