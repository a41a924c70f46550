/** The six phases of a migration, the flags that ask for them, and the moves between them. */

/** A store a document can live in. */
export type StoreName = 'couchbase' | 'oracle';

/** Phases in the order in which a migration walks them; neighbours in this list may run side by side. */
export const PHASES = ['legacy', 'expand', 'seal', 'switch', 'settle', 'contract'] as const;
export type Phase = (typeof PHASES)[number];

export function isPhase(name: string): name is Phase {
  return (PHASES as readonly string[]).includes(name);
}

/** What operators ask for: the three SSM parameters. */
export interface Flags {
  readonly couchbaseWrites: boolean;
  readonly oracleWrites: boolean;
  readonly reads: StoreName;
}

/** What a router does in one phase. */
export interface Route {
  readonly flags: Flags;
  /** The store that decides whether a write happened and that reads are answered from. */
  readonly first: StoreName;
  /** The store that is written second, if any. */
  readonly second: StoreName | null;
  /** How a write is ordered: by Couchbase, by Couchbase with Oracle sealed to it, or by Oracle. */
  readonly order: 'couchbase' | 'sealed' | 'oracle';
  /** `first`: a receipt may stand in for the second store. `both`: only the second store itself will do. */
  readonly acknowledge: 'first' | 'both';
}

const couchbaseOnly = { couchbaseWrites: true, oracleWrites: false, reads: 'couchbase' } as const;
const bothReadCouchbase = { couchbaseWrites: true, oracleWrites: true, reads: 'couchbase' } as const;
const bothReadOracle = { couchbaseWrites: true, oracleWrites: true, reads: 'oracle' } as const;
const oracleOnly = { couchbaseWrites: false, oracleWrites: true, reads: 'oracle' } as const;

/** The phase table; a phase without a row does not compile. */
export const ROUTES = {
  legacy: {
    flags: couchbaseOnly,
    first: 'couchbase',
    second: null,
    order: 'couchbase',
    acknowledge: 'first',
  },
  expand: {
    flags: bothReadCouchbase,
    first: 'couchbase',
    second: 'oracle',
    order: 'couchbase',
    acknowledge: 'first',
  },
  seal: {
    flags: bothReadCouchbase,
    first: 'couchbase',
    second: 'oracle',
    order: 'sealed',
    acknowledge: 'both',
  },
  switch: {
    flags: bothReadOracle,
    first: 'couchbase',
    second: 'oracle',
    order: 'sealed',
    acknowledge: 'both',
  },
  settle: {
    flags: bothReadOracle,
    first: 'oracle',
    second: 'couchbase',
    order: 'oracle',
    acknowledge: 'first',
  },
  contract: { flags: oracleOnly, first: 'oracle', second: null, order: 'oracle', acknowledge: 'first' },
} as const satisfies Record<Phase, Route>;

/** The stores that requests need in a phase, the first one first. */
export function storesOf(phase: Phase): readonly StoreName[] {
  const { first, second } = ROUTES[phase];
  return second === null ? [first] : [first, second];
}

/** The phases that operators can ask for; `seal` and `switch` are only ever passed through. */
export const RESTING_PHASES = ['legacy', 'expand', 'settle', 'contract'] as const satisfies readonly Phase[];

/** The phase that a combination of flags asks for, or why that combination is refused. */
export function wantedPhase(flags: Flags): { phase: Phase } | { refused: string } {
  for (const phase of RESTING_PHASES) if (sameFlags(ROUTES[phase].flags, flags)) return { phase };
  if (!flags.couchbaseWrites && !flags.oracleWrites)
    return {
      refused:
        'couchbase-writes and oracle-writes are both false: every write would be lost. Set one of them to true.',
    };
  const store = flags.reads;
  return {
    refused: `reads is ${store} but ${store}-writes is false: reads would go stale. Set ${store}-writes to true, or point reads at the other store.`,
  };
}

/** The neighbour of `from` on the way to `to`; `from` itself when there. Never skips a phase. */
export function nextPhase(from: Phase, to: Phase): Phase {
  const step = Math.sign(PHASES.indexOf(to) - PHASES.indexOf(from));
  return PHASES[PHASES.indexOf(from) + step] as Phase;
}

function sameFlags(a: Flags, b: Flags): boolean {
  return a.couchbaseWrites === b.couchbaseWrites && a.oracleWrites === b.oracleWrites && a.reads === b.reads;
}
