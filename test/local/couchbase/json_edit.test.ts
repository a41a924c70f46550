import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32c } from '../../../infra/local/servers/couchbase/crc32c.ts';
import { type Edit, edit } from '../../../infra/local/servers/couchbase/json_edit.ts';
import { Refusal, STATUS } from '../../../infra/local/servers/couchbase/wire.ts';

const TEXT = '{ "a": {"b":[1, 2.0 ,{"c":"x,]}"}]}, "n" : 9007199254740993, "e":{}, "d.t":1 }';

for (const [kind, path, value, expected] of [
  ['dictUpsert', 'a.z', '5', TEXT.replace('"x,]}"}]', '"x,]}"}],"z":5')],
  ['dictUpsert', 'n', '1e0', TEXT.replace('9007199254740993', '1e0')],
  ['dictUpsert', 'e.k', '[]', TEXT.replace('{}', '{"k":[]}')],
  ['dictAdd', 'new', 'null', TEXT.replace('"d.t":1', '"d.t":1,"new":null')],
  ['replace', 'a.b[1]', '3', TEXT.replace('2.0', '3')],
  ['replace', 'a.b[-1].c', '0', TEXT.replace('"x,]}"', '0')],
  ['replace', '`d.t`', '2', TEXT.replace('"d.t":1', '"d.t":2')],
  ['remove', 'n', '', TEXT.replace(', "n" : 9007199254740993', '')],
  ['remove', 'a', '', TEXT.replace('"a": {"b":[1, 2.0 ,{"c":"x,]}"}]}, ', '')],
  ['remove', 'a.b[0]', '', TEXT.replace('1, ', '')],
  ['arrayPushLast', 'a.b', '7,8', TEXT.replace('"}]', '"},7,8]')],
  ['arrayPushFirst', 'a.b', '0', TEXT.replace('[1', '[0,1')],
  ['arrayInsert', 'a.b[1]', '0', TEXT.replace('2.0', '0,2.0')],
  ['counter', 'n', '10', TEXT.replace('9007199254740993', '9007199254741003')],
] as const)
  test(`${kind} at ${path} changes that place and no other character`, () => {
    assert.equal(edit(TEXT, kind, path, value, false), expected);
    assert.doesNotThrow(() => JSON.parse(expected));
  });

for (const [kind, path, value, status] of [
  ['dictAdd', 'n', '1', STATUS.pathExists],
  ['dictUpsert', 'q.r', '1', STATUS.pathNotFound],
  ['dictUpsert', 'a.b', 'no json', STATUS.cannotInsert],
  ['dictUpsert', 'n.x', '1', STATUS.pathMismatch],
  ['replace', 'q', '1', STATUS.pathNotFound],
  ['replace', 'a.b[9]', '1', STATUS.pathNotFound],
  ['replace', 'a..b', '1', STATUS.pathInvalid],
  ['replace', 'a.b[', '1', STATUS.pathInvalid],
  ['replace', 'n', '', STATUS.cannotInsert],
  ['remove', 'q', '', STATUS.pathNotFound],
  ['arrayPushLast', 'e', '1', STATUS.pathMismatch],
  ['arrayInsert', 'a.b[7]', '1', STATUS.pathNotFound],
  ['arrayAddUnique', 'a.b', '1', STATUS.pathExists],
  ['arrayAddUnique', 'a.b', '{}', STATUS.cannotInsert],
  ['counter', 'a', '1', STATUS.pathMismatch],
  ['counter', 'n', '0', STATUS.invalid],
] as const)
  test(`${kind} at ${path} with ${value || 'nothing'} is refused with 0x${status.toString(16)}`, () => {
    assert.throws(
      () => edit(TEXT, kind, path, value, false),
      (error) => error instanceof Refusal && error.status === status,
    );
  });

test('missing parents are made where that was asked for', () => {
  assert.equal(edit('{}', 'dictUpsert', 'a.b.c', '1', true), '{"a":{"b":{"c":1}}}');
  assert.equal(edit('{"a":{}}', 'arrayPushLast', 'a.list', '1', true), '{"a":{"list":[1]}}');
});

test('a chain of edits of an object leaves what the same edits of a JavaScript object leave', () => {
  const anyEdit = fc.record({
    kind: fc.constantFrom<Edit>('dictUpsert', 'remove'),
    name: fc.constantFrom('a', 'b', 'key with space', 'ü'),
    value: fc.jsonValue({ maxDepth: 2 }),
  });
  fc.assert(
    fc.property(fc.array(anyEdit, { maxLength: 12 }), (edits) => {
      let text = '{}';
      const model: Record<string, unknown> = {};
      for (const { kind, name, value } of edits) {
        if (kind === 'remove' && !(name in model)) continue;
        text = edit(text, kind, name, JSON.stringify(value), false);
        if (kind === 'remove') delete model[name];
        else model[name] = value;
      }
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(model)));
    }),
  );
});

test('the checksum is CRC-32C', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
});
