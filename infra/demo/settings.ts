/**
 * What the demo moves: real places, with times as short as they can be, so that it is over in minutes. Nothing is taken from
 * `infra/crossfade.config.ts`: the demo works whatever is written there.
 */
import { QUICK } from '../local/quick.ts';
import type { Settings } from '../settings.ts';
import { TRAVEL_TABLES } from './travel_tables.ts';

const bucket = { bucket: 'travel', scope: 'inventory' };

export const DEMO = {
  collections: {
    cities: {
      couchbase: { ...bucket, collection: 'cities' },
      oracle: {
        table: 'CITIES',
        columns: [
          { name: 'CITY', path: 'name', type: { kind: 'text', bytes: 400 }, nullable: true },
          { name: 'COUNTRY', path: 'country', type: { kind: 'text', bytes: 2 }, nullable: true },
        ],
      },
    },
    countries: {
      couchbase: { ...bucket, collection: 'countries' },
      oracle: {
        table: 'COUNTRIES',
        columns: [
          { name: 'AREA', path: 'area', type: { kind: 'number', precision: 12, scale: 2 }, nullable: true },
        ],
      },
    },
  },
  timing: QUICK,
  shadowReads: 0.05,
  connections: 2,
  grants: { kind: 'scopes' },
  // The demo certifies beside, and whatever else is played on this stage begins at once.
  certification: { wanted: 'none' },
  deployment: {
    name: 'Crossfade',
    parameters: '/crossfade',
    secrets: {
      couchbase: 'crossfade/couchbase',
      oracle: 'crossfade/oracle',
      oracleWork: 'crossfade/oracle-work',
      oracleControl: 'crossfade/oracle-control',
      oracleOwner: 'crossfade/oracle-owner',
    },
    tokens: { issuer: 'https://login.example.com/', audience: ['crossfade'] },
    concurrency: { api: 29, reconcile: 5, backfill: 8, verify: 4 },
    verification: { hours: 24, mode: 'version' },
    oracleSessions: 100,
    network: null,
    architecture: 'x64',
    logRetentionDays: 90,
  },
} satisfies Settings;

/**
 * The same, where a change feed tells of what an old service writes straight into Couchbase: so the move to `seal` waits until nobody has done so for longer than a
 * receipt of the feed is on its way.
 */
export const WITH_FEED = {
  ...DEMO,
  collections: {
    ...DEMO.collections,
    countries: { ...DEMO.collections.countries, feed: { quiet: 8000, silent: 20_000 } },
  },
} satisfies Settings;

/** The same, with one collection that holds documents of five types, each of which goes into tables of its own. */
export const WITH_TABLES = {
  ...WITH_FEED,
  collections: {
    ...WITH_FEED.collections,
    travel: {
      couchbase: { ...bucket, collection: 'travel' },
      oracle: { table: 'TRAVEL', projections: TRAVEL_TABLES },
    },
  },
} satisfies Settings;

/** The collection whose keys go by shares where the demo shows a ramp. */
export const GUARDED = 'cities';

/** With a guard that judges by few requests and soon, and by more than a busy machine makes of them. A step of a ramp lasts a minute at the least. */
export const WITH_RAMP = {
  ...DEMO,
  moves: { ramp: [10, 100].map((percent) => ({ percent, minutes: 1 })) },
  guard: { minutes: 1, failed: 0.05, slower: 4, floor: 1000, requests: 20 },
} satisfies Settings;
