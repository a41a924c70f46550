/** Operations that are about one collection are refused where there is no such collection. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerOf } from '../../functions/edge/http/caller.ts';
import { parseOperation } from '../../functions/operations/request.ts';

const why = 'for a test';
const NAMING = {
  ...{ explain: { key: 'k' }, preflight: {}, verified: {}, force: { why }, retire: { why } },
  ...{ tombstones: { why }, space: {}, erase: { key: 'k', why } },
  ...{ 'at-risk': { kind: 'handed-off' }, set: { changes: [{ flag: 'reads', value: 'oracle' }], why } },
  ...{ 'set-aside': {}, 'set-aside-body': { id: 'i' }, 'set-aside-decide': { how: 'keep', why } },
  ...{ 'sql-changes': {}, 'sql-changes-decide': { how: 'leave', why } },
  ...{ 'accept-identity': { why }, 'preflight-accept': { tooLarge: 1, why }, hold: {}, commit: {} },
};

test('a collection that there is not is refused, whatever is to be done with it', () => {
  for (const [name, input] of Object.entries(NAMING)) {
    assert.equal(parseOperation(name, { ...input, collection: 'orders' }, ['orders']).name, name);
    assert.throws(
      () => parseOperation(name, { ...input, collection: 'nosuch' }, ['orders']),
      { name: 'BadOperation', message: /^There is no collection "?nosuch/ },
      name,
    );
  }
});

test('a preflight of keys that are longer than any key can be is refused, and not tried', () => {
  const asked = (input: object) =>
    parseOperation('preflight', { collection: 'orders', ...input }, ['orders']);
  for (const name of ['prefix', 'after', 'upTo']) {
    assert.equal(asked({ [name]: 'é'.repeat(125) }).name, 'preflight');
    assert.throws(() => asked({ [name]: 'é'.repeat(126) }), {
      name: 'BadOperation',
      message: new RegExp(`wrongly at ${name}: it has more than 250 bytes`),
    });
  }
});

test('a key that no document can have is refused wherever one is named, and no store is asked for it', () => {
  const long = 'é'.repeat(126);
  for (const [name, input] of [
    ['explain', { collection: 'orders', key: long }],
    ['erase', { collection: 'orders', key: long, why }],
    ['hash', { key: long }],
    ['dead-letters', { key: long }],
    ['dead-letters', { prefix: long }],
    ['discard', { key: long, why }],
    ['sql-changes', { collection: 'orders', key: long }],
    ['sql-changes', { collection: 'orders', after: long }],
    ['sql-changes-decide', { collection: 'orders', how: 'leave', why, after: long }],
    ['set-aside', { collection: 'orders', key: long }],
    ['set-aside', { collection: 'orders', prefix: long }],
    ['set-aside-decide', { collection: 'orders', how: 'keep', why, key: long }],
    ['set-aside-decide', { collection: 'orders', how: 'keep', why, prefix: long }],
  ] as const)
    assert.throws(
      () => parseOperation(name, input, ['orders']),
      { name: 'BadOperation', message: /wrongly at (key|prefix|after): it has more than 250 bytes/ },
      name,
    );
});

test('a choice of a caller that no list tells is refused: it would leave out nothing', () => {
  const asked = (caller: string) =>
    parseOperation('leave-out', { collection: 'orders', caller, why }, ['orders']).name;
  assert.equal(asked(callerOf({ iss: 'i', sub: 'test-client' })), 'leave-out');
  assert.equal(asked(callerOf({})), 'leave-out');
  for (const caller of ['test-client', 'test-client~', '名'.repeat(90), `${'x'.repeat(100)}~012345678901`])
    assert.throws(() => asked(caller), {
      name: 'BadOperation',
      message: /wrongly at caller: it must be as npx crossfade dead-letters list tells it, SUBJECT~DIGEST/,
    });
});

test('letters of a collection that is configured no more can still be asked for, and flags of all be set', () => {
  assert.equal(parseOperation('dead-letters', { collection: 'gone' }, ['orders']).name, 'dead-letters');
  assert.equal(parseOperation('set', { ...NAMING.set, collection: null }, ['orders']).name, 'set');
});

test('a reason comes on one line, so that no part of it passes for another line of what it is told in', () => {
  const said = 'the sale\r\nREADY: orders is ready\u2028\x1b[2K';
  for (const [name, input] of Object.entries(NAMING)) {
    const { why: told = null } = parseOperation(
      name,
      { ...input, collection: 'orders', ...('why' in input && { why: said }) },
      ['orders'],
    ) as { readonly why?: string | null };
    if ('why' in input) assert.equal(told, 'the sale READY: orders is ready [2K', name);
  }
  assert.throws(
    () => parseOperation('hold', { collection: 'orders', why: '\r\n\r\n\r\n' }, ['orders']),
    /wrongly at why: say why/,
  );
});
