/** Looks at keys in both stores. */
import { type Phase, ROUTES } from '../protocol/phase.ts';
import { NOTHING, type Pair, type Seen } from '../stores/snapshot.ts';

export interface Looks {
  /** In the order of the keys. Throws `TooHeavy` where their bodies have more than so many bytes. */
  couchbase(keys: readonly string[], most: number): Promise<readonly Seen[]>;
  oracle(keys: readonly string[], most: number): Promise<readonly Seen[]>;
}

/** Keys that are looked at in one store while those before them are looked at in the other. */
const PART = 128;

/** The follower first, as in converge: the other way round, a write between the two looks is taken for a deletion. */
export async function look(
  keys: readonly string[],
  looks: Looks,
  phase: Phase,
  most = Number.POSITIVE_INFINITY,
): Promise<Pair[]> {
  const [follower, leader] =
    ROUTES[phase].order === 'oracle'
      ? (['couchbase', 'oracle'] as const)
      : (['oracle', 'couchbase'] as const);
  const parts = Array.from({ length: Math.ceil(keys.length / PART) }, (_, n) =>
    keys.slice(n * PART, (n + 1) * PART),
  );
  const heaviest = most / parts.length;
  const begin = (part: readonly string[] = []) => {
    const looking = part.length === 0 ? Promise.resolve([]) : looks[follower](part, heaviest);
    // Awaited when its turn comes, if it comes.
    looking.catch(() => {});
    return looking;
  };
  const pairs: Pair[] = [];
  let looking = begin(parts[0]);
  for (const [n, part] of parts.entries()) {
    const early = await looking;
    looking = begin(parts[n + 1]);
    const late = await looks[leader](part, heaviest);
    for (const [at] of part.entries()) {
      const found = { [follower]: early[at] ?? NOTHING, [leader]: late[at] ?? NOTHING };
      pairs.push(found as { couchbase: Seen; oracle: Seen });
    }
  }
  return pairs;
}
