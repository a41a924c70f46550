/** A collection of documents to measure runs with, in the rig's Couchbase. */
import pMap from 'p-map';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import type { Rig } from '../runs/rig.ts';

export const [COUNT, BATCH] = [4000, 250];

export const body = (n: number) =>
  Buffer.from(JSON.stringify({ n, text: 'x'.repeat(760), numbers: [1, 2.5, 1e10] }));

/** Writes them. @returns their keys, in order. */
export async function fill({ cluster }: Rig, count = COUNT): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, n) => `bench-${String(n).padStart(6, '0')}`);
  await pMap(
    keys.entries(),
    ([n, key]) => cluster.store.upsert(key, { content: documentFrom(body(n), null) }),
    { concurrency: 64 },
  );
  return keys;
}
