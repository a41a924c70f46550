/** What a look has read of stores of which nothing is known but that they answer. */
import { type CouchbaseFacts, known, type OracleFacts, unknown } from '../../functions/stores/facts.ts';
import { BULK_LIMITS } from '../../functions/stores/load.ts';

export const NOBODY = unknown('it was not asked');
export const SAFE = { encrypted: true, verified: true, how: 'a public authority' };

export const ORACLE: OracleFacts = {
  ...{ answers: known(null), encryption: known(SAFE), version: NOBODY, characterSet: NOBODY },
  ...{ sorting: NOBODY, profile: NOBODY, account: NOBODY, quotas: NOBODY, role: NOBODY, database: NOBODY },
  ...{ standbys: NOBODY, undoRetention: NOBODY, tables: NOBODY, missingRights: NOBODY },
  ...{ surplusRights: NOBODY, triggers: NOBODY },
  ...{ skew: NOBODY, latency: NOBODY, readings: {} },
};
export const ORACLE_WANTED = {
  side: 'functions',
  bulkLimits: BULK_LIMITS,
  call: 3000,
  sessions: 100,
  logins: ['serve'],
  needs: [],
} as const;

export const COUCHBASE: CouchbaseFacts = {
  ...{ answers: known(null), encryption: known(SAFE), nodes: NOBODY, roles: NOBODY },
  ...{ buckets: {}, collections: {}, replications: NOBODY, functions: NOBODY },
  ...{ skew: NOBODY, latency: NOBODY },
};
