/** A configuration that says everything, in a form that is taken as it is. */
import { BULK_LIMITS } from '../../functions/stores/load.ts';

export const column = {
  name: 'TOTAL',
  path: 'total',
  type: { kind: 'number', precision: 12, scale: 2 },
  nullable: true,
};
export const collection = {
  couchbase: { bucket: 'shop', scope: 'sales', collection: 'orders' },
  oracle: { table: 'ORDERS', columns: [column] },
};
/** In the long form, which short ones stand for. */
export const projection = {
  table: 'ORDER_LINES',
  where: [
    { kind: 'key', pattern: 'order::*' },
    { kind: 'equals', path: 'type', value: 'order' },
    { kind: 'present', path: 'lines' },
  ],
  each: 'lines',
  most: 500,
  columns: [
    {
      ...{ name: 'SKU', source: { kind: 'element', path: 'sku' } },
      ...{ type: { kind: 'text', length: 40, unit: 'characters' } },
      ...{ missing: { kind: 'refuse' }, misfit: { kind: 'refuse' } },
    },
    {
      ...{ name: 'PRICE', source: { kind: 'element', path: 'price' } },
      ...{ type: { kind: 'number', precision: 12, scale: 2 }, missing: { kind: 'null' } },
      ...{ misfit: { kind: 'round', rule: 'half-even' }, tolerate: 100 },
    },
    {
      ...{ name: 'ORDERED', source: { kind: 'document', path: 'at' } },
      type: { kind: 'timestamp', zone: true, fraction: 3, formats: ['iso', 'milliseconds'] },
      ...{ missing: { kind: 'null' }, misfit: { kind: 'null' } },
    },
    {
      ...{ name: 'TENANT', source: { kind: 'key', separator: '::', part: 1 } },
      type: { kind: 'raw', length: 16, encoding: 'base64' },
      ...{ missing: { kind: 'null' }, misfit: { kind: 'refuse' } },
    },
    {
      ...{ name: 'CURRENCY', source: { kind: 'constant', value: 'EUR' } },
      type: { kind: 'text', length: 3, unit: 'bytes' },
      ...{ missing: { kind: 'default', value: 'EUR' }, misfit: { kind: 'refuse' } },
    },
  ],
  identifiedBy: ['SKU'],
  foreignKey: true,
  indexes: [['PRICE', 'DOC_KEY']],
} as const;
export const durable = { durability: 'persistToMajority', durabilityImpossible: 'accept' } as const;
export const timing = { lease: 30_000, refresh: 5_000, request: 20_000, call: 3_000, backfill: 300_000 };
export const good = {
  collections: {
    orders: {
      ...{ ...collection, ...durable, unstorable: 'accept', feed: { quiet: 7_200_000, silent: 60_000 } },
      moves: { hold: ['switch'] },
      keys: { include: ['order::*'], ignore: [] },
      oracle: { ...collection.oracle, projections: [projection] },
      loadProof: null,
    },
  },
  timing,
  shadowReads: 0.5,
  loadProof: {
    ramp: [{ percent: 5, minutes: 1 }],
    limits: {
      reads: { p50: { timesCouchbase: 2 }, p99: 20 },
      ...{ writes: { p50: 5, p99: 50 }, errors: 0.5, least: 500 },
    },
  },
  connections: 4,
  conflictsPerMinute: 50,
  mostTombstones: 2000,
  retention: { findings: 120, letters: null, repairs: 30, conflicts: 400 },
  bulkLimits: { ...BULK_LIMITS, standbyLag: null, temp: { slow: 1, pause: 2, resume: 2 } },
  followerTime: { least: 50, most: 400 },
  callers: { perSecond: 100, burst: 300 },
  certification: { wanted: 'short', scope: 'own', collection: 'scratch' },
  grants: { kind: 'claim', claim: 'crossfade' },
  fourEyes: ['force'],
  keysInPath: 'accept',
  moves: {
    hold: true,
    windows: [{ opens: '0 2 * * SAT', zone: 'Europe/Berlin', minutes: 240 }],
    ramp: [
      { percent: 5, minutes: 20 },
      { percent: 100, minutes: 60 },
    ],
  },
  guard: { minutes: 15, failed: 0.02, slower: 3, floor: 250, requests: 500 },
} as const;
