/** What a certificate would be about now: the code, the servers that answer, and the settings that count. */
import { oracleMarks } from '../books/identities.ts';
import type { About, Settings } from '../certification/certificate.ts';
import type { Treatment } from '../configuration/certification.ts';
import type { CouchbaseConnection, Keyspace } from '../stores/couchbase/connection.ts';
import { couchbaseMarks } from '../stores/couchbase/identity.ts';
import { clusterReads } from '../stores/couchbase/management.ts';
import type { Encryption, Encryptions } from '../stores/encryption.ts';
import type { OracleConnection } from '../stores/oracle/connection.ts';
import { oracleRelease } from '../stores/oracle/release.ts';

export interface AboutParts {
  readonly cluster: CouchbaseConnection;
  readonly database: OracleConnection;
  /** Of the connections, as the secrets are now. Never rejects. */
  readonly encryptions: () => Promise<Encryptions>;
  /** Of the release of the stores' code. */
  readonly code: string;
  /** Milliseconds for one call. */
  readonly call: number;
}

/** Where the server does not tell it, or not to this login. */
const NOT_TOLD = 'not told';

/** @param keyspace any collection of the bucket. Throws what a store throws that does not answer. */
export async function aboutNow(
  { cluster, database, encryptions, code, call }: AboutParts,
  keyspace: Keyspace,
  { durability, durabilityImpossible }: Treatment,
): Promise<About> {
  const [bucket, nodes, marks, release, encrypted] = await Promise.all([
    couchbaseMarks(cluster, keyspace, call),
    clusterReads(cluster, keyspace, call).nodes(),
    oracleMarks(database),
    oracleRelease(database),
    encryptions(),
  ]);
  const versions = nodes.kind === 'read' ? [...new Set(nodes.value.map(({ version }) => version))] : [];
  const settings: Settings = {
    ...{ bucket: keyspace.bucket, schema: release.schema, durability, durabilityImpossible },
    tls: `couchbase ${tlsOf(encrypted.couchbase)}, oracle ${tlsOf(encrypted.oracle)}`,
  };
  return {
    ...{ code, settings },
    servers: {
      couchbase: { version: versions.sort().join(', ') || NOT_TOLD, identity: bucket },
      oracle: { version: release.version, identity: marks },
    },
  };
}

function tlsOf(encryption: Encryption | string | null): string {
  if (encryption === null || typeof encryption === 'string') return NOT_TOLD;
  const { encrypted, verified } = encryption;
  return encrypted ? (verified ? 'verified' : 'not verified') : 'plain';
}
