/** What one write does to a key, call by call, and what one read does while either store may be read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNCONDITIONAL } from '../../functions/protocol/condition.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { read } from '../../functions/protocol/read.ts';
import type { Versioned } from '../../functions/protocol/state.ts';
import { type Outcome, type Write, write } from '../../functions/protocol/write.ts';
import { documentOf } from '../model/documents.ts';
import { callsOf, rowsOf, STATES } from './calls.ts';

const WRITES: Readonly<Record<string, Write>> = {
  puts: { content: documentOf('w'), condition: UNCONDITIONAL },
  creates: { content: documentOf('w'), condition: { kind: 'absent' } },
  deletes: { content: null, condition: UNCONDITIONAL },
  updates: { content: documentOf('w'), condition: { kind: 'version', version: 5000n } },
  removes: { content: null, condition: { kind: 'version', version: 5000n } },
  forgets: { content: null, condition: { kind: 'absent' } },
};

/** While either store may be read. */
const WRITTEN = `
nothing in both
  seal puts, seal creates, switch puts, switch creates: Q, O?, C?, C=w, O copy w 10100 -> done 10100
  seal deletes, switch deletes: Q, O?, Q?, C?, O? -> done 0
the same in both
  seal puts, switch puts: Q, O?, C?, C=w, O copy w 10100 -> done 10100
  seal creates, switch creates: Q, O?, C? -> refused
  seal deletes, switch deletes: Q, O?, Q?, C?, C=marker, O copy nothing 10100 -> done 10100
Oracle lacks it
  seal puts, switch puts: Q, O?, C?, C=w, O copy w 10100 -> done 10100
  seal creates, switch creates: Q, O?, C?, O copy o 5000 -> refused
  seal deletes, switch deletes: Q, O?, Q?, C?, C=marker, O copy nothing 10100 -> done 10100
Couchbase is behind
  seal puts, switch puts: Q, O?, C?, O copy o 5000, O?, C?, O?, aside o (couchbase forgot), C=n 6000, O?, C?, O?, C=w, O copy w 10200 -> done 10200
  seal creates, switch creates: Q, O?, C?, O copy o 5000, O?, C?, O?, aside o (couchbase forgot), C=n 6000, O?, C?, O? -> refused
  seal deletes, switch deletes: Q, O?, Q?, C?, O copy o 5000, O?, C?, O?, aside o (couchbase forgot), C=n 6000, O?, Q?, C?, O?, C=marker, O copy nothing 10200 -> done 10200
Couchbase is behind a deletion
  seal puts, seal creates, switch puts, switch creates: Q, O?, C?, O copy o 5000, O?, C?, O?, aside o (couchbase forgot), Q?, C=marker 6000, O?, C?, O?, C=w, O copy w 10200 -> done 10200
  seal deletes, switch deletes: Q, O?, Q?, C?, O copy o 5000, O?, C?, O?, aside o (couchbase forgot), Q?, C=marker 6000, O?, Q?, C?, O? -> done 6000
two of one version
  seal puts, switch puts: Q, O?, C?, O copy o 5000, O?, C?, O?, C=o 5001, O?, C?, O?, C=w, O copy w 10200 -> done 10200
  seal creates, switch creates: Q, O?, C?, O copy o 5000, O?, C?, O?, C=o 5001, O?, C?, O?, O copy o 5001 -> refused
  seal deletes, switch deletes: Q, O?, Q?, C?, O copy o 5000, O?, C?, O?, C=o 5001, O?, Q?, C?, O?, C=marker, O copy nothing 10200 -> done 10200
Couchbase lacks it, deleted
  seal puts, seal creates: Q, O?, C?, C gone?, Q?, C=placeholder, O?, Q?, C=marker 10100, O?, C?, O?, C=w, O copy w 10300 -> done 10300
  seal deletes: Q, O?, Q?, C?, C gone?, Q?, C=placeholder, O?, Q?, C=marker 10100, O?, Q?, C?, O?, O copy nothing 10100 -> done 10100
  switch puts: Q, O?, C?, Q?, C=placeholder, O?, C?, O?, O=o 5000 handback 10100, O?, C?, O?, C=w, O copy w 10200 -> done 10200
  switch creates: Q, O?, C?, Q?, C=placeholder, O?, C?, O?, O=o 5000 handback 10100, O?, C?, O?, O? -> refused
  switch deletes: Q, O?, Q?, C?, Q?, C=placeholder, O?, Q?, C?, O?, O=o 5000 handback 10100, O?, Q?, C?, O?, C=marker, O copy nothing 10200 -> done 10200
deleted, marker left
  seal puts, seal creates, switch puts, switch creates: Q, O?, C?, O?, C=w, O copy w 10100 -> done 10100
  seal deletes, switch deletes: Q, O?, Q?, C?, O? -> done 5000
a marker Oracle lacks
  seal puts, seal creates, switch puts, switch creates: Q, O?, C?, O?, C=w, O copy w 10100 -> done 10100
  seal deletes, switch deletes: Q, O?, Q?, C?, O?, O copy nothing 5000 -> done 5000
a placeholder below the row
  seal puts: Q, O?, C?, O?, O?, C=o 5000, O?, C?, O?, C=w, O copy w 10200 -> done 10200
  seal creates: Q, O?, C?, O?, O?, C=o 5000, O?, C?, O? -> refused
  seal deletes: Q, O?, Q?, C?, O?, O?, C=o 5000, O?, Q?, C?, O?, C=marker, O copy nothing 10200 -> done 10200
  switch puts: Q, O?, C?, O?, O=o 5000 handback 4000, O?, C?, O?, C=w, O copy w 10100 -> done 10100
  switch creates: Q, O?, C?, O?, O=o 5000 handback 4000, O?, C?, O?, O? -> refused
  switch deletes: Q, O?, Q?, C?, O?, O=o 5000 handback 4000, O?, Q?, C?, O?, C=marker, O copy nothing 10100 -> done 10100
expired in Oracle alone
  seal puts, seal creates, switch puts, switch creates: Q, O?, C?, C=w, O copy w 10100 -> done 10100
  seal deletes, switch deletes: Q, O?, Q?, C?, C=marker, O copy nothing 10100 -> done 10100
handed off, the same
  seal puts: Q, O?, C?, O?, O=o 5000 handback 8000, O?, C?, O?, C=w, O copy w 10100 -> done 10100
  seal creates: Q, O?, C?, O?, O=o 5000 handback 8000, O?, C?, O? -> refused
  seal deletes: Q, O?, Q?, C?, O?, O=o 5000 handback 8000, O?, Q?, C?, O?, C=marker, O copy nothing 10100 -> done 10100
  switch puts: Q, O?, O write w, C?, C=w 5001 -> done 5001
  switch creates: Q, O?, O write w, O? -> refused
  switch deletes: Q, O?, Q?, O write nothing, C?, C=marker 5001 -> done 5001
handed off, Couchbase newer
  seal puts: Q, O?, C?, O?, aside n (past oracle), O=o 6001 handoff 4000, O?, C?, O?, C=o 6001, O?, C?, O?, O=o 6001 handback 10100, O?, C?, O?, C=w, O copy w 10200 -> done 10200
  seal creates: Q, O?, C?, O?, aside n (past oracle), O=o 6001 handoff 4000, O?, C?, O?, C=o 6001, O?, C?, O?, O=o 6001 handback 10100, O?, C?, O? -> refused
  seal deletes: Q, O?, Q?, C?, O?, aside n (past oracle), O=o 6001 handoff 4000, O?, Q?, C?, O?, C=o 6001, O?, Q?, C?, O?, O=o 6001 handback 10100, O?, Q?, C?, O?, C=marker, O copy nothing 10200 -> done 10200
  switch puts: Q, O?, O write w, C?, O?, aside n (past oracle), O=w 6001 handoff 4000, C?, C=w 6001 -> done 5001
  switch creates: Q, O?, O write w, O? -> refused
  switch deletes: Q, O?, Q?, O write nothing, C?, O?, aside n (past oracle), O=nothing 6001 handoff 4000, C?, C=marker 6001 -> done 5001
handed off, Couchbase lacks it
  seal puts: Q, O?, C?, O?, Q?, C=placeholder, O?, C?, O?, C=o 5000, O?, C?, O?, O=o 5000 handback 10200, O?, C?, O?, C=w, O copy w 10300 -> done 10300
  seal creates: Q, O?, C?, O?, Q?, C=placeholder, O?, C?, O?, C=o 5000, O?, C?, O?, O=o 5000 handback 10200, O?, C?, O? -> refused
  seal deletes: Q, O?, Q?, C?, O?, Q?, C=placeholder, O?, Q?, C?, O?, C=o 5000, O?, Q?, C?, O?, O=o 5000 handback 10200, O?, Q?, C?, O?, C=marker, O copy nothing 10300 -> done 10300
  switch puts: Q, O?, O write w, C?, Q?, C=placeholder, C?, O?, C=w 5001 -> done 5001
  switch creates: Q, O?, O write w, O? -> refused
  switch deletes: Q, O?, Q?, O write nothing, C?, Q?, C=placeholder, C?, O?, C=marker 5001 -> done 5001
handed off, deleted
  seal puts, seal creates: Q, O?, C?, O?, C=marker 5000, O?, C?, O?, O=nothing 5000 handback 10100, O?, C?, O?, C=w, O copy w 10200 -> done 10200
  seal deletes: Q, O?, Q?, C?, O?, C=marker 5000, O?, Q?, C?, O?, O=nothing 5000 handback 10100, O?, Q?, C?, O? -> done 5000
  switch puts, switch creates: Q, O?, O write w, C?, C=w 5001 -> done 5001
  switch deletes: Q, O?, Q?, O write nothing, O? -> done 5000
`;

/** Where one store decides alone. */
const DECIDED = `
nothing in both
  legacy puts: C=w -> done 10100
  legacy creates: C?, C=w -> done 10100
  legacy deletes: C removed -> done 0
  legacy updates, legacy removes: C? -> refused
  legacy forgets: C? -> done 0
  expand puts: Q, C=w, O copy w 10100 -> done 10100
  expand creates: Q, C?, C=w, O copy w 10100 -> done 10100
  expand deletes: Q, C removed -> done 0
  expand updates, expand removes: Q, C? -> refused
  expand forgets: Q, C? -> done 0
  settle puts, settle creates: Q, O write w, C?, C=w 9950 -> done 9950
  settle deletes, settle forgets: Q, O write nothing, C?, C=marker 1 -> done 1
  settle updates: Q, O write w, O? -> refused
  settle removes: Q, O write nothing, O? -> refused
  contract puts, contract creates: O write w -> done 9950
  contract deletes, contract forgets: O write nothing -> done 1
  contract updates: O write w, O? -> refused
  contract removes: O write nothing, O? -> refused
the same in both
  legacy puts: C=w -> done 10100
  legacy creates, legacy forgets: C? -> refused
  legacy deletes: C removed -> done 10100
  legacy updates: C?, C=w -> done 10100
  legacy removes: C?, C erased -> done 10100
  expand puts: Q, C=w, O copy w 10100 -> done 10100
  expand creates, expand forgets: Q, C? -> refused
  expand deletes: Q, C removed, O copy nothing 10100 -> done 10100
  expand updates: Q, C?, C=w, O copy w 10100 -> done 10100
  expand removes: Q, C?, C erased, O copy nothing 10100 -> done 10100
  settle puts, settle updates: Q, O write w, C?, C=w 5001 -> done 5001
  settle creates: Q, O write w, O? -> refused
  settle deletes, settle removes: Q, O write nothing, C?, C=marker 5001 -> done 5001
  settle forgets: Q, O write nothing, O? -> refused
  contract puts, contract updates: O write w -> done 5001
  contract creates: O write w, O? -> refused
  contract deletes, contract removes: O write nothing -> done 5001
  contract forgets: O write nothing, O? -> refused
deleted, marker left
  legacy puts: C=w -> done 10100
  legacy creates: C?, C=w -> done 10100
  legacy deletes: C removed -> done 10100
  legacy updates, legacy removes: C? -> refused
  legacy forgets: C? -> done 0
  expand puts: Q, C=w, O copy w 10100 -> done 10100
  expand creates: Q, C?, C=w, O copy w 10100 -> done 10100
  expand deletes: Q, C removed, O copy nothing 10100 -> done 10100
  expand updates, expand removes: Q, C? -> refused
  expand forgets: Q, C? -> done 0
  settle puts, settle creates: Q, O write w, C?, C=w 5001 -> done 5001
  settle deletes, settle forgets: Q, O write nothing, C?, C=marker 5001 -> done 5001
  settle updates: Q, O write w, O? -> refused
  settle removes: Q, O write nothing, O? -> refused
  contract puts, contract creates: O write w -> done 5001
  contract deletes, contract forgets: O write nothing -> done 5001
  contract updates: O write w, O? -> refused
  contract removes: O write nothing, O? -> refused
handed off, the same
  legacy puts: C=w -> done 10100
  legacy creates, legacy forgets: C? -> refused
  legacy deletes: C removed -> done 10100
  legacy updates: C?, C=w -> done 10100
  legacy removes: C?, C erased -> done 10100
  expand puts: Q, C=w, O copy w 10100, Q? -> done 10100
  expand creates, expand forgets: Q, C? -> refused
  expand deletes: Q, C removed, O copy nothing 10100, Q? -> done 10100
  expand updates: Q, C?, C=w, O copy w 10100, Q? -> done 10100
  expand removes: Q, C?, C erased, O copy nothing 10100, Q? -> done 10100
  settle puts, settle updates: Q, O write w, C?, C=w 5001 -> done 5001
  settle creates: Q, O write w, O? -> refused
  settle deletes, settle removes: Q, O write nothing, C?, C=marker 5001 -> done 5001
  settle forgets: Q, O write nothing, O? -> refused
  contract puts, contract updates: O write w -> done 5001
  contract creates: O write w, O? -> refused
  contract deletes, contract removes: O write nothing -> done 5001
  contract forgets: O write nothing, O? -> refused
`;

const READ = `
nothing in both
  seal: C?, O? -> nothing 0
the same in both
  seal: C?, O? -> o 5000
Oracle lacks it
  seal: C?, O?, O copy o 5000 -> o 5000
Oracle is behind
  seal: C?, O?, O copy o 5000 -> o 5000
Oracle has it deleted, of before
  seal: C?, O?, O copy o 5000 -> o 5000
Couchbase is behind
  seal: C?, O?, Q, O copy o 5000, O?, C?, O?, aside o (couchbase forgot), C=n 6000, C?, O? -> n 6000
Couchbase is behind a deletion
  seal: C?, O?, Q, O copy o 5000, O?, C?, O?, aside o (couchbase forgot), Q?, C=marker 6000, C?, O? -> nothing 6000
two of one version
  seal: C?, O?, Q, O copy o 5000, O?, C?, O?, C=o 5001, C?, O?, O copy o 5001 -> o 5001
Couchbase lacks it, deleted
  seal: C?, O?, Q, C gone?, Q?, C=placeholder, O?, Q?, C=marker 10100, C?, O?, O copy nothing 10100 -> nothing 10100
Couchbase lacks it, unexplained
  seal: C?, O?, Q, C gone?, Q?, C=placeholder, O?, aside o (unexplained), Q?, C=marker 10100, C?, O?, O copy nothing 10100 -> nothing 10100
deleted, marker left
  seal: C?, O? -> nothing 5000
a marker Oracle lacks
  seal: C?, O?, O copy nothing 5000 -> nothing 5000
a placeholder
  seal: C?, O? -> nothing 0
a placeholder below the row
  seal: C?, O?, Q, O?, C=o 5000, C?, O? -> o 5000
a placeholder above the row
  seal: C?, O?, Q, O?, aside o (unexplained), Q?, C=marker 8000, C?, O?, O copy nothing 8000 -> nothing 8000
a placeholder that the row counts from
  seal: C?, O?, Q, O?, aside o (unexplained), Q?, C=marker 8001, C?, O?, O copy nothing 8001 -> nothing 8001
expired in Oracle alone
  seal: C?, O?, C? -> nothing 5000
handed off, never copied
  seal: C?, O? -> o 5000
handed off, the same
  seal: C?, O? -> o 5000
handed off, CAS below
  seal: C?, O? -> o 5000
handed off, Couchbase behind
  seal: C?, O?, Q, C=o 5000, C?, O? -> o 5000
handed off, Couchbase newer
  seal: C?, O?, Q, aside n (past oracle), O=o 6001 handoff 4000, C?, O?, Q, C=o 6001, C?, O? -> o 6001
handed off, Couchbase lacks it
  seal: C?, O?, Q, Q?, C=placeholder, C?, O?, Q, C=o 5000, C?, O? -> o 5000
handed off, marker
  seal: C?, O?, Q, aside nothing (oracle forgot), O=o 5001 handoff 4000, C?, O?, Q, C=o 5001, C?, O? -> o 5001
handed off, deleted
  seal: C?, O?, Q, C=marker 5000, C?, O? -> nothing 5000
handed off, deleted in both
  seal: C?, O? -> nothing 0
`;

const outcome = (told: Outcome) => (told.kind === 'done' ? `done ${told.version}` : told.kind);
const shown = ({ content, version }: Versioned) => `${content?.digest ?? 'nothing'} ${version}`;

for (const { state, cases } of [...rowsOf(WRITTEN), ...rowsOf(DECIDED)])
  test(`a write: ${state}`, async () => {
    for (const [name, calls] of cases) {
      const [phase, act = ''] = name.split(' ');
      const steps = write(phase as Phase, WRITES[act] ?? assert.fail(name));
      assert.equal(await callsOf(steps, STATES[state] ?? assert.fail(), outcome), calls, name);
    }
  });

for (const { state, cases } of rowsOf(READ))
  test(`a read: ${state}`, async () => {
    for (const [phase, calls] of cases)
      assert.equal(await callsOf(read(phase as Phase), STATES[state] ?? assert.fail(), shown), calls);
  });
