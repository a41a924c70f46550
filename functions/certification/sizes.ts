/** How large a document may be, in both stores at the same time: what one of them takes, the other has to take, too. */
import { PoisonDocument } from '../stores/failure.ts';
import { LARGEST_BODY } from '../stores/storable.ts';
import { type Finding, OWN, type Ports } from './check.ts';
import { kept, same } from './not_kept.ts';
import { document } from './subject.ts';

export async function largest(ports: Ports): Promise<Finding> {
  const { couchbase, oracle, random, steady } = ports;
  const key = `${OWN}${Math.floor(random() * 2 ** 48).toString(36)}`;
  const body = Buffer.alloc(LARGEST_BODY, 'x');
  body[0] = body[body.length - 1] = 0x22;
  const content = document(body);
  const began = steady();
  await couchbase.upsert(key, { content });
  const held = await couchbase.read(key, {});
  const there = steady();
  same(held.content?.digest, content.digest, 'the fingerprint of the largest document in Couchbase');
  same(
    await oracle.apply(key, { content, version: held.version }),
    true,
    'whether Oracle takes a copy of it',
  );
  const row = await oracle.read(key, {});
  const copied = steady();
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
    figures: {
      bytes: LARGEST_BODY,
      'Couchbase, written and read (ms)': Math.round(there - began),
      'Oracle, written and read (ms)': Math.round(copied - there),
    },
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
