/** Messages, parameters, documents and requests that the version before has left, read by this one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { move, type Register, standing } from '../../functions/control/publish.ts';
import { httpEvent } from '../../functions/edge/http/event.ts';
import { parseReceipt, placeIn } from '../../functions/edge/queue.ts';
import { parseOperation } from '../../functions/operations/request.ts';
import { parsePhase } from '../../functions/phases/effective_phase.ts';
import { wishOf } from '../../functions/phases/flags.ts';
import { parseRequest } from '../../functions/runs/request.ts';
import { parseShardMessage } from '../../functions/runs/shard_message.ts';
import { MARKER_BODY, parseAttribute, readState } from '../../functions/stores/couchbase/attribute.ts';
import { CAUSES } from '../../functions/stores/receipt.ts';
import { recorded } from './recorded.ts';

const messages = recorded('messages.json');
const invocations = recorded('invocations.json');
const parameters = recorded('parameters.json');
const COLLECTIONS = ['orders', 'carts'];

const bodiesOf = (queue: RegExp) => messages.filter((each) => queue.test(each.queue)).map(({ body }) => body);

test('each receipt is read, and one of each cause was recorded', () => {
  const receipts = bodiesOf(/^ReceiptsQueue/).map(parseReceipt);
  assert.deepEqual(new Set(receipts.map(({ cause }) => cause)), new Set(CAUSES));
  for (const { collection } of receipts) assert.ok(COLLECTIONS.includes(collection));
});

test('each dead letter is about a document, and has a reason', () => {
  const dead = messages.filter(({ queue }) => /^ReceiptsDeadLetters/.test(queue));
  assert.ok(dead.length > 0);
  for (const { body, attributes } of dead) {
    assert.ok(placeIn(body) !== null);
    assert.ok((attributes.reason ?? '') !== '');
  }
});

test('each message about a shard is read', () => {
  const shards = bodiesOf(/^ShardsTo/).map(parseShardMessage);
  assert.ok(shards.length > 0);
});

test('each phase that a parameter ever held is obeyed, and each claim of a move is finished', async () => {
  let claims = 0;
  for (const [name, values] of Object.entries(parameters)) {
    if (name.endsWith('/phase')) for (const value of values) assert.ok(parsePhase(value).phase);
    if (!name.includes('/moves/')) continue;
    claims++;
    const written: string[] = [];
    const register: Register = {
      read: async () => ({ value: phaseBefore(name), version: 7, changed: 0, now: 1000 }),
      claimed: async () => ({ text: values[0] ?? '', at: 1000 }),
      claim: async () => false,
      write: async (value) => {
        written.push(value);
      },
    };
    const { to, by } = JSON.parse(values[0] ?? '');
    assert.equal((await standing(register, 1000)).effective.phase, to);
    await move(register, 7, JSON.parse(values[0] ?? ''), 1000);
    for (const value of written) assert.deepEqual([parsePhase(value).phase, parsePhase(value).by], [to, by]);
    assert.equal(written.length, 2);
  }
  assert.ok(claims > 0);
});

/** The first phase of the collection that a claim is about. */
function phaseBefore(claim: string): string {
  const [, collection = ''] = /\/moves\/([^/]+)\//.exec(claim) ?? [];
  return parameters[`/crossfade/collections/${collection}/phase`]?.[0] ?? '';
}

test('the flags say what they said', () => {
  const values = new Map(Object.entries(parameters).map(([name, all]) => [name, all.at(-1) ?? '']));
  assert.deepEqual(wishOf(values, '/crossfade', 'orders').flags, {
    ...{ couchbaseWrites: true, oracleWrites: true, reads: 'oracle' },
  });
});

test('the attribute of each document says which version it is, and which are marks of deletions', () => {
  let [marked, named] = [0, 0];
  for (const { cas, attribute, body } of Object.values(recorded('documents.json')).flat()) {
    const parsed = attribute === null ? null : parseAttribute(JSON.stringify(attribute));
    assert.equal(parsed === null, attribute === null);
    const { version, marker, request } = readState(BigInt(cas), Buffer.from(body), parsed);
    const isOurs = parsed !== null && parsed.cas === BigInt(cas);
    assert.equal(version, isOurs ? parsed.version : BigInt(cas));
    assert.equal(marker, body === MARKER_BODY.toString());
    if (marker) marked++;
    if (request !== undefined) named++;
  }
  assert.ok(marked > 0 && named > 0);
});

test('steps of state machines, requests of apps and operations are understood', () => {
  const kinds = new Set<string>();
  for (const { entry, event } of invocations) {
    const step = event as {
      readonly step?: string;
      readonly job: 'copy' | 'verify';
      readonly input: unknown;
    };
    if (entry === 'plan' && step.step === 'begin') parseRequest(step.input, step.job, COLLECTIONS);
    if (entry === 'api') httpEvent(event);
    if (entry === 'operate') {
      const { parameters: path, body } = httpEvent(event);
      parseOperation(path.operation ?? '', JSON.parse(Buffer.from(body).toString()), COLLECTIONS);
    }
    kinds.add(`${entry} ${step.step ?? ''}`.trim());
  }
  for (const kind of ['api', 'operate', 'plan begin', 'plan summarize', 'reconcile', 'backfill', 'verify'])
    assert.ok(kinds.has(kind), kind);
});
