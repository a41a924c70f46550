/** The seeded bugs: each a way in which a migration has lost data, here or elsewhere. The model must catch every one. */
import { LOOK_BUGS } from './bulk_look.ts';
import { DROP_BUGS } from './drop_bugs.ts';
import { apart, late } from './focus.ts';
import { FORCE_BUGS } from './force_bugs.ts';
import { FORGET_BUGS } from './forget_bugs.ts';
import * as mutant from './mutant.ts';
import { RAMP_BUGS } from './ramp_bugs.ts';
import type { Bug } from './scenario.ts';
import { TOUCH_BUGS } from './touch_bugs.ts';

export interface SeededBug extends Bug {
  readonly name: string;
  readonly what: string;
}

export const BUGS: readonly SeededBug[] = [
  {
    name: 'unguarded-copy',
    what: 'a copy overwrites whatever Oracle holds, newer or not',
    tampering: { applyUnguarded: true },
  },
  {
    name: 'no-tombstones',
    what: 'a deletion leaves no row in Oracle',
    tampering: { noTombstones: true },
  },
  {
    name: 'no-markers',
    what: 'a deletion in seal or switch leaves nothing in Couchbase',
    tampering: { noMarkers: true },
  },
  {
    name: 'marker-unreceipted',
    what: 'a deletion leaves a marker before the queue has its receipt',
    kernel: { write: mutant.deletingUnreceipted },
  },
  {
    name: 'gap-put-back',
    what: 'a document that is missing in Couchbase is put back from Oracle at once',
    kernel: { converge: mutant.puttingBack },
  },
  {
    name: 'gap-open',
    what: 'what was written over in Couchbase still comes to Oracle after the key began anew',
    tampering: { handbackIgnored: true },
    focus: { phase: 'switch', walk: ['settle'] },
  },
  {
    name: 'marker-over-shown',
    what: 'a read in seal tells of a marker that Oracle takes no more, since switch has begun the key anew',
    kernel: mutant.SHOWING_WHAT_IS_OVER,
    focus: apart,
  },
  {
    name: 'pushed-blindly',
    what: 'a copy for an absent document does not notice what has come and expired there since',
    kernel: { write: mutant.pushingBlindly },
  },
  {
    name: 'no-bake',
    what: 'a move does not wait for those who still act on the phase before',
    rules: { noBake: true },
    focus: { phase: 'seal', walk: ['switch', 'settle'] },
  },
  {
    name: 'no-second-look',
    what: 'workers act on the phase that they have read once, though its bake may be over',
    rules: { noSecondLook: true },
    focus: late,
  },
  {
    name: 'late-shard',
    what: 'a worker that is given the shard of an earlier phase does not look at the phase, and works on it',
    rules: { noLookAtShard: true },
    focus: late,
  },
  {
    name: 'no-gate',
    what: 'a move asks for no evidence',
    rules: { noGate: true },
  },
  {
    name: 'free-way-back',
    what: 'reads go back to Couchbase without evidence',
    rules: { freeWayBack: true },
  },
  {
    name: 'phase-skipped',
    what: 'the controller moves by two phases at once',
    rules: { skipPhase: true },
  },
  {
    name: 'verify-nothing',
    what: 'a difference found by verification is shown as clean',
    kernel: { verify: mutant.verifyNothing },
  },
  {
    name: 'verify-content-only',
    what: 'verification does not ask which store orders the key',
    kernel: { verify: mutant.verifyContentOnly },
  },
  {
    name: 'no-copy-back',
    what: 'what changed in contract is not copied back',
    rules: { noCopyBack: true },
  },
  {
    name: 'receipts-dropped',
    what: 'the queue acknowledges receipts and loses them',
    rules: { dropReceipts: true },
  },
  {
    name: 'receipts-early',
    what: 'a receipt is settled while its own write is still at work',
    rules: { earlyReceipts: true },
  },
  {
    name: 'handoff-ignored',
    what: 'Oracle takes copies of a key that it orders itself',
    tampering: { handoffIgnored: true },
  },
  {
    name: 'handoff-forgotten',
    what: "Oracle's own writes do not take the key over",
    tampering: { handoffForgotten: true },
  },
  {
    name: 'handback-forgotten',
    what: 'a write does not see that its key changed hands and back',
    kernel: { write: mutant.forgettingHandback },
  },
  {
    name: 'versions-counted',
    what: 'writes through Couchbase count versions up instead of taking the CAS',
    kernel: { write: mutant.countingVersions },
  },
  {
    name: 'stale-xattr',
    what: 'the version in an xattr that a plain write left behind is believed',
    tampering: { staleXattrTrusted: true },
  },
  {
    name: 'cas-ignored',
    what: 'a guarded write in Couchbase does not look at the CAS',
    tampering: { swapUnguarded: true },
  },
  {
    name: 'row-guard-ignored',
    what: 'a repair of a row does not look at what it repairs',
    tampering: { rowSwapUnguarded: true },
  },
  {
    name: 'condition-one-side',
    what: 'a condition is checked in Couchbase only',
    tampering: { conditionIgnored: true },
  },
  {
    name: 'condition-checked-once',
    what: 'a condition is checked before the write, and not with it',
    kernel: { write: mutant.checkingOnce },
  },
  {
    name: 'read-without-carry',
    what: 'a read in seal does not carry what it saw over to Oracle',
    kernel: { read: mutant.readWithoutCarry },
    focus: { phase: 'seal', walk: ['switch'] },
  },
  {
    name: 'read-first-store',
    what: 'reads in switch still ask Couchbase',
    kernel: { read: mutant.readFirstStore },
  },
  {
    name: 'unsealed',
    what: 'writes in seal and switch are acknowledged before Oracle has them',
    kernel: { write: mutant.unsealed },
  },
  {
    name: 'ambiguous-is-failure',
    what: 'a conditional write without an answer is reported as refused',
    kernel: { write: mutant.pretending('refused') },
  },
  {
    name: 'ambiguous-is-success',
    what: 'a write without an answer is reported as done',
    kernel: { write: mutant.pretending('done') },
  },
  {
    name: 'blind-retry',
    what: 'a write without an answer is made again',
    kernel: { write: mutant.retryingBlindly },
  },
  {
    name: 'expired-shown',
    what: 'a read in seal shows what it carried, though its time may have come meanwhile',
    kernel: { read: mutant.showingExpired },
    focus: {
      phase: 'seal',
      start: 'document',
      walk: ['switch'],
      // What is put there expires before Oracle has it, while one client reads it and others look again.
      clients: [
        [{ kind: 'put', condition: 'none', mortal: true }],
        [
          { kind: 'read', condition: 'none' },
          { kind: 'read', condition: 'none' },
        ],
        [{ kind: 'read', condition: 'none' }],
      ],
      faults: 1,
    },
  },
  {
    name: 'wrong-way',
    what: 'converge makes the authority like the follower',
    kernel: { converge: mutant.wrongWay },
  },
  {
    name: 'markers-forever',
    what: 'markers are sent round for ever: nothing is lost, but the system never comes to rest',
    kernel: { converge: mutant.neverExpiring },
  },
  ...FORCE_BUGS,
  ...FORGET_BUGS,
  ...LOOK_BUGS,
  ...DROP_BUGS,
  ...TOUCH_BUGS,
  ...RAMP_BUGS,
];
