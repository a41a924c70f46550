/** Everything around the function that reads topics, which can be made to fail, and events as Lambda gives them to it. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { parseConfiguration } from '../../functions/configuration/configuration.ts';
import type { Container } from '../../functions/edge/container.ts';
import { kafkaFeed } from '../../functions/edge/kafka_feed.ts';
import { KeyNames } from '../../functions/edge/key_names.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { RecentReceipts, type Taken } from '../../functions/routing/changes.ts';
import { Selection } from '../../functions/stores/selection.ts';

const collection = (name: string, kafka: object) => ({
  couchbase: { bucket: 'shop', scope: 'sales', collection: name },
  ...{ oracle: { table: name.toUpperCase() }, feed: { kafka } },
});
const shared = (table: string, include: string) => ({
  ...collection('papers', { topic: 'papers' }),
  ...{ oracle: { table }, keys: { include: [include] } },
});
const CONFIGURATION = parseConfiguration(
  {
    collections: {
      orders: collection('orders', { topic: 'orders' }),
      carts: collection('carts', { topic: 'cart.keys', values: 'none' }),
      // Both over the same documents, and with the topic of them.
      ...{ bills: shared('BILLS', 'bill::*'), dues: shared('DUES', 'due::*') },
    },
    timing: { lease: 30_000, refresh: 5_000, request: 20_000, call: 3_000, backfill: 300_000 },
    connections: 2,
  },
  'test',
);
export const NOW = 1_700_000_001_000;
/** A second before. */
export const CAS = 1_700_000_000_000_000_000n;
export const TARGET = { store: 'oracle', operation: 'read', collection: 'ORDERS', key: null } as const;

export class World {
  phase: Phase | null = 'expand';
  remaining = 20_000;
  queueIsAway = false;
  /** What Oracle says of the keys that it is asked for; no row where it does not say. */
  rows = new Map<string, { readonly version: bigint; readonly gone: boolean }>();
  oracle: (keys: readonly string[]) => void = () => {};
  readonly asked: (readonly string[])[] = [];
  readonly sent: string[] = [];
  readonly lost: string[] = [];
  readonly probes: string[] = [];
  readonly counted = new Map<string, number>();
  readonly lines: string[] = [];

  invoke(event: unknown): Promise<unknown> {
    const logger = new Logger({ logLevel: 'SILENT' });
    const metrics = new Metrics({ namespace: 'Test', logger });
    metrics.addMetric = (name: string, _: unknown, count: number) => {
      this.counted.set(name, (this.counted.get(name) ?? 0) + count);
      return metrics;
    };
    const phases = {
      current: async () => {
        if (this.phase === null) throw new Error('the phase is not known');
        return { phase: this.phase };
      },
    } as unknown as Container['phases'];
    logger.warn = (...told: unknown[]) => void this.lines.push(JSON.stringify(told));
    const parts = {
      configuration: CONFIGURATION,
      phases,
      metrics,
      logger,
      keys: new KeyNames(null, () => 0),
    };
    const took = (_: string, { receipts, known, notTaken }: Taken, lag: number) => {
      this.counted.set('receipts', receipts).set('known', known).set('lag', lag);
      this.counted.set('notTaken', (this.counted.get('notTaken') ?? 0) + notTaken);
    };
    const handler = kafkaFeed(parts, { ports: this.#ports, took, now: () => NOW });
    const context = { functionName: 'f', getRemainingTimeInMillis: () => this.remaining };
    return handler(event, context as Context) as Promise<unknown>;
  }

  readonly #selections = Object.fromEntries(
    Object.entries(CONFIGURATION.collections).map(([name, { keys }]) => [name, new Selection(keys)]),
  );
  readonly #recent = new RecentReceipts(5000, () => 0);
  get #ports() {
    return {
      taking: (name: string, key: string) => this.#selections[name]?.of(key) ?? 'taken',
      versions: async (_: string, keys: readonly string[]) => {
        this.asked.push(keys);
        this.oracle(keys);
        return keys.map((key) => ({
          ...{ version: 0n, handoff: null, handback: 0n, gone: true, expired: false },
          ...this.rows.get(key),
        }));
      },
      send: async ({ collection: name, key }: { collection: string; key: string }) => {
        if (!this.queueIsAway) this.sent.push(`${name} ${key}`);
        return !this.queueIsAway;
      },
      cameBack: async (_: string, key: string) => void this.probes.push(key),
      lost: async (_: string, keys: readonly string[]) => void this.lost.push(...keys),
      recent: this.#recent,
    };
  }
}

export const base64 = (text: string) => Buffer.from(text).toString('base64');
export const value = (key: string, cas = CAS, event = 'mutation', bucket = 'shop') =>
  base64(`{"event":"${event}","bucket":"${bucket}","key":${JSON.stringify(key)},"cas":${cas}}`);

interface Given {
  readonly topic?: string;
  readonly partition?: number;
  readonly key?: string | null;
  readonly value?: string | null;
}
export function event(...records: readonly Given[]) {
  const all = records.map(({ topic = 'orders', partition = 0, key = 'k', ...more }, offset) => ({
    ...{ topic, partition, offset, timestamp: NOW - 500, timestampType: 'CREATE_TIME', headers: [] },
    ...{ key: key === null ? null : base64(key), ...more },
  }));
  const named = Map.groupBy(all, ({ topic, partition }) => `${topic}-${partition}`);
  return { eventSource: 'aws:kafka', eventSourceArn: 'arn', records: Object.fromEntries(named) };
}
/** So many records of different keys, over three partitions. */
export const many = (count: number) =>
  event(...Array.from({ length: count }, (_, n) => ({ partition: n % 3, value: value(`k${n}`) })));
