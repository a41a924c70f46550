import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches, Policies } from '../../infra/local/policy.ts';
import { Template } from '../../infra/local/template.ts';

const statement = (Effect: string, Action: unknown, Resource: unknown) => ({ Effect, Action, Resource });
const policies = (...Statement: unknown[]) =>
  new Policies(
    new Template('', {
      Resources: {
        P: { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: { Statement }, Roles: ['role'] } },
      },
    }),
  );

test('what no statement allows is not allowed', () => {
  const some = policies(statement('Allow', ['sqs:SendMessage', 'sqs:Get*'], 'arn:q'));
  assert.equal(some.allows('role', 'sqs:SendMessage', 'arn:q'), true);
  assert.equal(some.allows('role', 'sqs:sendmessage', 'arn:q'), true);
  assert.equal(some.allows('role', 'sqs:GetQueueUrl', 'arn:q'), true);
  assert.equal(some.allows('role', 'sqs:DeleteMessage', 'arn:q'), false);
  assert.equal(some.allows('role', 'sqs:SendMessage', 'arn:q2'), false);
  assert.equal(some.allows('other', 'sqs:SendMessage', 'arn:q'), false);
});

test('a denial beats whatever allows', () => {
  const some = policies(statement('Allow', '*', '*'), statement('Deny', 'ssm:*', ['arn:a', 'arn:b*']));
  assert.equal(some.allows('role', 'ssm:GetParameter', 'arn:c'), true);
  assert.equal(some.allows('role', 'ssm:GetParameter', 'arn:b/c'), false);
});

test('wildcards are * and ?, and nothing else is special', () => {
  for (const [pattern, text, expected] of [
    ['a*', 'abc', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['secret:x-??????', 'secret:x-LoCaL0', true],
    ['secret:x-??????', 'secret:x-owner-LoCaL0', false],
    ['a.c', 'abc', false],
    ['/{key+}', '/{key+}', true],
    ['(a|b)', 'a', false],
  ] as const)
    assert.equal(matches(pattern, text), expected, `${pattern} on ${text}`);
});
