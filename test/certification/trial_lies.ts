/** Stores that lie while an operator has broken something. */
import { OperatorNeeded, PoisonDocument } from '../../functions/stores/failure.ts';
import { changed, type Lie } from './lying.ts';

export const TRIAL_LIES: readonly Lie[] = [
  {
    what: 'every second write of what is broken is told as done',
    noticed: ['oracle.no-room', 'oracle.restart', 'couchbase.failover', 'couchbase.no-memory'],
    told: (ports) => {
      let isBroken = false;
      let writes = 0;
      const { couchbase, oracle, tell } = ports;
      const told = async (writing: Promise<bigint | null>) => {
        try {
          return await writing;
        } catch (error) {
          if (!isBroken || ++writes % 2 === 0) throw error;
          return BigInt(Date.now()) * 1_000_000n;
        }
      };
      return {
        ...changed(ports, {
          couchbase: { upsert: (key, args) => told(couchbase.upsert(key, args)) as Promise<bigint> },
          oracle: { write: (key, args) => told(oracle.write(key, args)) },
        }),
        tell: async (asked) => {
          isBroken = true;
          await tell(asked);
        },
      };
    },
  },
  {
    what: 'a write that finds no room is told as one that is refused for good',
    noticed: ['oracle.no-room'],
    told: (ports) =>
      changed(ports, {
        oracle: {
          apply: (key, args) =>
            ports.oracle.apply(key, args).catch((error: unknown) => {
              throw error instanceof OperatorNeeded ? new PoisonDocument(error.target, 'for good') : error;
            }),
        },
      }),
  },
];
