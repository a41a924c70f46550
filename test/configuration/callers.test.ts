/** What apps may do, and how much of it, as the configuration says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerShare } from '../../functions/configuration/caller_limit.ts';
import { parseConfiguration, problemsOf } from '../../functions/configuration/configuration.ts';
import { good } from './good.ts';

test('a token grants what its scopes name, unless it is said otherwise', () => {
  const { grants: _, ...rest } = good;
  const scopes = { kind: 'scopes', claims: ['scope', 'scp'], prefix: '' };
  assert.deepEqual(parseConfiguration(rest, 'here').grants, scopes);
  const groups = { kind: 'scopes', claims: ['cognito:groups'], prefix: 'shop/' };
  assert.deepEqual(parseConfiguration({ ...rest, grants: groups }, 'here').grants, groups);
  for (const [grants, problem] of [
    [{ kind: 'scopes', claims: [] }, 'grants.claims: there must be 1 or more'],
    [{ kind: 'scopes', prefix: 'a b' }, 'grants.prefix: it must have no space, [ or ]'],
    [{ kind: 'claim', claim: '' }, 'grants.claim: it must not be empty'],
    [{ kind: 'claim' }, 'grants.claim: it is missing'],
  ] as const)
    assert.deepEqual(problemsOf({ ...rest, grants }), [problem]);
  for (const grants of ['everything', { kind: 'all' }, { kind: 'everything', claim: 'x' }])
    assert.match(problemsOf({ ...rest, grants })[0] ?? '', /^grants/);
});

test('each container has the same part of what a caller may send, and there is no limit where none is set', () => {
  const { callers: _, ...rest } = good;
  assert.equal(parseConfiguration(rest, 'here').callers, null);
  assert.equal(callerShare(null), null);
  const limit = parseConfiguration({ ...good, callers: { perSecond: 290, containers: 29 } }, 'here').callers;
  assert.deepEqual(callerShare(limit), { perSecond: 10, burst: 100 });
  assert.deepEqual(callerShare({ perSecond: 1, burst: 2, containers: 4 }), { perSecond: 0.25, burst: 1 });
  for (const [callers, problem] of [
    [{ perSecond: 0 }, 'callers.perSecond: it must be 1 or more'],
    [{ perSecond: 1, burst: 0 }, 'callers.burst: it must be 1 or more'],
  ] as const)
    assert.deepEqual(problemsOf({ ...good, callers }), [problem]);
});

test('one operator is enough, unless it is said otherwise', () => {
  const { fourEyes: _, ...rest } = good;
  assert.deepEqual(parseConfiguration(rest, 'here').fourEyes, []);
  for (const fourEyes of [true, ['forces'], 'force'])
    assert.match(problemsOf({ ...rest, fourEyes })[0] ?? '', /^fourEyes/);
});

test('no key is taken from a path unless it is said', () => {
  const { keysInPath: _, ...rest } = good;
  assert.equal(parseConfiguration(rest, 'here').keysInPath, 'refuse');
  assert.match(problemsOf({ ...rest, keysInPath: true })[0] ?? '', /^keysInPath/);
});
