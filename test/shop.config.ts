/** What the tests migrate and deploy, so that whoever changes `infra/crossfade.config.ts` changes nothing here. */
import type { Settings } from '../infra/settings.ts';

export default {
  collections: {
    orders: {
      couchbase: { bucket: 'shop', scope: 'sales', collection: 'orders' },
      oracle: {
        table: 'ORDERS',
        columns: [
          { name: 'CUSTOMER', path: 'customer.id', type: { kind: 'text', bytes: 100 }, nullable: true },
          { name: 'TOTAL', path: 'total', type: { kind: 'number', precision: 12, scale: 2 }, nullable: true },
        ],
      },
    },
    carts: {
      couchbase: { bucket: 'shop', scope: 'sales', collection: 'carts' },
      oracle: { table: 'CARTS' },
    },
  },
  timing: { lease: 30_000, refresh: 5_000, request: 20_000, call: 3_000, backfill: 300_000 },
  shadowReads: 0.01,
  connections: 2,
  grants: { kind: 'scopes' },
  // What waits for a certificate has tests of its own.
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
