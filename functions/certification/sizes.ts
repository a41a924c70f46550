/** How large a document may be, in both stores at the same time: what one of them takes, the other has to take, too. */
import { PoisonDocument } from '../stores/failure.ts';
import { LISTING } from '../stores/listing.ts';
import { LARGEST_BODY } from '../stores/storable.ts';
import { type Finding, OWN, type Ports } from './check.ts';
import { kept, same } from './not_kept.ts';
import { document } from './subject.ts';

/** Milliseconds. */
const MOST = 30_000;

/**
 * Milliseconds that a call with the largest document may take here: it is looked at what comes back, and told how long that took. Whether other calls
 * end in their time, the other checks show. @param call that any other call may take.
 */
export function timeOfLargest(call: number): number {
  return Math.max(call, Math.min(LISTING * call, MOST));
}

export async function largest(ports: Ports): Promise<Finding> {
  const { large, random, steady, call } = ports;
  const { couchbase, oracle } = large;
  let longest = 0;
  const timed = async <Reply>(calling: Promise<Reply>): Promise<Reply> => {
    const began = steady();
    const reply = await calling;
    longest = Math.max(longest, Math.round(steady() - began));
    return reply;
  };
  const key = `${OWN}${Math.floor(random() * 2 ** 48).toString(36)}`;
  const body = Buffer.alloc(LARGEST_BODY, 'x');
  body[0] = body[body.length - 1] = 0x22;
  const content = document(body);
  await timed(couchbase.upsert(key, { content }));
  const held = await timed(couchbase.read(key, {}));
  same(held.content?.digest, content.digest, 'the fingerprint of the largest document in Couchbase');
  const taken = await timed(oracle.apply(key, { content, version: held.version }));
  same(taken, true, 'whether Oracle takes a copy of it');
  const row = await timed(oracle.read(key, {}));
  same(row.content?.digest, content.digest, 'the fingerprint of the largest document in Oracle');
  await couchbase.remove(key, {});
  const above = document(Buffer.alloc(LARGEST_BODY + 1, '7'));
  for (const store of ['couchbase', 'oracle'] as const)
    kept(
      isRefused(() => ports[store].require(key, above)),
      `${store} should refuse a larger document ahead`,
    );
  return {
    state: 'passed',
    figures: { bytes: LARGEST_BODY, 'longest call (ms)': longest, ...shortCall(longest, call) },
  };
}

/** A run copies such a document within `timing.call`, or leaves it to the next try, and tells of it. */
function shortCall(longest: number, call: number): Finding['figures'] {
  if (longest <= call) return {};
  return {
    'timing.call': `${call} ms are too short for a document of this size: raise it before such documents are copied`,
  };
}

function isRefused(act: () => void): boolean {
  try {
    act();
    return false;
  } catch (error) {
    return error instanceof PoisonDocument;
  }
}
