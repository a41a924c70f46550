/** What goes wrong at once: processes die, connections break, answers are lost, servers come back with less than they had. */
import { setTimeout } from 'node:timers/promises';
import type { Stage } from '../../infra/demo/stage.ts';

/** @param name under which a server counts what it strikes. @returns how many it has struck so far; null where a server counts it. */
export type Blow = (stage: Stage, name: string) => Promise<number | null>;

/** Messages that are delivered once more. */
const AGAIN = 20;
/** Milliseconds for which a replica is behind before its node fails over. */
const LAG = 1000;
/** Calls that a fault strikes. */
const CALLS = 5;

const killed = (entry: Parameters<Stage['local']['deployment']['entry']>[0]): Blow => {
  return async ({ local }) => {
    local.deployment.entry(entry).kill();
    return 1;
  };
};
const oracle = (
  action: Parameters<Stage['local']['oracle']['fault']>[0]['action'],
  operation: 'execute' | 'commit' = 'execute',
): Blow => {
  return async ({ local }, name) => {
    await local.oracle.fault({ operation, statement: null, times: CALLS, action, name });
    return null;
  };
};
/** `write`: whatever changes a document. In `expand` that are plain writes, and edits inside a document only from `seal` on. */
const COUCHBASE = {
  write: ['set', 'add', 'replace', 'delete', 'mutateIn'],
  read: ['lookupIn'],
} as const;
const couchbase = (
  what: keyof typeof COUCHBASE,
  action: Parameters<Stage['local']['couchbase']['fault']>[0]['action'],
): Blow => {
  return async ({ local }, name) => {
    for (const operation of COUCHBASE[what])
      await local.couchbase.fault({ operation, times: CALLS, action, name });
    return null;
  };
};

/** Durable writes wait for the replica, so nothing that was acknowledged is lost. */
const failedOver = (failover: { readonly node?: number } = {}): Blow => {
  return async ({ local: { couchbase: server } }) => {
    await server.lagReplication();
    await setTimeout(LAG);
    await server.failOver(failover);
    await server.nodesBack();
    return 1;
  };
};

export const BLOWS: Readonly<Record<string, Blow>> = {
  'kill -9 of the API’s containers': killed('api'),
  'kill -9 of the reconciler': killed('reconcile'),
  'kill -9 of the backfill': killed('backfill'),
  'kill -9 of the verification': killed('verify'),
  'kill -9 of the planner': killed('plan'),
  'kill -9 of the controller': killed('control'),
  'kill -9 of Oracle, which starts again': async ({ local }) => {
    await local.oracle.restart();
    return 1;
  },
  'kill -9 of Couchbase, which starts again': async ({ local }) => {
    await local.couchbase.restart();
    return 1;
  },
  'Oracle does it, and the connection breaks': oracle({ kind: 'drop', applied: true }),
  'the connection to Oracle breaks': oracle({ kind: 'drop', applied: false }),
  'Oracle does it, and says nothing': oracle({ kind: 'silence', applied: true }),
  'Oracle is slow': oracle({ kind: 'delay', milliseconds: 600 }),
  'a commit is lost on its way': oracle({ kind: 'drop', applied: false }, 'commit'),
  'Couchbase writes it, and the connection breaks': couchbase('write', { kind: 'drop', applied: true }),
  'the connection to Couchbase breaks': couchbase('write', { kind: 'drop', applied: false }),
  'Couchbase writes it, and says nothing': couchbase('write', { kind: 'silence', applied: true }),
  'Couchbase reads slowly': couchbase('read', { kind: 'delay', milliseconds: 600 }),
  'Couchbase is busy': couchbase('write', { kind: 'status', status: 0x86 }),
  'a node of Couchbase fails over, and its replica was behind': failedOver(),
  'one node of three of Couchbase fails over, and its replicas were behind': failedOver({ node: 1 }),
  'messages come twice': async (stage) => {
    await stage.deliverAgain(AGAIN);
    return AGAIN;
  },
};
