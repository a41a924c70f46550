/** The parameter store of this machine, asked as the SDK asks. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ParameterStore } from '../../infra/local/aws/parameters.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossfade-'));
after(() => rmSync(folder, { recursive: true }));

const put = (store: ParameterStore, Value: string) =>
  store.call('PutParameter', { Name: '/c/reads', Value, Overwrite: true }, 'me');
const get = (store: ParameterStore) =>
  (
    store.call('GetParameter', { Name: '/c/reads' }, 'me') as {
      Parameter: { Value: string; Version: number };
    }
  ).Parameter;

test('a value must match its pattern, and each change counts the version up', () => {
  const store = new ParameterStore(null, () => 5000);
  store.declare('/c/reads', 'couchbase', 'what is read', '^(couchbase|oracle)$');
  assert.throws(() => put(store, 'both'), { type: 'ParameterPatternMismatchException' });
  assert.deepEqual([get(store).Value, get(store).Version], ['couchbase', 1]);
  assert.deepEqual(put(store, 'oracle'), { Version: 2, Tier: 'Standard' });
  // An operator has one name, by whatever policies, as the gateway tells it.
  store.call('PutParameter', { Name: '/c/reads', Value: 'couchbase', Overwrite: true }, 'ann@read+move');
  const { Parameters } = store.call('GetParameterHistory', { Name: '/c/reads' }, 'me') as {
    Parameters: { Value: string; LastModifiedUser: string }[];
  };
  assert.deepEqual(
    Parameters.map(({ Value, LastModifiedUser }) => [Value, LastModifiedUser]),
    [
      ['couchbase', 'arn:aws:iam::000000000000:user/deployment'],
      ['oracle', 'arn:aws:iam::000000000000:user/me'],
      ['couchbase', 'arn:aws:iam::000000000000:user/ann'],
    ],
  );
});

test('what is deleted is not there any more, and what is not there cannot be deleted', () => {
  const store = new ParameterStore(null, () => 0);
  const remove = () => store.call('DeleteParameter', { Name: '/c/reads' }, 'me');
  put(store, 'oracle');
  assert.deepEqual(remove(), {});
  for (const missing of [() => get(store), remove]) assert.throws(missing, { type: 'ParameterNotFound' });
  assert.deepEqual(put(store, 'oracle'), { Version: 1, Tier: 'Standard' });
});

test('what is there is not overwritten by accident, and what is not there is named', () => {
  const store = new ParameterStore(null, () => 0);
  store.declare('/c/reads', 'couchbase', '', null);
  assert.throws(() => store.call('PutParameter', { Name: '/c/reads', Value: 'x' }, 'me'), {
    type: 'ParameterAlreadyExists',
  });
  assert.throws(() => store.call('GetParameter', { Name: '/c/x' }, 'me'), { type: 'ParameterNotFound' });
  assert.throws(() => store.call('LabelParameterVersion', {}, 'me'), { type: 'UnknownOperationException' });
  const several = store.call('GetParameters', { Names: ['/c/reads', '/c/x'] }, 'me') as {
    InvalidParameters: string[];
  };
  assert.deepEqual(several.InvalidParameters, ['/c/x']);
});

test('a path has what lies right below it, or all below it', () => {
  const store = new ParameterStore(null, () => 0);
  for (const name of ['/c/a', '/c/b/d', '/cx']) store.declare(name, '1', '', null);
  const below = (Recursive: boolean) =>
    (store.call('GetParametersByPath', { Path: '/c', Recursive }, 'me') as { Parameters: { Name: string }[] })
      .Parameters;
  assert.deepEqual(
    below(false).map(({ Name }) => Name),
    ['/c/a'],
  );
  assert.deepEqual(
    below(true).map(({ Name }) => Name),
    ['/c/a', '/c/b/d'],
  );
});

test('values outlive the process, and a later deployment leaves them alone', () => {
  const file = join(folder, 'parameters.json');
  const first = new ParameterStore(file, () => 0);
  first.declare('/c/reads', 'couchbase', '', null);
  put(first, 'oracle');
  const second = new ParameterStore(file, () => 0);
  second.declare('/c/reads', 'couchbase', '', null);
  assert.deepEqual([get(second).Value, get(second).Version], ['oracle', 2]);
});

test('a history is told page by page, the oldest value first, and no more than fifty at a time', () => {
  const store = new ParameterStore(null, () => 5000);
  store.declare('/c/reads', '1', 'what is read', null);
  for (let n = 2; n <= 60; n++) put(store, String(n));
  type Page = { Parameters: { Version: number }[]; NextToken?: string };
  const page = (more: object) =>
    store.call('GetParameterHistory', { Name: '/c/reads', ...more }, 'me') as Page;
  const first = page({});
  assert.deepEqual([first.Parameters.length, first.Parameters[0]?.Version], [50, 1]);
  const { Parameters, NextToken } = page({ NextToken: first.NextToken });
  assert.deepEqual([Parameters.length, Parameters.at(-1)?.Version, NextToken], [10, 60, undefined]);
  assert.throws(() => page({ MaxResults: 51 }), { type: 'ValidationException' });
});
