import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { type Call, perform, type Reply } from '../../../functions/protocol/call.ts';
import { UNCONDITIONAL } from '../../../functions/protocol/condition.ts';
import { converge } from '../../../functions/protocol/converge.ts';
import { documentFrom } from '../../../functions/protocol/fingerprint.ts';
import { PHASES } from '../../../functions/protocol/phase.ts';
import { read } from '../../../functions/protocol/read.ts';
import type { Content, CouchbaseState } from '../../../functions/protocol/state.ts';
import { write } from '../../../functions/protocol/write.ts';
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

test('a walk forward and back, written through the driver, keeps the document in the store that is read', async () => {
  const key = randomUUID();
  let world: World = EMPTY;
  const port = async (call: Call): Promise<Reply> => {
    if (call.name.startsWith('couchbase.')) return ask(key, call);
    if (call.name.startsWith('receipt.')) return call.name === 'receipt.sent' ? true : null;
    const executed = execute(world, call, {});
    world = executed.world;
    return executed.reply;
  };
  const walk = [...PHASES, ...[...PHASES].reverse()];
  let written: string | undefined;
  for (const [step, phase] of walk.entries()) {
    await perform(converge(phase, 0n), port);
    assert.equal((await perform(read(phase), port)).content?.digest, written, `on entering ${phase}`);
    const content = step % 3 === 2 ? null : documentFrom(Buffer.from(`{"step":${step}}`), null);
    const outcome = await perform(write(phase, { content, condition: UNCONDITIONAL }), port);
    assert.equal(outcome.kind, 'done', phase);
    written = content?.digest;
  }
});
