/** Each kind of request that did not end well has a metric of its own: alarms look at them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toldRequests } from '../../functions/edge/told_requests.ts';
import { PhaseUnknown } from '../../functions/phases/phase_cache.ts';

function told() {
  const all: unknown[] = [];
  const say =
    (level: string) =>
    (message: string, about: unknown): void =>
      void all.push([level, message, about]);
  const logger = { info: say('info'), warn: say('warn'), error: say('error') };
  return { all, told: toldRequests(logger, (metric) => all.push(metric)) };
}

test('an outcome that is in doubt is counted apart from a store that is away', () => {
  for (const [kind, metric] of [
    ['unknown', 'OutcomesUnknown'],
    ['unavailable', 'StoresUnavailable'],
  ] as const) {
    const { all, told: requests } = told();
    requests.doubt({ collection: 'orders', key: 'k' }, kind, ['time']);
    const about = { collection: 'orders', key: 'k', kind, causes: ['time'] };
    assert.deepEqual(all, [metric, ['warn', 'A request was answered 503', about]]);
  }
});

test('a phase that could not be read is no failure of the request', () => {
  for (const [error, metric] of [
    [new PhaseUnknown('the phase is not known', { cause: new Error('SSM') }), 'LeaseRefusals'],
    [new TypeError('bug'), 'RequestsFailed'],
  ] as const) {
    const { all, told: requests } = told();
    requests.failed(error);
    assert.deepEqual(all, [metric, ['error', 'A request failed', error]]);
  }
});

test('what Oracle can never take is counted, refused or acknowledged, with a digest of who has sent it', () => {
  const { all, told: requests } = told();
  requests.refused({ slug: 'unstorable', status: 422, title: 't', detail: 'no number' });
  requests.unstorable({ collection: 'orders', key: 'k' }, 'digest');
  assert.deepEqual(all, [
    ...['UnstorableRefused', ['info', 'A request was refused', { problem: 'unstorable: no number' }]],
    'UnstorableAccepted',
    [
      ...['warn', 'A write was acknowledged that Oracle can never take'],
      { collection: 'orders', key: 'k', caller: 'digest' },
    ],
  ]);
});

test('a request that the token does not grant counts for a metric, and its caller is told', () => {
  const { all, told: requests } = told();
  requests.notGranted('"orders"', 'write', 'digest');
  const about = { collection: '"orders"', verb: 'write', caller: 'digest' };
  assert.deepEqual(all, ['NotGranted', ['warn', 'A token does not grant a request', about]]);
});

test('what a client has done wrong counts for no metric', () => {
  const { all, told: requests } = told();
  requests.refused({ slug: 'key-missing', status: 400, title: 't', detail: 'it is empty' });
  assert.deepEqual(all, [['info', 'A request was refused', { problem: 'key-missing: it is empty' }]]);
});

test('a caller who sends too many counts for a metric: operators see whom the limit hits', () => {
  const { all, told: requests } = told();
  requests.refused({ slug: 'too-many-requests', status: 429, title: 't', detail: 'it is too much' });
  assert.equal(all[0], 'CallersLimited');
});
