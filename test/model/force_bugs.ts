/** Seeded bugs of the rules that make a forced move survivable. They strike after one, so each has a focus. */
import type { SeededBug } from './bugs.ts';
import { force } from './focus.ts';
import * as mutant from './force_mutant.ts';
import { SANE_CLOCK, type Task } from './scenario.ts';

const READ: Task = { kind: 'read', condition: 'none' };
const PUT: Task = { kind: 'put', condition: 'none' };
const REPLACE: Task = { kind: 'put', condition: 'seen' };
const DELETE: Task = { kind: 'delete', condition: 'none' };

export const FORCE_BUGS: readonly SeededBug[] = [
  {
    name: 'oracle-followed-in-expand',
    what: 'expand follows Oracle for a key that a forced move has left handed off',
    kernel: { converge: mutant.followingOracle },
    focus: force,
  },
  {
    name: 'put-there-in-expand',
    what: 'expand puts into Couchbase what it lacks of a key that a forced move has left handed off',
    kernel: { converge: mutant.puttingThere },
    focus: force,
  },
  {
    name: 'version-lowered',
    what: 'a row gets a lower version when Couchbase takes the key back',
    kernel: { converge: mutant.lowering },
    focus: {
      ...{ start: 'handed seen', phase: 'expand', walk: ['seal', 'switch', 'settle'], forced: [] },
      clients: [[PUT], [REPLACE]],
      clock: SANE_CLOCK,
    },
  },
  {
    name: 'nothing-set-aside',
    what: 'what a row held is not set aside when Couchbase takes the key back',
    kernel: { converge: mutant.keepingNothing },
    focus: force,
  },
  {
    name: 'sealed-through-oracle',
    what: 'seal leaves a key handed off, and goes through Oracle',
    kernel: { read: mutant.readingHandedOff, write: mutant.writingHandedOff },
    focus: {
      ...{ start: 'document', phase: 'settle', walk: ['switch', 'seal', 'expand'], forced: [0, 1, 2] },
      clients: [
        [PUT, PUT, PUT],
        [PUT, PUT, READ],
      ],
      ...{ faults: 3, clock: SANE_CLOCK },
    },
  },
  {
    name: 'taken-over-unseen',
    what: 'settle takes a key over without what Couchbase alone has of it',
    kernel: { converge: mutant.takingOver },
    focus: force,
  },
  {
    name: 'deletion-of-nothing',
    what: 'Oracle remembers no deletion of what it does not have',
    tampering: { nothingDeleted: true },
    focus: {
      ...{ start: 'uncopied', phase: 'settle', walk: ['switch'], forced: [], clock: SANE_CLOCK },
      clients: [
        [DELETE, READ],
        [READ, READ],
      ],
    },
  },
];
