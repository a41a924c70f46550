/** A store stays away, and moves are forced: what the section "Forcing a move" says. */
import assert from 'node:assert/strict';
import type { Overview } from '../../../functions/operations/overview.ts';
import type { Phase } from '../../../functions/protocol/phase.ts';
import type { Day, Row } from '../day.ts';
import { BAKE, type Field, SETTLING } from '../field.ts';
import { COLLECTIONS } from '../operator.ts';
import { oracleIsAway } from './stores.ts';

/** Of the section that tells how: it is no row of a table. */
const FORCING: Row = {
  table: 'sections',
  signs: ['Forcing a move'],
  advice:
    '`npx crossfade set legacy` (`npx crossfade set expand`, `npx crossfade set settle`), and `npx crossfade force NAME --why … --confirm` for each move ' +
    'that `npx crossfade status` says waits; then `npx crossfade backfill start NAME`, `npx crossfade verify start NAME --repair`, ' +
    '`npx crossfade set-aside list NAME`, `npx crossfade set-aside show NAME KEY`, `npx crossfade set-aside export NAME`',
};

/** Milliseconds for all moves there are: each is a bake and a request after the one before, and some wait for runs. */
const WAY = 300_000;

/** All collections are in this phase. */
export async function arrived(field: Field, phase: Phase): Promise<void> {
  await field.until(`it does not come to ${phase}`, () => whereabouts(field), isAll(phase), WAY);
}

async function whereabouts(field: Field): Promise<readonly Phase[]> {
  return (await field.status()).map(({ effective }) => effective.phase);
}

const isAll = (phase: Phase) => (phases: readonly Phase[]) => phases.every((each) => each === phase);

/** As gates leave it: both stores hold the same, and nothing is on its way. Clients go on afterwards. */
export async function inSettle(field: Field): Promise<void> {
  await placed(field, 'settle', 60_000);
  field.crowd.start();
}

/** Nobody writes, so that there is nobody who acts on the phase before. @param ago milliseconds since the phase began. */
async function placed(field: Field, phase: Phase, ago: number): Promise<void> {
  await field.crowd.stop();
  await field.settled();
  await field.place(phase, ago, 'settle');
  await field.obeyed(phase);
}

/** Its answer to every read and write of a document is that it cannot answer now. */
export async function couchbaseIsAway({ stack }: Field): Promise<void> {
  const action = { kind: 'status', status: 0x86 } as const;
  for (const operation of ['mutateIn', 'lookupIn'] as const)
    await stack.stores.couchbase.fault({ operation, times: null, action });
}

/**
 * A store goes away, and clients go on. None of them may have written since both stores had the same: what was acknowledged before is at
 * risk, and clients would find it missing.
 */
async function breaks(field: Field, away: (field: Field) => Promise<void>): Promise<void> {
  await away(field);
  field.crowd.start();
}

/** Waits of a move other than for its bake. */
function gateOf({ decision }: Overview): boolean {
  const waits = 'conditions' in decision ? decision.conditions.filter(({ holds }) => !holds) : [];
  return waits.length > 0 && waits.every(({ name }) => name !== 'bake');
}

/** Each move that waits for more than its bake is forced, until all collections are there. */
async function forcedTo(field: Field, phase: Phase, why: string): Promise<void> {
  const force = async () => {
    const all = await field.status();
    const waiting = all.filter((each) => each.effective.phase !== phase && gateOf(each));
    // With Oracle away it exits with 1. The controller may have made the move meanwhile.
    await Promise.all(
      waiting.map(({ collection }) => field.crossfade('force', collection, '--why', why, '--confirm')),
    );
    return all.map(({ effective }) => effective.phase);
  };
  await field.until(`it is not forced to ${phase}`, force, isAll(phase), WAY);
}

/** What status says of forced moves, of every collection. Where a store does not answer in time, it tells moves that are healed. */
async function tellsForced(field: Field, moves: readonly string[]): Promise<void> {
  const told = async (collection: string) => {
    const { output, error } = await field.crossfade('status', collection);
    return output + error;
  };
  const movesIn = (text: string) =>
    [...text.matchAll(/FORCED {3}(\S+ → \S+) at /g)].map(([, move]) => move).join(', ');
  for (const collection of COLLECTIONS)
    await field.until(
      `status of ${collection} does not tell these forced moves: ${moves.join(', ')}`,
      () => told(collection),
      (text) => movesIn(text) === moves.join(', '),
    );
}

/** Clients are served again. */
async function served(field: Field): Promise<void> {
  const { acknowledged } = field.crowd.book;
  const look = () => field.crowd.book.acknowledged;
  await field.until('nobody writes', look, (now) => now > acknowledged + 100);
}

/** Until a run is clean, after which status says nothing of forced moves any more. */
async function healed(field: Field): Promise<void> {
  for (const collection of COLLECTIONS)
    await field.until(
      `no verification of ${collection} is clean`,
      () => field.crossfade('verify', 'start', collection, '--repair'),
      ({ code }) => code === 0,
      SETTLING,
    );
  await tellsForced(field, []);
}

/** A document that was acknowledged before a forced move, and that Couchbase never had. */
const AT_RISK = { place: { collection: 'cities', key: 'at-risk/1' }, body: '{"name":"at risk"}' };

/** In `settle`: Couchbase is away for a moment, and Oracle goes away before the receipt of the write is handled. */
async function leavesAtRisk(field: Field): Promise<void> {
  await couchbaseIsAway(field);
  await field.until(
    'no write is acknowledged',
    () => field.app.put(AT_RISK.place, AT_RISK.body),
    ({ status }) => status === 204,
  );
  await oracleIsAway(field);
  await field.stack.stores.couchbase.calm();
}

/** Couchbase decides, and what Oracle held of the document is set aside: in the list, in the export, and by its key. */
async function readsSetAside(field: Field): Promise<void> {
  const { collection, key } = AT_RISK.place;
  assert.equal((await field.app.get(AT_RISK.place)).status, 404);
  const [list, shown, exported] = [
    await field.succeed('set-aside', 'list', collection),
    await field.succeed('set-aside', 'show', collection, key),
    await field.succeed('set-aside', 'export', collection),
  ];
  assert.ok(list.includes(key), list);
  assert.ok(shown.includes(AT_RISK.body), shown);
  assert.ok(exported.includes(key), exported);
}

const ORACLE_AWAY = 'Oracle stays away';

export const AWAY_FOR_GOOD: readonly Day[] = [
  {
    name: 'oracle-away-for-good',
    row: FORCING,
    provoke: async (field) => {
      await placed(field, 'settle', 60_000);
      await breaks(field, leavesAtRisk);
    },
    expect: async (field) => {
      const { output, code } = await field.crossfade('set', 'legacy');
      assert.equal(code, 1, output);
      const told = await field.succeed('force', 'cities', '--why', ORACLE_AWAY);
      assert.match(told, /Not known, because .*oracle/);
      assert.match(told, /Nothing was done/);
    },
    remedy: async (field) => {
      await forcedTo(field, 'legacy', ORACLE_AWAY);
      await tellsForced(field, ['settle → switch', 'switch → seal', 'seal → expand']);
      await served(field);
    },
    healed: async (field) => {
      await field.stack.stores.oracle.calm();
      await served(field);
      await field.succeed('set', 'expand');
      await arrived(field, 'expand');
      for (const collection of COLLECTIONS)
        await field.until(
          `no backfill of ${collection} is clean`,
          () => field.crossfade('backfill', 'start', collection),
          // It is refused until the bake is over.
          ({ code }) => code === 0,
        );
      await tellsForced(field, ['settle → switch', 'switch → seal', 'seal → expand']);
      await healed(field);
      await readsSetAside(field);
    },
  },
  {
    name: 'oracle-back-in-seal',
    row: FORCING,
    provoke: async (field) => {
      await placed(field, 'settle', 60_000);
      await breaks(field, oracleIsAway);
      await field.crossfade('set', 'expand');
    },
    remedy: async (field) => {
      await forcedTo(field, 'seal', ORACLE_AWAY);
      await field.stack.stores.oracle.calm();
    },
    healed: async (field) => {
      // The controller starts the copy-back.
      await arrived(field, 'expand');
      await tellsForced(field, ['settle → switch', 'switch → seal']);
      await served(field);
      await healed(field);
    },
  },
  {
    name: 'couchbase-away-for-good',
    row: FORCING,
    provoke: async (field) => {
      // Too late for the bake, and too early for the verification that the controller would start.
      await placed(field, 'seal', BAKE);
      await breaks(field, couchbaseIsAway);
    },
    remedy: async (field) => {
      await field.succeed('set', 'settle');
      await forcedTo(field, 'settle', 'Couchbase stays away');
      await served(field);
    },
    healed: async (field) => {
      await field.stack.stores.couchbase.calm();
      await tellsForced(field, ['seal → switch', 'switch → settle']);
      await healed(field);
    },
  },
];
