import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flagsSet } from '../../functions/operations/flags_set.ts';
import { BadOperation, parseOperation } from '../../functions/operations/request.ts';
import type { FlagName } from '../../functions/phases/parameters.ts';
import { changesTo, mistakeIn } from '../../infra/console/flags.ts';
import { type Settable, setFlags } from '../../infra/console/moves.ts';
import { BadCommand } from '../../infra/console/service.ts';
import { failureText } from '../../infra/console/unreachable.ts';

const COLLECTIONS = ['orders', 'carts'];

/** @param fails the parameter that may not be set, or `audit` where Oracle is away. */
function serviceThat(fails?: string) {
  const calls: string[] = [];
  const entries: { collection: string | null; changes: unknown; why: string | null }[] = [];
  const service = {
    about: async () => ({
      parameters: '/x',
      collections: COLLECTIONS,
      machines: { copy: '', verify: '' },
      ...{ bake: 0, request: 20_000 },
    }),
    ask: async (operation: string, input: object = {}) => {
      if (operation === 'flags') return [];
      calls.push(operation);
      if (fails === 'audit') throw new Error('503: oracle is away');
      const { collection, changes, why } = parseOperation(operation, input, COLLECTIONS) as never;
      entries.push({ collection, changes, why });
      return {};
    },
    set: async (name: string, value: string) => {
      if (name === fails)
        throw Object.assign(new Error(`ssm:PutParameter on ${name}`), { name: 'AccessDeniedException' });
      calls.push(`${name} ${value}`);
    },
  } as Settable;
  return { service, calls, entries };
}

const toExpand = changesTo('expand', undefined) ?? [];

test('who sets flags says why, and both are in the audit log', async () => {
  const { service, calls, entries } = serviceThat();
  const { set, unaudited } = await setFlags(service, null, toExpand, 'the load test is over');
  assert.deepEqual([set.length, unaudited], [3, null]);
  // What is entered has happened.
  assert.deepEqual(calls, ['/x/couchbase-writes true', '/x/oracle-writes true', '/x/reads couchbase', 'set']);
  assert.deepEqual(entries, [{ collection: null, changes: toExpand, why: 'the load test is over' }]);
  const changes = [{ flag: 'reads' as FlagName, value: 'oracle' }];
  assert.deepEqual(flagsSet({ collection: 'carts', changes, why: 'they go first' }), [
    'carts: flags set',
    'reads oracle: they go first',
  ]);
  assert.deepEqual(flagsSet({ collection: null, changes: toExpand, why: null }), [
    'all collections: flags set',
    'couchbase-writes true, oracle-writes true, reads couchbase: no reason was given',
  ]);
});

test('a store that is away keeps nobody from setting flags, and the command says what is missing', async () => {
  const { service, calls } = serviceThat('audit');
  const { set, unaudited } = await setFlags(service, null, toExpand, null);
  assert.deepEqual([set.length, calls.length], [3, 4]);
  assert.match(
    unaudited ?? '',
    /The flags are set, but the audit log has no entry of it: 503: oracle is away/,
  );
  assert.match(
    unaudited ?? '',
    /The controller enters who .* once Oracle answers\. For the reason, give the same command again/,
  );
});

test('where only some of the flags could be set, those are entered and named, and the right that lacks is told', async () => {
  const { service, entries } = serviceThat('/x/reads');
  const told = (settable: Settable, why: string | null) =>
    setFlags(settable, null, toExpand, why).then(
      () => assert.fail('it was not refused'),
      (error: unknown) => failureText(error, {}),
    );
  const advice = /\. Ask for the policy of the stack's output PolicyMove, /;
  const some = await told(service, 'the load test is over');
  assert.match(
    some,
    /^ssm:PutParameter on \/x\/reads\. Only this was set: \/x\/couchbase-writes true, \/x\/oracle-writes true/,
  );
  assert.match(some, advice);
  assert.deepEqual(entries[0]?.changes, toExpand.slice(0, 2));
  const none = serviceThat('/x/couchbase-writes');
  const nothing = await told(none.service, null);
  assert.match(nothing, advice);
  assert.doesNotMatch(nothing, /was set/);
  assert.deepEqual(none.entries, []);
});

test('a reason that the log would refuse is refused before anything is set', async () => {
  const { service, calls } = serviceThat();
  for (const why of ['', ' no ', 'x'.repeat(501)])
    await assert.rejects(setFlags(service, null, toExpand, why), BadCommand);
  assert.deepEqual(calls, []);
  assert.throws(() => parseOperation('set', { collection: null, changes: [], why: null }, []), BadOperation);
  const changes = [{ flag: 'reads', value: 'oracle' }];
  assert.throws(
    () => parseOperation('set', { collection: 'x', changes, why: null }, COLLECTIONS),
    /no collection "x"/,
  );
});

test('what cannot be set is told with what can', () => {
  const cases: readonly (readonly [string, string | undefined, string | null, RegExp | null])[] = [
    [
      'expnd',
      undefined,
      null,
      /^set expnd: there is no such phase or flag\. It can be legacy, expand, settle or contract; couchbase-writes, oracle-writes or reads with a value; or inherit with --collection NAME$/,
    ],
    ['seal', undefined, null, /^set seal: seal is only passed through.* legacy, expand, settle or contract/],
    ['reads', undefined, null, /the value is missing\. It can be couchbase or oracle$/],
    ['reads', 'both', 'carts', /^set reads both: reads can be couchbase, oracle or inherit$/],
    ['reads', 'inherit', null, /reads can be couchbase or oracle$/],
    ['inherit', undefined, null, /Give --collection NAME/],
    ['expand', 'true', null, /expand takes no value/],
    ['expand', undefined, null, null],
    ['oracle-writes', 'true', null, null],
    ['reads', 'inherit', 'carts', null],
    ['inherit', undefined, 'carts', null],
  ];
  for (const [what, value, collection, said] of cases) {
    const mistake = mistakeIn(what, value, collection);
    if (said === null) assert.equal(mistake, null);
    else assert.match(mistake ?? '', said);
    if (mistake === null) assert.ok(changesTo(what, value) !== null);
  }
});
