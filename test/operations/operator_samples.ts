/** What ports of operations answer with where nobody has said otherwise. */

import type { Measured } from '../../functions/books/space.ts';
import type { OperationPorts } from '../../functions/operations/perform.ts';
import type { RiskPorts } from '../../functions/operations/risks.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { NO_ROW } from '../../functions/protocol/state.ts';
import type { Letter } from '../../functions/records/letter.ts';
import { NOTHING_FOUND, type Walk } from '../../functions/records/preflight.ts';
import type { Entry } from '../../functions/stores/oracle/set_aside.ts';
import type { SqlChange } from '../../functions/stores/oracle/sql_changes.ts';

export const LETTER = { id: 'l', body: 'a receipt', whole: true, state: 'open' } as Letter;
export const ENTRY = { id: 'i', key: 'k', bytes: 3, deleted: false, expires: null, replacedBy: 'a' } as Entry;

export const SQL_CHANGE: SqlChange = {
  ...{ key: 'k', what: 'document', version: '8', handoff: '7', handback: '0', changes: 1 },
  ...{ firstAt: 1, lastAt: 2, user: 'SCOTT', osUser: 'scott', module: 'SQL*Plus' },
};

/** All documents were looked at, and three of them are too large for the API. */
const LOOKED: Walk = {
  ...{ collection: 'orders', range: { after: null, upTo: null }, stamp: '.m', epoch: 1, state: 'done' },
  ...{ doneKey: 'z', started: 1, changed: 2, found: { ...NOTHING_FOUND, checked: 9, tooLarge: 3 } },
  ...{ largeBefore: 0, accepted: 0, acceptedOrphans: 0 },
};

export const NOTHING_MEASURED: Measured = {
  ...{ most: 10, sample: { documents: 0, bytes: 0 }, tombstones: { all: 0, day: 0 }, expiring: 0 },
  ...{ counted: [], aside: { rows: 0, bytes: 0 } },
  ours: {
    ...{ CROSSFADE_RUNS: 0, CROSSFADE_SHARDS: 0, CROSSFADE_FINDINGS: 0 },
    ...{ CROSSFADE_REPAIRS: 0, CROSSFADE_LETTERS: 0, CROSSFADE_AUDIT: 0 },
    ...{ CROSSFADE_ATTEMPTS: 0, CROSSFADE_SUSPECTS: 0 },
  },
};

const CERTIFIED = {
  ...{ run: 'c-1', part: 0, form: 'whole', place: '{}', began: 1, changed: 2, working: false },
  ...{ ended: 2, verdict: 'passed', about: '{}' },
};

/** @param done is told what was asked. */
function certificationPorts(done: string[]): OperationPorts['certification'] {
  return {
    collections: ['orders'],
    evidence: async (collection) => {
      done.push(`asked for the certificate of ${collection}`);
      return { wanted: 'whole', last: null, voids: [] };
    },
    latest: async () => {
      done.push('asked for certifications');
      return [CERTIFIED];
    },
    body: async (run, part) => {
      done.push(`read ${run}/${part}`);
      return '{}';
    },
  };
}

/** @param done is told what was accepted. */
export function largePorts(done: string[]): ReturnType<OperationPorts['acceptLarge']> {
  return {
    walks: async () => [LOOKED],
    accept: async (of, _range, accepted) => void done.push(`accepted ${accepted} of ${of}`),
  };
}

/** @param done is told what was done. */
export function sqlPorts(
  done: string[],
  phase: () => Phase,
): Pick<OperationPorts, 'sqlChanges' | 'decideSql'> {
  const does = async <Result>(what: string, result: Result) => {
    done.push(what);
    return result;
  };
  const of = (collection: string) => ({
    count: async () => 1,
    list: () => does(`listed changes of ${collection}`, [SQL_CHANGE]),
    surroundings: async () => ({ phase: phase(), timely: () => true }),
    row: async () => ({ ...NO_ROW, version: 8n, handoff: 7n }),
    taken: () => true,
    newest: () => 50n,
    replace: () => does(`replaced a row of ${collection}`, true),
    repair: () => does(`sent a receipt of ${collection}`, undefined),
    close: () => does(`closed a change of ${collection}`, true),
    timely: () => true,
  });
  return { sqlChanges: of, decideSql: of };
}

/** Nothing is at risk but one key that is handed off; what is kept in books cannot be told. */
export function riskPorts(
  effective: RiskPorts['effective'],
  away: () => Promise<never>,
  now: () => number,
): RiskPorts {
  return {
    effective,
    ...{ receipts: away, letters: away, underWay: async () => [], history: async () => [] },
    ...{ isOfMapping: () => true, identities: async () => [], conflicts: async () => 0 },
    handedOff: async () => ({ count: 0, next: null }),
    handedOffKeys: async () => ({ keys: ['k'], next: null }),
    ...{ lettersOf: async () => [], conflictKeys: async () => [], unchecked: async () => 0 },
    ...{ count: async () => 0, keys: async () => [], notDurable: async () => null, now },
  } as RiskPorts;
}

/** @param done is told what was asked. */
export function lookingPorts(
  done: string[],
  phase: () => Phase,
): Pick<OperationPorts, 'certification' | 'latencies'> {
  const read = async ({ length }: { readonly length: number }) => {
    done.push(`read ${length} measurements`);
    return [];
  };
  const latencies = { collections: ['orders'], phase: async () => ({ phase: phase() }), read, now: () => 0 };
  return { certification: certificationPorts(done), latencies };
}
