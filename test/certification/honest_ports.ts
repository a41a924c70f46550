/** The ports of a certification over the reference in memory: what no lie is told about. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ports } from '../../functions/certification/check.ts';
import { StoreUnavailable, type Target } from '../../functions/stores/failure.ts';
import { requireContent, requireKey } from '../../functions/stores/storable.ts';
import { Reference } from '../stores/reference.ts';
import { Operator } from './operator.ts';

const target = (store: Target['store'], key: string) =>
  ({ store, operation: 'write', collection: 'reference', key }) as const;

/** Milliseconds for one call. */
const CALL = 20;

export function honestPorts(): Ports {
  const reference = new Reference(Date.now);
  const locked = new Set<string>();
  const requires = (store: Target['store']) => ({
    require: (key: string, content: Parameters<typeof requireContent>[0]) => {
      requireKey(target(store, key));
      requireContent(content, target(store, key));
    },
  });
  const { oracle } = reference;
  const away = (key: string) => new StoreUnavailable(target('oracle', key), true, new Error('DPI-1067'));
  const apply: typeof oracle.apply = async (key, args) => {
    if (!locked.has(key)) return oracle.apply(key, args);
    await sleep(CALL);
    throw away(key);
  };
  const operator = new Operator();
  const stores = {
    couchbase: { ...operator.over('couchbase', reference.couchbase), ...requires('couchbase') },
    oracle: { ...operator.over('oracle', { ...oracle, apply }), ...requires('oracle') },
  };
  return {
    ...{ ...stores, large: stores, broken: operator.broken, tell: operator.tell },
    keys: {
      couchbase: (shard, limit) => reference.keys('couchbase', shard, limit),
      oracle: (shard, limit) => reference.keys('oracle', shard, limit),
    },
    outside: {
      lockRow: async (key) => {
        locked.add(key);
        return async () => void locked.delete(key);
      },
      killSession: async (key) => ({ kind: 'done', value: away(key) }),
    },
    durability: { level: 'majority', problem: async () => null },
    ...{ now: Date.now, steady: () => performance.now(), random: Math.random, call: CALL },
    sleep: (milliseconds) => sleep(milliseconds),
    after: (milliseconds, act) => {
      const timer = setTimeout(act, milliseconds);
      return () => clearTimeout(timer);
    },
    timeLeft: () => Number.POSITIVE_INFINITY,
  };
}
