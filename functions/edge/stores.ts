/** Both stores of every collection, connected when they are first used. */
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Attempts } from '../books/attempts.ts';
import { Audit } from '../books/audit.ts';
import { Certificates } from '../books/certificates.ts';
import { Feeds } from '../books/feeds.ts';
import { Findings } from '../books/findings.ts';
import { Identities, oracleMarks } from '../books/identities.ts';
import { Kept } from '../books/kept.ts';
import { Ledger } from '../books/ledger.ts';
import { LeftOut } from '../books/left_out.ts';
import { Letters } from '../books/letters.ts';
import { LoadBook } from '../books/load.ts';
import { LoadProofs } from '../books/load_proofs.ts';
import { NotDurable } from '../books/not_durable.ts';
import { Partitions } from '../books/partitions.ts';
import { Preflights } from '../books/preflights.ts';
import { ProjectedBook } from '../books/projected_book.ts';
import { Repairs } from '../books/repairs.ts';
import { SuspectBook } from '../books/suspects.ts';
import { bake, mappingOf, type Parsed } from '../configuration/configuration.ts';
import type { Feed } from '../configuration/feed.ts';
import { type LoadProof, loadProofOf } from '../configuration/load_proof.ts';
import { IdentityGuard } from '../identity/guard.ts';
import type { OracleHeartbeat } from '../identity/heartbeat.ts';
import { quoted } from '../parsing/quoted.ts';
import type { StoreName } from '../protocol/phase.ts';
import type { Marks } from '../records/marks.ts';
import type { Both } from '../runs/ports.ts';
import type { CouchbaseConnection } from '../stores/couchbase/connection.ts';
import { couchbaseMarks } from '../stores/couchbase/identity.ts';
import type { Encryptions } from '../stores/encryption.ts';
import { OracleConnection } from '../stores/oracle/connection.ts';
import { SetAside } from '../stores/oracle/set_aside.ts';
import { SqlChanges } from '../stores/oracle/sql_changes.ts';
import type { Selection } from '../stores/selection.ts';
import type { Witness } from '../stores/witness.ts';
import { bundledCode } from './bundled.ts';
import { CertificateLook } from './certificate.ts';
import { clusterOver, oracleGate } from './connections.ts';
import { encryptionsOf } from './encryption.ts';
import { type HeartbeatParts, heartbeatOver } from './heartbeat.ts';
import { pairOf } from './pair_of.ts';

/** Any key will do: whether a document has it does not matter. */
const WARM = 'crossfade';

export class Stores {
  readonly ledger: Ledger;
  readonly attempts: Attempts;
  readonly findings: Findings;
  readonly repairs: Repairs;
  readonly kept: Kept;
  readonly letters: Letters;
  readonly leftOut: LeftOut;
  readonly audit: Audit;
  readonly setAside: SetAside;
  readonly notDurable: NotDurable;
  readonly partitions: Partitions;
  readonly preflights: Preflights;
  readonly certificates: Certificates;
  /** What gates are told of them. */
  readonly certificate: CertificateLook;
  readonly load: LoadBook;
  readonly suspects: SuspectBook;
  readonly identity: IdentityGuard;
  readonly heartbeat: OracleHeartbeat;
  readonly database: OracleConnection;
  readonly cluster: CouchbaseConnection;
  /** Of the connections, as the secrets are now. Never rejects. */
  readonly encryptions: () => Promise<Encryptions>;
  readonly #pairs: ReadonlyMap<string, Both>;
  readonly #configuration: Pick<Parsed, 'collections' | 'loadProof'>;

  /**
   * @param secrets names of the logins in Secrets Manager; null for a store that is not kept any more.
   * @param fallBack called before a write of a collection that accepts it is made without durability.
   * @param heart what the heartbeat of Oracle needs beside it.
   * @param witness sees each mutation of a collection that Couchbase has made.
   */
  constructor(
    configuration: Parsed,
    client: SecretsManagerClient,
    secrets: { readonly couchbase: string | null; readonly oracle: string },
    fallBack: (collection: string) => Promise<void>,
    heart: HeartbeatParts,
    witness?: (collection: string) => Witness,
  ) {
    const { collections, timing, connections, conflictsPerMinute } = configuration;
    this.encryptions = () => encryptionsOf(client, secrets);
    const cluster = clusterOver(client, secrets.couchbase, timing.call);
    const gate = oracleGate(client, secrets.oracle, heart);
    const database = new OracleConnection({
      ...{ login: gate.login, gate, size: connections },
      timeout: timing.call,
    });
    this.database = database;
    this.cluster = cluster;
    this.ledger = new Ledger(database);
    this.attempts = new Attempts(database);
    this.findings = new Findings(database);
    this.repairs = new Repairs(database);
    this.kept = new Kept(database);
    this.letters = new Letters(database);
    this.leftOut = new LeftOut(database);
    this.audit = new Audit(database);
    this.setAside = new SetAside(database);
    this.notDurable = new NotDurable(database);
    this.partitions = new Partitions(database);
    this.preflights = new Preflights(database);
    this.certificates = new Certificates(database);
    this.certificate = new CertificateLook({
      ...{ configuration, cluster, database, encryptions: this.encryptions, book: this.certificates },
      ...{ code: bundledCode, call: timing.call, fresh: bake(timing), steady: () => performance.now() },
    });
    this.load = new LoadBook(database);
    this.suspects = new SuspectBook(database);
    this.#configuration = configuration;
    const ledger = new Identities(database);
    this.heartbeat = heartbeatOver(heart, database, ledger, Object.keys(collections));
    this.identity = guardOf({ cluster, database, ledger, heartbeat: this.heartbeat }, collections, timing);
    const parts = { cluster, database, conflicts: conflictsPerMinute };
    this.#pairs = pairsOf(parts, collections, timing.call, fallBack, witness);
  }

  /** Opens what requests to a collection need of a store: a connection, its bucket, a session. */
  async warm(store: StoreName, collection: string): Promise<void> {
    await this.of(collection)[store].read(WARM);
  }

  /** The settings of its change feed; null where it has none. */
  feedOf(collection: string): Feed | null {
    return this.#configuration.collections[collection]?.feed ?? null;
  }

  /** What Oracle is to prove of it; null for nothing. */
  loadProofOf(collection: string): LoadProof | null {
    return loadProofOf(this.#configuration, collection);
  }

  get loadProofs(): LoadProofs {
    return new LoadProofs(this.database);
  }

  get projected(): ProjectedBook {
    return new ProjectedBook(this.database);
  }

  get sqlChanges(): SqlChanges {
    return new SqlChanges(this.database);
  }

  get feeds(): Feeds {
    return new Feeds(this.database);
  }

  /** Where the documents of a collection are, and how they lie there: a run with another mapping was about others. */
  mapping(collection: string): unknown {
    const found = this.#configuration.collections[collection];
    return found === undefined ? undefined : mappingOf(found);
  }

  /** Which keys the other collections take that lie over the same documents in Couchbase. */
  siblings(collection: string): Selection[] {
    const { bucket, scope, collection: name } = this.of(collection).keyspace;
    return [...this.#pairs].flatMap(([other, { keyspace, selection }]) => {
      const isSame = keyspace.bucket === bucket && keyspace.scope === scope && keyspace.collection === name;
      return isSame && other !== collection ? [selection] : [];
    });
  }

  /** Throws where there is no such collection. */
  of(collection: string): Both {
    const pair = this.#pairs.get(collection);
    if (pair === undefined)
      throw new Error(
        `There is no collection ${quoted(collection)}, only ${[...this.#pairs.keys()].join(', ')}`,
      );
    return pair;
  }
}

interface GuardParts {
  readonly cluster: CouchbaseConnection;
  readonly database: OracleConnection;
  readonly ledger: Identities;
  readonly heartbeat: OracleHeartbeat;
}

function guardOf(
  { cluster, database, ledger, heartbeat }: GuardParts,
  collections: Parsed['collections'],
  timing: Parsed['timing'],
): IdentityGuard {
  const keyspaceOf = (name: string) => {
    const found = collections[name];
    if (found === undefined) throw new Error(`There is no collection ${quoted(name)}`);
    return found.couchbase;
  };
  return new IdentityGuard({
    place: (name, store) => (store === 'oracle' ? 'oracle' : `couchbase ${keyspaceOf(name).bucket}`),
    connection: (store) => (store === 'oracle' ? database : cluster).number,
    look: (name, store) =>
      store === 'oracle'
        ? marksWith(database, heartbeat)
        : couchbaseMarks(cluster, keyspaceOf(name), timing.call),
    remembered: () => ledger.all(),
    remember: (name, store, marks, instead) => ledger.remember(name, store, marks, instead, Date.now()),
    now: () => performance.now(),
    fresh: bake(timing),
  });
}

/** The history comes first: whoever sees a loss notes it, and the marks are of the same database. */
async function marksWith(database: OracleConnection, heartbeat: OracleHeartbeat): Promise<Marks> {
  const history = await heartbeat.history();
  const marks = await oracleMarks(database);
  return history === null ? marks : { ...marks, history };
}

function pairsOf(
  parts: Pick<Both, 'cluster' | 'database'> & { readonly conflicts: number },
  collections: Parsed['collections'],
  timeout: number,
  fallBack: (collection: string) => Promise<void>,
  witness?: (collection: string) => Witness,
): ReadonlyMap<string, Both> {
  const all = Object.entries(collections).map(([name, collection]) => {
    const own = { ...parts, witness: witness?.(name) };
    return [name, pairOf(own, collection, timeout, () => fallBack(name))] as const;
  });
  return new Map(all);
}
