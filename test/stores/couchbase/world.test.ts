import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Call, Reply } from '../../../functions/protocol/call.ts';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import type { Content, CouchbaseState } from '../../../functions/protocol/state.ts';
import type { CouchbaseStore } from '../../../functions/stores/couchbase/store.ts';
import { portOf } from '../../../functions/stores/port.ts';
import { EMPTY, execute, type World } from '../../model/world.ts';
import { Reference } from '../reference.ts';
import { type TestCluster, testCluster } from './cluster.ts';

let cluster: TestCluster;
let store: CouchbaseStore;

before(async () => {
  cluster = await testCluster();
  ({ store } = cluster);
});
after(() => cluster.stop());

const CONTENTS: readonly (Content & object)[] = ['1', '{"a":2}', 'not json'].map((body) =>
  documentFrom(Buffer.from(body), null),
);

/** The store's answer to a call of the protocol. */
const ask = (key: string, call: Call): Promise<Reply> =>
  portOf(key, { ...new Reference(Date.now), couchbase: store })(call);

const anyContent = fc.constantFrom(...CONTENTS);
/** `guard`: 0 for "absent", 1 for the CAS that is there, 2 for the one before. */
const anyCommand = fc.oneof(
  fc.record({ name: fc.constant('read' as const) }),
  fc.record({ name: fc.constant('upsert' as const), content: anyContent }),
  fc.record({ name: fc.constant('remove' as const) }),
  fc.record({ name: fc.constant('erase' as const), guard: fc.nat(2) }),
  fc.record({
    name: fc.constant('swap' as const),
    guard: fc.nat(2),
    content: fc.option(anyContent),
    version: fc.option(fc.bigInt({ min: 1n, max: 99n })),
  }),
);

test('the store answers every sequence of calls as the model’s world does', async () => {
  const property = fc.asyncProperty(fc.array(anyCommand, { maxLength: 14 }), async (commands) => {
    const key = randomUUID();
    let world: World = EMPTY;
    /** CAS of the world, and the one that the store gave out in its place. */
    const twins = new Map<bigint, bigint>([[0n, 0n]]);
    let [current, previous] = [0n, 0n];
    for (const command of commands) {
      const cas = 'guard' in command ? ([0n, current, previous][command.guard] as bigint) : 0n;
      const call = { ...command, name: `couchbase.${command.name}`, cas } as Call;
      const expected = execute(world, call, {});
      const twin = { ...call, cas: twins.get(cas) } as Call;
      const reply = await ask(key, twin);
      assert.equal(reply === null, expected.reply === null, call.name);
      if (typeof expected.reply === 'bigint') twins.set(expected.reply, reply as bigint);
      if (call.name === 'couchbase.read') {
        const [seen, should] = [reply as CouchbaseState, expected.reply as CouchbaseState];
        assert.equal(seen.content?.digest, should.content?.digest);
        assert.equal(seen.cas, twins.get(should.cas));
        assert.equal(seen.version, twins.get(should.version) ?? should.version);
      }
      world = expected.world;
      if (world.cas !== current) [previous, current] = [current, world.cas];
    }
  });
  await fc.assert(property, { numRuns: 150 });
});
