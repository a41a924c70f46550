/** Lines of the log: no value of a document, whatever the errors behind a message quote; and keys by their hashes where that is set. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as couchbase from 'couchbase';
import fc from 'fast-check';
import { KeyNames, UNREAD } from '../../functions/edge/key_names.ts';
import { inLog, plainError } from '../../functions/edge/log_lines.ts';
import { withKeys } from '../../functions/parsing/keys_in_text.ts';
import { keyHash } from '../../functions/records/key_hash.ts';
import { failureOf as ofCouchbase } from '../../functions/stores/couchbase/failure.ts';
import { PoisonDocument, StoreUnavailable } from '../../functions/stores/failure.ts';
import { failureOf as ofOracle } from '../../functions/stores/oracle/failure.ts';

const CARD = '4111111111111111';
const KEY = 'jane.doe@example.org "quoted"';
const TARGET = { store: 'oracle', operation: 'write', collection: 'ORDERS', key: KEY } as const;
const SALT = 's'.repeat(32);
const hashed = (key: string) => keyHash(SALT, key);
const asIs = (key: string) => key;

function thrownBy(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  return assert.fail('nothing was thrown');
}

const coded = Object.assign(new TypeError(`the argument must be a number. Received ${CARD}`), {
  code: 'ERR_INVALID_ARG_TYPE',
});
/** What drivers and JavaScript throw, with a value in it. */
const QUOTING: readonly Error[] = [
  new Error(
    `ORA-00001: unique constraint (A.B) violated\nORA-03301: row with column values (CARD:'${CARD}') exists`,
  ),
  new Error(`ORA-01722: unable to convert string value containing ${CARD} to a number: `),
  new Error(`NJS-115: the value ${CARD} cannot be represented`),
  new Error(`ORA-29999: ${CARD}`),
  thrownBy(() => JSON.parse(`{"card":"${CARD}`)),
  thrownBy(() => BigInt(`${CARD}x`)),
  coded,
  new couchbase.ParsingFailureError(undefined, {
    statement: `SELECT ${CARD}`,
    first_error_message: `syntax error near ${CARD}`,
  } as never),
  Object.assign(new Error('a failure'), { row: { card: CARD }, offset: 3 }),
];

const lineOf = (about: unknown, shown = asIs) => JSON.stringify({ message: 'm', about }, inLog(shown));

test('an error that quotes a value shows none of it in a line, nor does any error that it stands behind', () => {
  for (const cause of QUOTING) {
    const all = [
      cause,
      new Error('it failed', { cause }),
      ofOracle(cause, TARGET, true),
      ofCouchbase(cause, TARGET, true),
    ];
    for (const error of [...all, new PoisonDocument(TARGET, 'it is refused', cause)]) {
      // What is thrown as it is can only be told by who logs it.
      const line = lineOf(error);
      assert.doesNotMatch(line, /4111/, `${cause}`);
      assert.match(line, /"stack":"\w+: /);
      assert.doesNotMatch(JSON.stringify(describedByLambda(plainError(error, asIs))), /4111/, `${cause}`);
    }
  }
});

/** As the runtime of Lambda writes it: all members of an error, and those of the errors in them. */
function describedByLambda(error: Error): unknown {
  const { name, message, stack, cause } = error;
  return {
    ...error,
    name,
    message,
    stack,
    ...(cause instanceof Error && { cause: describedByLambda(cause) }),
  };
}

test('of an error a line has what names it: its message, codes and places', () => {
  const cause = new Error('ORA-00060: deadlock detected\nORA-06512: at line 2');
  const { about } = JSON.parse(lineOf(ofOracle(cause, TARGET, true)));
  assert.match(about.message, /no clear answer \(ORA-00060: deadlock detected\)/);
  assert.match(about.cause.cause.message, /^ORA-00060, ORA-06512: /);
  assert.match(about.location, /failure\.ts:\d+$/);
  const aws = Object.assign(new Error('slow down'), { $metadata: { requestId: 'r' }, code: 'E_CODE' });
  assert.deepEqual(JSON.parse(lineOf(aws)).about.$metadata, { requestId: 'r' });
  assert.equal(JSON.parse(lineOf(aws)).about.code, 'E_CODE');
});

test('every key is shown by its hash, wherever a line has one', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 }).map((rest) => `zq${rest}`);
  fc.assert(
    fc.property(text, (key) => {
      const target = { ...TARGET, key };
      const errors = [
        new PoisonDocument(target, 'it is refused'),
        new StoreUnavailable(target, true, new Error('x')),
      ];
      const body = JSON.stringify({ collection: 'orders', key, phase: 'expand' });
      const places = [{ key }, { place: { key } }, { keys: [key] }];
      for (const about of [...places, ...errors, { cause: String(errors[0]) }, { body }]) {
        const line = lineOf(about, hashed);
        assert.ok(line.includes(hashed(key)), line);
        assert.ok(!line.includes(JSON.stringify(key).slice(1, -1)), line);
      }
      assert.ok(plainError(errors[0], hashed).message.includes(hashed(key)));
    }),
  );
  assert.equal(withKeys('a key that is none, "x"', hashed), 'a key that is none, "x"');
});

test('a hash tells nothing without the salt, and one key has one hash', () => {
  assert.equal(keyHash(SALT, KEY), keyHash(SALT, KEY));
  assert.notEqual(keyHash(SALT, KEY), keyHash(`${SALT}x`, KEY));
  assert.match(keyHash(SALT, KEY), /^#[\w-]{16}$/);
});

test('until the salt is read no key is shown, and it is read again after a while', async () => {
  let [now, fails, asked] = [0, true, 0];
  const read = async () => {
    asked++;
    return fails ? assert.fail('no answer') : SALT;
  };
  const names = new KeyNames(read, () => now);
  assert.equal(names.shown(KEY), UNREAD);
  await assert.rejects(names.hash(KEY), /no answer/);
  fails = false;
  await assert.rejects(names.hash(KEY), /no answer/);
  assert.equal(asked, 1, 'Secrets Manager is not asked with each line');
  now = 5000;
  assert.equal(await names.hash(KEY), hashed(KEY));
  assert.equal(names.shown(KEY), hashed(KEY));
  assert.equal(new KeyNames(null, () => now).shown(KEY), KEY);
});
