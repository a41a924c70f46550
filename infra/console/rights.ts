/** `rights`: whether the old service's user can still write a collection of Couchbase directly. */
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { Collection } from '../../functions/configuration/configuration.ts';
import { connectCouchbase } from '../../functions/stores/couchbase/connect.ts';
import { CouchbaseConnection } from '../../functions/stores/couchbase/connection.ts';
import { clusterReads } from '../../functions/stores/couchbase/management.ts';
import { mayWrite } from '../../functions/stores/couchbase/write_right.ts';
import type { Fact, Role } from '../../functions/stores/facts.ts';
import { shippedSettings } from './schema.ts';
import { BadCommand } from './service.ts';
import type { Open } from './terminal.ts';

const MORE = `
COUCHBASE_CONNECTION_STRING, COUCHBASE_USERNAME and COUCHBASE_PASSWORD are those of the old service. It asks Couchbase to remove a document that is not there, so
nothing is changed, and which roles the user has. Exits with 1 while the user can write.`;

/** Milliseconds of a call, and until a connection has come. */
const PATIENCE = 10_000;

/** Roles whose users can write documents: by key, by SQL++, or in bulk (docs.couchbase.com, "Roles"). */
const WRITERS = [
  ...[
    'admin',
    'bucket_full_access',
    'data_writer',
    'mobile_sync_gateway',
    'replication_target',
    'data_backup',
  ],
  ...['query_insert', 'query_update', 'query_delete', 'eventing_admin', 'backup_admin'],
];

/** @param read the settings; those that are shipped if there is none. */
export function addRights(program: Command, open: Open, read = shippedSettings): void {
  program
    .command('rights')
    .description('whether a user of Couchbase, that of the old service, can still write a collection')
    .argument('<collection>')
    .addHelpText('after', MORE)
    .action(async (name: string) => {
      const { collections } = (await read()).configuration;
      const collection = collections[name];
      if (collection === undefined)
        throw new BadCommand(
          `There is no collection ${name}: it is none of ${Object.keys(collections).join(', ')}`,
        );
      const login = loginIn(process.env);
      const { found, lines, well } = await rightsOf(login, name, collection);
      open().show({ user: login.username, ...found }, lines, well);
    });
}

/** What the command tells of a user. `well`: it cannot write. Throws as a call of the store does. */
export async function rightsOf(
  login: ReturnType<typeof loginIn>,
  name: string,
  collection: Pick<Collection, 'couchbase'>,
): Promise<{ readonly found: Found; readonly lines: readonly string[]; readonly well: boolean }> {
  const found = await looked(login, collection);
  const lines = linesOf(name, login.username, found);
  return { found, lines, well: !found.writes && found.roles?.length === 0 };
}

interface Found {
  /** Whether a removal by key was let through. */
  readonly writes: boolean;
  /** Those that may write; null where they are not told. */
  readonly roles: readonly string[] | null;
}

async function looked(
  login: ReturnType<typeof loginIn>,
  { couchbase: keyspace }: Pick<Collection, 'couchbase'>,
): Promise<Found> {
  const settings = { ...login, connectTimeout: PATIENCE };
  const connection = new CouchbaseConnection(() => connectCouchbase(settings), PATIENCE);
  try {
    const writes = await mayWrite(connection, keyspace, `crossfade-rights/${randomUUID()}`, PATIENCE);
    const roles = await clusterReads(connection, keyspace, PATIENCE).roles();
    return { writes, roles: rolesIn(roles, keyspace) };
  } finally {
    await connection.close();
  }
}

function rolesIn(roles: Fact<readonly Role[]>, keyspace: Collection['couchbase']): readonly string[] | null {
  if (roles.kind !== 'read') return null;
  const isOf = (pattern: string | undefined, name: string) =>
    pattern === undefined || pattern === '*' || pattern === name;
  const ours = roles.value.filter(
    ({ role, bucket, scope, collection }) =>
      WRITERS.includes(role) &&
      isOf(bucket, keyspace.bucket) &&
      isOf(scope, keyspace.scope) &&
      isOf(collection, keyspace.collection),
  );
  return [...new Set(ours.map(({ role }) => role))];
}

function linesOf(name: string, user: string, { writes, roles }: Found): string[] {
  const back = 'The way back is to grant them again';
  return [
    writes
      ? `MAY_WRITE  ${user} can still write documents of ${name} by key: a removal of what is not there was let through`
      : `ok         ${user} cannot write documents of ${name} by key: a removal was refused`,
    roles === null
      ? 'UNKNOWN    which roles the user has was not told: open the port of the management service to this machine'
      : roles.length > 0
        ? `MAY_WRITE  it has roles that can write: ${roles.join(', ')}. Take them away from ${user}, and leave data_reader. ${back}`
        : 'ok         it has no role that can write. Roles of other users, and sessions of theirs, are not looked at',
  ];
}

/** Throws where a part of it is missing. */
function loginIn(environment: NodeJS.ProcessEnv) {
  const names = ['COUCHBASE_CONNECTION_STRING', 'COUCHBASE_USERNAME', 'COUCHBASE_PASSWORD'] as const;
  const missing = names.filter((each) => (environment[each] ?? '') === '');
  if (missing.length > 0)
    throw new BadCommand(`${missing.join(' and ')}: not set. They are those of the old service; see --help`);
  const [connectionString = '', username = '', password = ''] = names.map((each) => environment[each]);
  return { connectionString, username, password };
}
