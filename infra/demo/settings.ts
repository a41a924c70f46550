/** What the demo moves: real places, with times as short as they can be, so that it is over in minutes. */
import config from '../crossfade.config.ts';
import type { Settings } from '../settings.ts';

const bucket = { bucket: 'travel', scope: 'inventory' };

export const DEMO = {
  ...config,
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
  /** A bake is 5 seconds; 50 in the configuration that is deployed. */
  timing: { lease: 1000, refresh: 500, request: 4000, call: 750, backfill: 20_000 },
  shadowReads: 0.05,
} satisfies Settings;
