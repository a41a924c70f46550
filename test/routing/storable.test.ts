/** What is refused before anything is written, and what Oracle is asked for that, with both stores in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallFailed } from '../../functions/protocol/call.ts';
import { Payload } from '../../functions/protocol/payload.ts';
import { PHASES, type Phase } from '../../functions/protocol/phase.ts';
import type { Content } from '../../functions/protocol/state.ts';
import { NO_PRECONDITION } from '../../functions/routing/precondition.ts';
import type { Answer, Write } from '../../functions/routing/request.ts';
import { Router } from '../../functions/routing/router.ts';
import { OperatorNeeded, PoisonDocument } from '../../functions/stores/failure.ts';
import { Receipts } from '../../functions/stores/receipt.ts';
import type { Unstorable } from '../../functions/stores/storable.ts';
import { Reference } from '../stores/reference.ts';

const TARGET = { store: 'oracle', operation: 'write', collection: 'ORDERS', key: 'k' } as const;
const textOf = (content: Content) => (content === null ? null : Buffer.from(content.body).toString());

/** An Oracle that foresees some, remembers others, and refuses the rest when it is asked. */
class World {
  readonly stores = new Reference(() => 0);
  unstorable: Unstorable = 'refuse';
  timely = true;
  asking: Error | null = null;
  asked: (string | null)[] = [];
  recalled: (string | null)[] = [];

  async write(phase: Phase, write: Write, more: object = {}): Promise<Answer['kind']> {
    const refuse = (word: string) => (_key: string, content: Content) => {
      if (textOf(content)?.includes(word)) throw new PoisonDocument(TARGET, word);
    };
    const oracle = {
      ...this.stores.oracle,
      require: refuse('foreseen'),
      recall: (key: string, content: Content) => {
        this.recalled.push(textOf(content));
        refuse('remembered')(key, content);
      },
      ask: async (key: string, content: Content) => {
        this.asked.push(textOf(content));
        if (this.asking !== null) throw this.asking;
        refuse('refused')(key, content);
      },
    };
    const couchbase = { ...this.stores.couchbase, require: () => {} };
    const router = new Router(
      () => ({ couchbase, oracle, unstorable: this.unstorable }),
      new Receipts(async () => true),
      () => false,
    );
    const place = { collection: 'c', key: 'k', precondition: NO_PRECONDITION };
    return (await router.write({ ...place, ...write, ...more }, { phase, timely: () => this.timely })).kind;
  }

  async held(): Promise<(string | null)[]> {
    const { couchbase, oracle } = this.stores;
    return [textOf((await couchbase.read('k', {})).content), textOf((await oracle.read('k', {})).content)];
  }
}

const put = (body: string): Write => ({ verb: 'put', payload: new Payload(Buffer.from(body), null) });
const patch = (text: string): Write => ({ verb: 'patch', patch: text, expiresAt: 'keep' });

test('a PATCH is refused where its result does not fit, and written where it mends the document', async () => {
  for (const phase of PHASES.slice(1)) {
    const world = new World();
    await world.write(phase, put('{"a":1}'));
    const before = await world.held();
    await assert.rejects(world.write(phase, patch('{"b":"foreseen"}')), PoisonDocument);
    assert.deepEqual(await world.held(), before, phase);
    assert.equal(await world.write(phase, patch('{"a":2}')), 'written');
  }
  // It was there before.
  const world = new World();
  await world.write('legacy', put('{"a":"foreseen"}'));
  await assert.rejects(world.write('expand', patch('{"b":1}')), PoisonDocument);
  assert.equal(await world.write('expand', patch('{"a":1}')), 'written');
});

test('Oracle is asked for what is to be written, in seal and switch alone, and never for the key of a request that looks first', async () => {
  for (const phase of PHASES) {
    const world = new World();
    await world.write(phase, put('{"a":1}'));
    await world.write(phase, patch('{"a":2}'));
    await world.write(phase, { verb: 'delete' });
    const asks = phase === 'seal' || phase === 'switch';
    assert.deepEqual(world.asked, asks ? ['{"a":1}', '{"a":2}', null] : [], phase);
    assert.deepEqual(world.recalled, phase === 'expand' ? ['{"a":1}', '{"a":2}', null] : [], phase);
  }
});

test('what Oracle refuses when it is asked leaves Couchbase as it was; what it cannot tell is answered as a store that is away', async () => {
  for (const phase of ['seal', 'switch'] as const) {
    const world = new World();
    await world.write(phase, put('1'));
    await assert.rejects(world.write(phase, put('"refused"')), PoisonDocument);
    for (const asking of [new CallFailed('silence'), new OperatorNeeded(TARGET, 'no grant')]) {
      world.asking = asking;
      assert.equal(await world.write(phase, put('2')), 'unavailable');
    }
    world.asking = null;
    world.timely = false;
    assert.equal(await world.write(phase, put('2')), 'unavailable');
    assert.deepEqual(await world.held(), ['1', '1']);
  }
});

test('where it is accepted in expand, neither the configuration nor what is remembered refuses it', async () => {
  const world = Object.assign(new World(), { unstorable: 'accept' as const });
  for (const body of ['"foreseen"', '"remembered"'])
    assert.equal(await world.write('expand', put(body)), 'written');
  for (const body of ['"foreseen"', '"refused"'])
    await assert.rejects(world.write('seal', put(body)), PoisonDocument);
});
