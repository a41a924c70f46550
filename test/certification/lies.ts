/** Stores that lie, each in one way, and the checks that have to notice it. */
import { document } from '../../functions/certification/subject.ts';
import type { Document } from '../../functions/protocol/state.ts';
import { StoreUnavailable } from '../../functions/stores/failure.ts';
import { changed, type Lie, naming, showing, taking } from './lying.ts';
import { TRIAL_LIES } from './trial_lies.ts';

const withoutLastByte = ({ body, expiresAt }: Document) =>
  document(body.subarray(0, body.length - 1), expiresAt);

const BODIES = [
  ...['an-integer-above-2-53', '38-digits', 'numbers-that-no-float-holds'],
  ...['one-number-in-several-spellings', 'an-empty-string-null-and-a-missing-member', 'an-empty-object'],
  ...['escapes-a-lone-surrogate-and-a-null-character', 'escapes-and-names-inside-an-object'],
  ...['characters-of-every-length-in-utf-8', 'a-name-twice', 'names-in-an-odd-order-and-spacing'],
  ...['deep-nesting', 'a-text', 'a-number-as-a-counter-has-it', 'a-number-after-white-space'],
  ...['a-number-that-no-float-holds', 'true-false-or-null', 'json-after-a-byte-order-mark'],
  ...['more-than-4-000-bytes', 'more-than-32-767-bytes', 'no-json', 'no-utf-8', 'one-byte', '8-mib'],
].map((name) => `body-${name}`);

export const LIES: readonly Lie[] = [
  {
    what: 'the last byte of a body gets lost',
    noticed: [...BODIES, 'any-json', 'both.largest', 'rehearsal.short'],
    told: showing((state) =>
      state.content === null ? state : { ...state, content: withoutLastByte(state.content) },
    ),
  },
  {
    what: 'an empty body is no document',
    noticed: ['body-nothing'],
    told: showing((state) => (state.content?.body.length === 0 ? { ...state, content: null } : state)),
  },
  {
    what: 'the name of a request is not kept',
    noticed: ['request-name'],
    told: taking(({ body, expiresAt }) => document(body, expiresAt)),
  },
  {
    what: 'an expiry is a minute late',
    noticed: ['expiry'],
    told: taking((content) =>
      content.expiresAt === null ? content : document(content.body, content.expiresAt + 60_000),
    ),
  },
  {
    what: 'documents do not expire',
    noticed: ['expired', 'couchbase.enumeration'],
    told: taking(({ body }) => document(body)),
  },
  {
    what: 'versions are rounded as a float is',
    noticed: ['versions-64'],
    told: showing((state) => ({ ...state, version: BigInt(Number(state.version)) })),
  },
  {
    what: 'what was never written has a version',
    noticed: ['absent'],
    told: showing((state) => (state.version === 0n ? { ...state, version: 1n } : state)),
  },
  {
    what: 'keys that differ in case alone are one',
    noticed: ['odd-keys'],
    told: naming((key) => key.toLowerCase()),
  },
  {
    what: 'a key that is too long is cut, and an impossible one mended',
    noticed: ['impossible-keys'],
    told: naming((key) => `k${key.slice(0, 200).toWellFormed()}`),
  },
  {
    what: 'the first key of a page is passed over',
    noticed: ['enumeration'],
    told: (ports) => ({
      ...ports,
      keys: {
        couchbase: async (shard, limit) => (await ports.keys.couchbase(shard, limit)).slice(1),
        oracle: async (shard, limit) => (await ports.keys.oracle(shard, limit)).slice(1),
      },
    }),
  },
  {
    what: 'somebody else has a document there',
    noticed: ['scratch.own'],
    told: (ports) => ({ ...ports, keys: { ...ports.keys, oracle: async () => ['somebody'] } }),
  },
  {
    what: 'no replica is up',
    noticed: ['couchbase.durability'],
    told: (ports) => ({
      ...ports,
      durability: { level: 'majority', problem: async () => 'DURABILITY_IMPOSSIBLE' },
    }),
  },
  {
    what: 'conditions are not looked at',
    noticed: [
      ...['oracle.create-only', 'oracle.expected-version', 'oracle.deleted', 'one-version'],
      ...['one-creation', 'deletion-beside-write', 'new-version'],
    ],
    told: (ports) => {
      const { couchbase, oracle } = ports;
      const blindly = async (key: string, act: (cas: bigint) => Promise<bigint | null>) => {
        for (;;) {
          const { cas } = await couchbase.read(key, {});
          const done = await act(cas);
          if (done !== null) return done;
        }
      };
      return changed(ports, {
        couchbase: {
          swap: (key, args) => blindly(key, (cas) => couchbase.swap(key, { ...args, cas })),
          erase: (key) => blindly(key, async (cas) => (cas === 0n ? 1n : couchbase.erase(key, { cas }))),
        },
        oracle: {
          write: async (key, args) =>
            (await oracle.write(key, { ...args, condition: { kind: 'none' } })) ?? 1n,
          swap: async (key, { to }) => oracle.swap(key, { from: await oracle.read(key, {}), to }),
        },
      });
    },
  },
  {
    what: 'a write tells the version before its own',
    noticed: ['read-back', 'versions-rise', 'unconditional', 'couchbase.deleted'],
    told: (ports) =>
      changed(ports, {
        couchbase: {
          upsert: async (key, args) => {
            await ports.couchbase.upsert(key, args);
            return 1n;
          },
        },
        oracle: {
          write: async (key, args) => ((await ports.oracle.write(key, args)) === null ? null : 1n),
        },
      }),
  },
  {
    what: 'any copy is taken, and also an older one',
    noticed: ['copies', 'racing-copies', 'tombstone', 'oracle.deletion-of-nothing'],
    told: (ports) => {
      const { couchbase, oracle } = ports;
      return changed(ports, {
        couchbase: {
          // Of a copy it shows a lower version than it has: whatever comes counts as newer.
          read: async (key) => {
            const state = await couchbase.read(key, {});
            return state.version === state.cas ? state : { ...state, version: state.version - 9n };
          },
        },
        oracle: {
          apply: async (key, { content, version }) => {
            const from = await oracle.read(key, {});
            return oracle.swap(key, { from, to: { ...from, content, version } });
          },
        },
      });
    },
  },
  {
    what: 'what is there looks absent',
    noticed: ['couchbase.create-only', 'couchbase.expected-version', 'read-back'],
    told: showing((state) => ({ ...state, content: null })),
  },
  {
    what: 'every third read is answered with the first state that was read',
    noticed: ['readers', 'rehearsal.short'],
    told: (ports) => {
      const first = new Map<string, unknown>();
      let reads = 0;
      const stale = async <State>(place: string, reading: Promise<State>): Promise<State> => {
        const now = await reading;
        if (!first.has(place)) first.set(place, now);
        return ++reads % 3 === 0 ? (first.get(place) as State) : now;
      };
      return changed(ports, {
        couchbase: { read: (key) => stale(`c ${key}`, ports.couchbase.read(key, {})) },
        oracle: { read: (key) => stale(`o ${key}`, ports.oracle.read(key, {})) },
      });
    },
  },
  {
    what: 'Oracle acknowledges copies, and forgets them',
    noticed: ['rehearsal.short'],
    told: (ports) => changed(ports, { oracle: { apply: async () => true } }),
  },
  {
    what: 'Couchbase brings back what was deleted',
    noticed: ['rehearsal.short', 'couchbase.deleted'],
    told: (ports) => changed(ports, { couchbase: { remove: async () => 1n, erase: async () => 1n } }),
  },
  {
    what: 'Oracle acknowledges what it orders by itself, and forgets one in five',
    noticed: ['rehearsal.short', 'oracle.versions-rise'],
    told: (ports) => {
      let writes = 0;
      const { oracle } = ports;
      return changed(ports, {
        oracle: {
          write: async (key, args) =>
            ++writes % 5 === 0 && args.condition.kind === 'none' && !args.handedOff
              ? (await oracle.read(key, {})).version
              : oracle.write(key, args),
        },
      });
    },
  },
  {
    what: 'a write of a locked row is told as done',
    noticed: ['oracle.locked-row'],
    told: (ports) =>
      changed(ports, {
        oracle: { apply: (key, args) => ports.oracle.apply(key, args).catch(() => true) },
      }),
  },
  {
    what: 'a write of a locked row is told as one that is refused for good',
    noticed: ['oracle.locked-row'],
    told: (ports) =>
      changed(ports, {
        oracle: {
          apply: (key, args) =>
            ports.oracle.apply(key, args).catch((error: unknown) => {
              throw error instanceof StoreUnavailable ? new Error('for good') : error;
            }),
        },
      }),
  },
  {
    what: 'a write in a killed session is done',
    noticed: ['oracle.killed-session'],
    told: (ports) => ({
      ...ports,
      outside: { ...ports.outside, killSession: async () => ({ kind: 'done', value: null }) },
    }),
  },
  ...TRIAL_LIES,
];
