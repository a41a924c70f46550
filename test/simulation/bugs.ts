/**
 * Bugs that are planted beside the real use cases, each a way in which a migration has lost data, here or elsewhere. The simulation must catch
 * every one. A handoff that is ignored, a phase that is skipped and a receipt that comes too early are not here: hundreds of schedules of this unkind
 * world have not shown them.
 * Nor is a deletion of nothing that Oracle forgets, which needs a key that a forced way forward has not copied, deleted before anybody reads
 * it. The model catches all of them (test/model/bugs.ts, test/model/force_bugs.ts).
 */
import type { Bug } from './system.ts';

export interface Planted {
  /** The first schedule that has caught it. */
  readonly seed: number;
  readonly bug: Bug;
}

export const BUGS: Readonly<Record<string, Planted>> = {
  // What a store or its adapter does.
  'unguarded-copy': { seed: 74, bug: { tampering: { applyUnguarded: true } } },
  'no-tombstones': { seed: 4, bug: { tampering: { noTombstones: true } } },
  'no-markers': { seed: 2, bug: { tampering: { noMarkers: true } } },
  'handoff-forgotten': { seed: 11, bug: { tampering: { handoffForgotten: true }, focus: 'haste' } },
  'stale-xattr': { seed: 16, bug: { tampering: { staleXattrTrusted: true } } },
  'cas-ignored': { seed: 2, bug: { tampering: { swapUnguarded: true } } },
  'row-guard-ignored': { seed: 12, bug: { tampering: { rowSwapUnguarded: true } } },
  'request-forgotten': { seed: 120, bug: { tampering: { requestForgotten: true } } },
  'condition-one-side': { seed: 2, bug: { tampering: { conditionIgnored: true } } },
  // What the queue and its workers do.
  'receipts-dropped': { seed: 10, bug: { rules: { dropReceipts: true } } },
  'settled-while-away': { seed: 277, bug: { rules: { forgetful: true } } },
  'waits-for-ever': { seed: 1, bug: { rules: { givesUp: true } } },
  // What the controller does.
  'no-bake': { seed: 1, bug: { rules: { noBake: true } } },
  'no-gate': { seed: 2, bug: { rules: { noGate: true } } },
  'stale-evidence': { seed: 136, bug: { rules: { staleEvidence: true } } },
  // What runs do.
  'no-backfill': { seed: 12, bug: { rules: { noBackfill: true, verifyNothing: true } } },
  'no-copy-back': { seed: 19, bug: { rules: { noCopyBack: true, verifyNothing: true } } },
  'checkpoint-first': { seed: 247, bug: { rules: { checkpointFirst: true, verifyNothing: true } } },
  'no-look': { seed: 1, bug: { rules: { looks: 'never' }, focus: 'runs' } },
  'look-once': { seed: 7, bug: { rules: { looks: 'once' }, focus: 'runs' } },
  'own-clock': { seed: 2, bug: { rules: { ownClock: true } } },
  // What is left of a forced move.
  'oracle-followed': { seed: 11, bug: { rules: { followsOracle: true }, focus: 'haste' } },
  // What is left of a store that has forgotten something.
  'survivor-lifted': { seed: 3, bug: { rules: { lifts: true }, focus: 'forget' } },
  // What others do in Couchbase.
  'touch-lifted': { seed: 6, bug: { rules: { liftsTouched: true }, focus: 'hands' } },
  'given-expiry-refused': { seed: 32, bug: { rules: { refusesGiven: true }, focus: 'hands' } },
  'expiry-taken-blindly': { seed: 32, bug: { rules: { takesBlindly: true }, focus: 'hands' } },
  // What containers and the edge do.
  'no-lease': { seed: 2, bug: { rules: { noLease: true } } },
  'frozen-clock': { seed: 196, bug: { rules: { frozenClock: true } } },
  'requests-endless': { seed: 9, bug: { rules: { endless: true } } },
  'pretends-done': { seed: 2, bug: { rules: { pretends: 'done' } } },
  'pretends-nothing': { seed: 4, bug: { rules: { pretends: 'nothing' } } },
  'blind-retry': { seed: 5, bug: { rules: { blindRetry: true } } },
};
