/** The Couchbase store beside the bare driver doing the same, in turns, against one embedded server. */
import { type GetResult, LookupInSpec } from 'couchbase';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import { testCluster } from '../stores/couchbase/cluster.ts';

const [OPERATIONS, CONCURRENCY, ROUNDS] = [10_000, 64, 5];
const BODY = Buffer.from(JSON.stringify({ text: 'x'.repeat(760), numbers: [1, 2.5, 1e10] }));

async function perSecond(act: (key: string) => Promise<unknown>): Promise<number> {
  let next = 0;
  const began = performance.now();
  const worker = async () => {
    while (next < OPERATIONS) await act(`bench-${next++}`);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return (OPERATIONS * 1000) / (performance.now() - began);
}

/** Medians of alternating rounds, so that a slow moment of the machine falls on both. */
async function compare(
  name: string,
  ours: (key: string) => Promise<unknown>,
  bare: typeof ours,
): Promise<void> {
  const rates: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    rates[0].push(await perSecond(ours));
    rates[1].push(await perSecond(bare));
  }
  const [a = 0, b = 0] = rates.map((all) => all.sort((x, y) => x - y)[ROUNDS >> 1]);
  console.log(
    `${name.padEnd(34)} store ${a.toFixed(0).padStart(6)}/s   driver ${b.toFixed(0).padStart(6)}/s   ratio ${(a / b).toFixed(2)}`,
  );
}

const cluster = await testCluster();
const { collection, store, stop } = cluster;
const bare = collection.scope.collection(collection.name);
const content = documentFrom(BODY, null);
const transcoder = {
  encode: (body: Buffer): [Buffer, number] => [body, 0x02000006],
  decode: (bytes: Buffer) => bytes,
};
const specs = [
  LookupInSpec.get('$document.exptime', { xattr: true }),
  LookupInSpec.get('crossfade', { xattr: true }),
  LookupInSpec.get(''),
];

console.log(
  `${BODY.length} byte bodies, ${CONCURRENCY} at a time, ${OPERATIONS} operations, median of ${ROUNDS}`,
);
await compare(
  'upsert',
  (key) => store.upsert(key, { content }),
  (key) => bare.upsert(key, BODY, { transcoder }),
);
await compare(
  'read, beside the same lookup',
  (key) => store.read(key),
  (key) => bare.lookupIn(key, specs),
);
await compare(
  'read, beside a plain get',
  (key) => store.read(key),
  (key): Promise<GetResult> => bare.get(key, { transcoder }),
);
await stop();
