/** The roles of the functions' user in Couchbase. */
import type { Place, Role } from '../stores/facts.ts';
import { bad, doubtful, good, type Verdict } from './line.ts';

/** What the manual asks for, and the roles that have all of it. */
const NEEDED = ['data_reader', 'data_writer', 'query_select'] as const;
const WIDER = ['admin', 'bucket_full_access'];

export function rolesVerdict(roles: readonly Role[], places: readonly Place[]): Verdict {
  const covers = ({ bucket, scope, collection }: Role, place: Place) =>
    isOf(bucket, place.bucket) && isOf(scope, place.scope) && isOf(collection, place.collection);
  const has = (names: readonly string[], place: Place) =>
    roles.some((role) => names.includes(role.role) && covers(role, place));
  const missing = places.flatMap((place) =>
    NEEDED.filter((name) => !has([name, ...WIDER], place)).map(
      (name) => `${name} on ${place.bucket}.${place.scope}.${place.collection}`,
    ),
  );
  const seen = [...new Set(roles.map(({ role }) => role))].join(', ') || 'none';
  if (missing.length > 0)
    return bad(
      `the user has the roles ${seen}, and lacks ${missing.join(', ')}`,
      'Grant them to the user of the secret',
    );
  return roles.some(({ role }) => role === 'admin')
    ? doubtful(
        'the user is a Full Admin, which is more than is needed',
        `Give it ${NEEDED.join(', ')} on the collections, and ro_admin for this command`,
      )
    : good(seen);
}

function isOf(pattern: string | undefined, name: string): boolean {
  return pattern === undefined || pattern === '*' || pattern === name;
}
