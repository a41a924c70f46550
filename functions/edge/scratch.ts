/** The scratch collection and the scratch table, as certifications use them: through the stores of the product. */
import { setTimeout as sleep } from 'node:timers/promises';
import { OWN, type Ports } from '../certification/check.ts';
import { type Places, portsToCertify } from '../certification/ports.ts';
import { ABOVE, clearOwn } from '../certification/scratch.ts';
import { timeOfLargest } from '../certification/sizes.ts';
import type { Scratch } from '../certification/turn.ts';
import type { Treatment } from '../configuration/certification.ts';
import type { Parsed } from '../configuration/configuration.ts';
import { nameOf } from '../stores/couchbase/connection.ts';
import { CouchbaseStore } from '../stores/couchbase/store.ts';
import { OperatorNeeded, StoreUnavailable, type Target } from '../stores/failure.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { removeRows } from '../stores/oracle/remove_rows.ts';
import { SCRATCH } from '../stores/oracle/schema.ts';
import { OracleStore } from '../stores/oracle/store.ts';
import { type AboutParts, aboutNow } from './about.ts';
import { CLOCK } from './container.ts';

export interface ScratchParts extends AboutParts {
  readonly configuration: Pick<Parsed, 'certification' | 'timing' | 'conflictsPerMinute'>;
  /** Its calls may take as long as those of the largest document. */
  readonly patient: OracleConnection;
  /** Milliseconds that this turn may still take. */
  readonly timeLeft: () => number;
}

export function scratchOver(parts: ScratchParts, treatment: Treatment): Scratch {
  const places = placesOf(parts, treatment);
  const { keyspace, database } = places;
  const ports = portsToCertify(places, {
    ...{ now: CLOCK.wall, steady: CLOCK.steady, random: Math.random, timeLeft: parts.timeLeft },
    ...{ call: parts.configuration.timing.call, durability: treatment.durability },
    sleep: (milliseconds) => sleep(milliseconds),
    after: (milliseconds, act) => {
      const timer = setTimeout(act, milliseconds);
      return () => clearTimeout(timer);
    },
  });
  return {
    ...ports,
    about: () => aboutNow(parts, keyspace, treatment),
    clear: async () => {
      await clearCouchbase(ports, nameOf(keyspace));
      await removeRows(database, OWN, ABOVE, CLOCK.wall());
    },
  };
}

function placesOf({ cluster, database, patient, configuration }: ScratchParts, treatment: Treatment): Places {
  const { certification, timing, conflictsPerMinute } = configuration;
  const { bucket, durability, durabilityImpossible } = treatment;
  const keyspace = { bucket, scope: certification.scope, collection: certification.collection };
  const table = { name: SCRATCH, columns: [], projections: [] };
  const fallBack = durabilityImpossible === 'accept' ? async () => {} : null;
  const couchbase = (timeout: number) =>
    new CouchbaseStore(cluster, keyspace, timeout, { level: durability, fallBack });
  const oracle = (pool: OracleConnection) => new OracleStore(pool, table, Date.now, conflictsPerMinute);
  return {
    ...{ cluster, keyspace, database, table, couchbase: couchbase(timing.call), oracle: oracle(database) },
    large: { couchbase: couchbase(timeOfLargest(timing.call)), oracle: oracle(patient) },
  };
}

/** It is the first thing that is asked of the collection: here it shows that it is not there, or has no index. */
async function clearCouchbase(ports: Ports, collection: string): Promise<void> {
  const target: Target = { store: 'couchbase', operation: 'certify', collection, key: null };
  const cleared = await clearOwn(ports).catch((error: unknown) => {
    if (!(error instanceof OperatorNeeded)) throw error;
    throw new OperatorNeeded(target, `${error.message} ${HOW}`, error);
  });
  if (!cleared)
    throw new StoreUnavailable(
      target,
      false,
      null,
      'There was no time to remove all documents of the certification before.',
    );
}

const HOW =
  'A certification writes into this collection: create it with a primary index, and give the functions’ user the roles that it has on your collections; or name another ' +
  'one as certification of infra/crossfade.config.ts.';
