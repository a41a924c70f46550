/** The Couchbase store beside the bare driver doing the same, in turns, against one embedded server. */
import { type GetResult, LookupInSpec } from 'couchbase';
import { documentFrom } from '../../functions/protocol/fingerprint.ts';
import { testCluster } from '../stores/couchbase/cluster.ts';
import { RAW } from './bare.ts';
import { compare, perSecond } from './rounds.ts';

const [OPERATIONS, CONCURRENCY] = [10_000, 64];
const BODY = Buffer.from(JSON.stringify({ text: 'x'.repeat(760), numbers: [1, 2.5, 1e10] }));

type Act = (key: string) => Promise<unknown>;
const rate = (act: Act) => () => perSecond(OPERATIONS, CONCURRENCY, (index) => act(`bench-${index}`));
const against = (name: string, ours: Act, bare: Act) =>
  compare(name, { label: 'store', rate: rate(ours) }, { label: 'driver', rate: rate(bare) });

const cluster = await testCluster();
const { collection, store, stop } = cluster;
const bare = collection.scope.collection(collection.name);
const content = documentFrom(BODY, null);
const specs = [
  LookupInSpec.get('$document.exptime', { xattr: true }),
  LookupInSpec.get('crossfade', { xattr: true }),
  LookupInSpec.get(''),
];

console.log(
  `${BODY.length} byte bodies, ${CONCURRENCY} at a time, ${OPERATIONS} operations, median of 5 rounds`,
);
await against(
  'upsert',
  (key) => store.upsert(key, { content }),
  (key) => bare.upsert(key, BODY, { transcoder: RAW }),
);
await against(
  'read, beside the same lookup',
  (key) => store.read(key),
  (key) => bare.lookupIn(key, specs),
);
await against(
  'read, beside a plain get',
  (key) => store.read(key),
  (key): Promise<GetResult> => bare.get(key, { transcoder: RAW }),
);
await stop();
