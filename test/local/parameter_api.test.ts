/** The API of parameters on this machine, as strict and as late as SSM's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parameterText } from '../../functions/parsing/parameter_text.ts';
import { ParameterApi } from '../../infra/local/aws/parameter_api.ts';
import { ParameterStore } from '../../infra/local/aws/parameters.ts';

interface Found {
  readonly Parameter: { readonly Value: string; readonly Version: number };
  readonly Parameters: readonly { readonly Name: string; readonly Value: string }[];
  readonly InvalidParameters: readonly string[];
  readonly NextToken?: string;
}

/** @param random of every read. */
function world(random: number) {
  const clock = { now: 1_000_000, steady: 0 };
  const store = new ParameterStore(null, () => clock.now);
  const api = new ParameterApi(
    store,
    () => random,
    () => clock.steady,
  );
  const call = (operation: string, input: object) => api.answer(operation, { ...input }, 'me') as Found;
  const put = (Name: string, Value: string, more = {}) =>
    call('PutParameter', { Name, Value, Type: 'String', ...more });
  return { clock, store, api, call, put };
}

test('for a moment after a change a read may tell what was before, and later no more', () => {
  const { clock, api, call, put } = world(0);
  put('/c/a', 'old');
  assert.throws(() => call('GetParameter', { Name: '/c/a' }), { type: 'ParameterNotFound' });
  assert.deepEqual(call('GetParameters', { Names: ['/c/a'] }), {
    Parameters: [],
    InvalidParameters: ['/c/a'],
  });
  clock.now += 1000;
  put('/c/a', 'new', { Overwrite: true });
  assert.deepEqual(call('GetParameter', { Name: '/c/a' }).Parameter.Version, 1);
  assert.equal(call('GetParametersByPath', { Path: '/c' }).Parameters[0]?.Value, 'old');
  clock.now += 1000;
  assert.deepEqual(call('GetParameter', { Name: '/c/a' }).Parameter.Value, 'new');
  assert.equal(api.struck.before, 4);
  const prompt = world(0.9);
  prompt.put('/c/a', 'old');
  assert.equal(prompt.call('GetParameter', { Name: '/c/a' }).Parameter.Value, 'old');
});

test('forty reads a second and three writes are answered, and no more', () => {
  const { clock, store, api, call, put } = world(0.9);
  store.declare('/c/a', '1', '', null);
  const read = (n: number) =>
    n % 2 === 0 ? call('GetParameter', { Name: '/c/a' }) : call('GetParameters', { Names: ['/c/a'] });
  for (let n = 0; n < 40; n++) read(n);
  assert.throws(() => read(0), { type: 'ThrottlingException', message: 'Rate exceeded' });
  for (let n = 0; n < 3; n++) put(`/c/b${n}`, '1');
  assert.throws(() => put('/c/b3', '1'), { type: 'ThrottlingException' });
  clock.steady += 1000;
  for (let n = 0; n < 40; n++) read(n);
  put('/c/b3', '1');
  assert.equal(api.struck.throttled, 2);
  assert.throws(() => read(0), { type: 'ThrottlingException' });
  store.highThroughput = true;
  for (let n = 0; n < 1000; n++) read(n);
  assert.throws(() => read(0), { type: 'ThrottlingException' });
});

test('names, values and lists have the sizes that SSM takes', () => {
  const { clock, call, put } = world(0.9);
  const refused = (act: () => unknown, message: RegExp) => {
    clock.steady += 1000;
    assert.throws(act, { type: 'ValidationException', message });
  };
  refused(() => put('/c/a b', '1'), /no valid name/);
  refused(() => put('/aws/a', '1'), /no valid name/);
  refused(() => put('/a'.repeat(16), '1'), /no valid name/);
  refused(() => put(`/${'a'.repeat(1000)}`, '1'), /less than or equal to 1011/);
  refused(() => put('/c/a', 'ü'.repeat(2049)), /maximum parameter value of 4096/);
  refused(() => put('/c/a', '1', { Type: undefined }), /type is required/);
  const names = Array.from({ length: 11 }, (_, n) => `/c/${n}`);
  refused(() => call('GetParameters', { Names: names }), /less than or equal to 10/);
  for (const name of names) {
    clock.steady += 1000;
    put(name, 'ü'.repeat(2048));
  }
  const first = call('GetParametersByPath', { Path: '/c' });
  const { NextToken = '' } = first;
  const last = call('GetParametersByPath', { Path: '/c', NextToken });
  assert.deepEqual(
    [first, last].map(({ Parameters }) => Parameters.length),
    [10, 1],
  );
  assert.equal(last.NextToken, undefined);
});

test('a value with a text between double braces is refused, since it would name another parameter', () => {
  const { clock, put } = world(1);
  const later = () => {
    clock.steady += 1000;
  };
  for (const value of ['{{x}}', 'a {{ssm:y}} b', '{"why":"{{x}}"}'])
    assert.throws(() => put('/c/a', value), { type: 'ValidationException' }, value);
  for (const value of [
    '{"why":"{x}"}',
    '{"a":{"b":1}}',
    '{{',
    '}}',
    parameterText('{"why":"{{x}} {{{y}}}"}'),
  ]) {
    later();
    const name = `/c/${value.length}`;
    assert.doesNotThrow(() => put(name, value, { Overwrite: true }), value);
  }
  const json = JSON.stringify({ why: '{{x}} {{{y}}} {{{{' });
  assert.deepEqual(JSON.parse(parameterText(json)), JSON.parse(json));
  assert.ok(!parameterText(json).includes('{{'));
});
