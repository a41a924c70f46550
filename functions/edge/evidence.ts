/** Asks the stores and the queues for what moves are decided on. */
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Feed } from '../configuration/feed.ts';
import type { LoadProof } from '../configuration/load_proof.ts';
import type { CollectionEvidence, Evidence, Missing } from '../control/evidence.ts';
import { evidenceOf, withSetAside } from '../control/history.ts';
import { type SetAsideCount, setAsideCount } from '../control/letters.ts';
import { preflightEvidence } from '../control/preflight.ts';
import type { Remains } from '../control/retire.ts';
import { leniencies } from '../operations/leniencies.ts';
import type { Phase } from '../protocol/phase.ts';
import type { Walk } from '../records/preflight.ts';
import type { Kind } from '../records/run.ts';
import type { Both } from '../runs/ports.ts';
import { isOfMapping } from '../runs/stamp.ts';
import { type Reach, unreached } from '../stores/reach.ts';
import { feedEvidence } from './feed.ts';
import { proofEvidence } from './load_proof.ts';
import { namedTables } from './named_tables.ts';
import { probeKeys } from './probe_keys.ts';
import { countsOf } from './queue.ts';
import type { Stores } from './stores.ts';

export interface EvidenceQueues {
  readonly RECEIPTS_QUEUE: string;
  readonly DEAD_LETTERS_QUEUE: string;
}

/** What is asked of the stores: all of it is there in each deployment, and in each test. */
export interface EvidenceStores {
  of(collection: string): {
    readonly couchbase: Pick<Both['couchbase'], 'read' | 'durabilityProblem'>;
    readonly oracle: Pick<Both['oracle'], 'read'>;
    readonly keyspace: Pick<Both['keyspace'], 'bucket'>;
    readonly table: Pick<Both['table'], 'name' | 'projections'>;
  };
  mapping(collection: string): unknown;
  readonly letters: Pick<Stores['letters'], 'count'>;
  readonly ledger: Pick<Stores['ledger'], 'history' | 'underWay'>;
  readonly findings: Pick<Stores['findings'], 'unsettled'>;
  readonly notDurable: Pick<Stores['notDurable'], 'until'>;
  readonly setAside: Pick<Stores['setAside'], 'openConflicts'>;
  readonly sqlChanges: Pick<Stores['sqlChanges'], 'count'>;
  readonly identity: Pick<Stores['identity'], 'sights'>;
  readonly preflights: Pick<Stores['preflights'], 'all' | 'of'>;
  readonly certificate: Pick<Stores['certificate'], 'latest' | 'of'>;
  readonly feeds: Pick<Stores['feeds'], 'seen' | 'foreign'>;
  readonly loadProofs: Pick<Stores['loadProofs'], 'since'>;
  feedOf(collection: string): Feed | null;
  loadProofOf(collection: string): LoadProof | null;
}

/** Runs of each kind that are looked through for the last that counts. */
const HISTORY = 50;

/** Of one look: what is the same for all collections in `legacy` is asked once, however many there are. */
export interface OfLegacy {
  walks(collection: string): Promise<Walk[]>;
  certificate(collection: string): ReturnType<Stores['certificate']['of']>;
}

export function askedOnce(stores: EvidenceStores): OfLegacy {
  const walks = shared(() => stores.preflights.all());
  const latest = shared(() => stores.certificate.latest());
  return {
    walks: async (collection) => {
      const mapping = stores.mapping(collection);
      return (await walks()).filter((walk) => walk.collection === collection && isOfMapping(walk, mapping));
    },
    certificate: (collection) => stores.certificate.of(collection, latest),
  };
}

/** An answer that all share; what has failed is asked again. */
function shared<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let asked: Promise<Answer> | null = null;
  return () => {
    if (asked !== null) return asked;
    asked = ask();
    asked.catch(() => {
      asked = null;
    });
    return asked;
  };
}

/**
 * @param reach of the look that it is gathered for.
 * @param phase of the collection. In `legacy` Couchbase is asked whether it can make durable writes.
 * @param once of the same look. @param now milliseconds since the epoch.
 */
export async function gatherEvidence(
  stores: EvidenceStores,
  collection: string,
  queues: SQSClient,
  environment: EvidenceQueues,
  reach: Reach,
  phase: Phase,
  once: OfLegacy = askedOnce(stores),
  now = Date.now(),
): Promise<Evidence | Missing> {
  const missing = await problemOf(stores, collection, reach);
  if (missing !== null) return { missing };
  try {
    const found = await evidenceIn(stores, collection, queues, environment, reach);
    const identities = await reach.ask('oracle', () => stores.identity.sights(collection, phase));
    const told = {
      ...(await feedEvidence(stores, collection, reach)),
      ...(await proofEvidence(stores, collection, phase, reach, now)),
    };
    if (phase !== 'legacy') return { ...found, ...told, identities };
    const { couchbase, keyspace, table } = stores.of(collection);
    const asked = () => couchbase.durabilityProblem(probeKeys());
    const walks = await reach.ask('oracle', () => once.walks(collection));
    const preflight = preflightEvidence(walks, (fillings) =>
      leniencies(fillings, namedTables(table.projections)),
    );
    const durabilityProblem = await reach.ask(`couchbase ${keyspace.bucket}`, asked);
    // It asks both stores, and both have just answered.
    const certificate = await reach.ask('oracle', () => once.certificate(collection));
    return { ...found, ...told, preflight, certificate, durabilityProblem };
  } catch (error) {
    // It answered just now, and does not any more.
    const why = unreached(error);
    if (why !== null) return { missing: why };
    throw error;
  }
}

async function evidenceIn(
  stores: EvidenceStores,
  collection: string,
  queues: SQSClient,
  { RECEIPTS_QUEUE, DEAD_LETTERS_QUEUE }: EvidenceQueues,
  reach: Reach,
): Promise<Evidence> {
  // Before the letters: a receipt that is set aside in between counts twice, and never not at all.
  const receipts = await countsOf(queues, RECEIPTS_QUEUE);
  const [dead, runs] = await Promise.all([
    reach.ask('oracle', () => lettersOf(stores, collection, queues, DEAD_LETTERS_QUEUE)),
    reach.ask('oracle', () => runsOf(stores, collection)),
  ]);
  return {
    receipts: { ...receipts, waiting: dead.waiting, since: dead.since },
    ...{ deadLetters: dead.open, unread: dead.unread, collection: runs },
  };
}

/** Looks at all documents, of the collection as it is mapped now. */
export async function walksOf(
  stores: Pick<EvidenceStores, 'mapping'> & { readonly preflights: Pick<Stores['preflights'], 'of'> },
  collection: string,
): Promise<Walk[]> {
  const mapping = stores.mapping(collection);
  return (await stores.preflights.of(collection)).filter((walk) => isOfMapping(walk, mapping));
}

/** What is left to be done before a collection is retired. */
export async function remainsOf(
  stores: EvidenceStores,
  collection: string,
  queues: SQSClient,
  { DEAD_LETTERS_QUEUE }: EvidenceQueues,
): Promise<Remains> {
  const { name } = stores.of(collection).table;
  const [{ open, waiting }, runs, conflicts, sqlChanges] = await Promise.all([
    lettersOf(stores, collection, queues, DEAD_LETTERS_QUEUE),
    stores.ledger.underWay(collection),
    stores.setAside.openConflicts(name),
    stores.sqlChanges.count(name),
  ]);
  return { deadLetters: open + waiting, runs: runs.map(({ kind }) => kind), conflicts, sqlChanges };
}

/** What is set aside, as the gates of a collection count it. The order of the three counts matters: see `setAsideCount`. */
export async function lettersOf(
  { letters }: Pick<EvidenceStores, 'letters'>,
  collection: string,
  queues: SQSClient,
  queue: string,
  now = Date.now(),
): Promise<SetAsideCount> {
  const before = await letters.count(collection, now);
  const { due, hidden, delayed } = await countsOf(queues, queue);
  return setAsideCount(before, due + hidden + delayed, await letters.count(collection, now));
}

/** Any key will do: whether a document has it does not matter. */
const PROBE = 'crossfade';

/** Where a store does not answer, or lacks what it should have, there is nothing to decide on. */
export async function problemOf(
  stores: Pick<EvidenceStores, 'of'>,
  collection: string,
  reach: Reach,
): Promise<string | null> {
  const { couchbase, oracle, keyspace } = stores.of(collection);
  const reads = await Promise.allSettled([
    // A bucket of a cluster may be away alone.
    reach.ask(`couchbase ${keyspace.bucket}`, () => couchbase.read(PROBE)),
    reach.ask('oracle', () => oracle.read(PROBE)),
  ]);
  const failed = reads.find((each) => each.status === 'rejected');
  return failed === undefined ? null : String((failed.reason as Error).message);
}

async function runsOf(stores: EvidenceStores, name: string): Promise<CollectionEvidence> {
  const mapping = stores.mapping(name);
  const ended = (kind: Kind) => stores.ledger.history(kind, name, HISTORY);
  const { name: table } = stores.of(name).table;
  const [backfill, copyback, verify, notDurable, conflicts, sqlChanges] = await Promise.all([
    ended('backfill'),
    ended('copyback'),
    ended('verify'),
    stores.notDurable.until(name),
    stores.setAside.openConflicts(table),
    stores.sqlChanges.count(table),
  ]);
  const last = withSetAside(backfill);
  const documents = last === null ? null : await stores.findings.unsettled(last.id, name);
  const unsettled = last === null || documents === null ? undefined : { run: last.id, documents };
  const history = { runs: { backfill, copyback, verify }, notDurable, conflicts, sqlChanges, unsettled };
  return evidenceOf(name, history, (run) => isOfMapping(run, mapping));
}
