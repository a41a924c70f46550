/** A collection of documents to measure runs with, in the rig's Couchbase. */
import pMap from 'p-map';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import type { Rig } from '../runs/rig.ts';
import { listOf, pathOf, RAW } from './bare.ts';

export const [COUNT, BATCH] = [4000, 250];

export const body = (n: number) =>
  Buffer.from(JSON.stringify({ n, text: 'x'.repeat(760), numbers: [1, 2.5, 1e10] }));

/** Writes them. @returns their keys, in order. */
export async function fill({ cluster }: Rig, count = COUNT, bodyOf = body): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, n) => `bench-${String(n).padStart(6, '0')}`);
  await pMap(
    keys.entries(),
    ([n, key]) => cluster.store.upsert(key, { content: documentFrom(bodyOf(n), null) }),
    { concurrency: 64 },
  );
  return keys;
}

/** Lists and gets them, as anybody would, batch by batch. */
export async function* readAll({ cluster }: Rig): AsyncGenerator<{ k: string; body: Buffer }[]> {
  const list = listOf(pathOf(cluster.keyspace));
  for (let after = ''; ; ) {
    const { rows } = await cluster.cluster.query<string>(list, { parameters: { after, limit: BATCH } });
    if (rows.length === 0) return;
    after = rows.at(-1) as string;
    yield await pMap(
      rows,
      async (k) => ({ k, body: (await cluster.collection.get(k, { transcoder: RAW })).content as Buffer }),
      { concurrency: 32 },
    );
  }
}
