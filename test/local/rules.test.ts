import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Policies } from '../../infra/local/policy.ts';
import { rulesOf } from '../../infra/local/rules.ts';
import { Template } from '../../infra/local/template.ts';

const MACHINE = 'arn:aws:states:eu-central-1:000000000000:stateMachine:Verify';

function templateWith(when: string | object, action = 'states:StartExecution'): Template {
  const Statement = [{ Effect: 'Allow', Action: action, Resource: MACHINE }];
  const target = { Arn: MACHINE, Input: '{"collection":"orders"}', RoleArn: 'arn:aws:iam::0:role/Events' };
  return new Template('/out', {
    Resources: {
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          ...(typeof when === 'string' ? { ScheduleExpression: when } : { EventPattern: when }),
          Targets: [target],
        },
      },
      Policy: { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: { Statement }, Roles: ['Events'] } },
    },
  });
}

function read(template: Template) {
  const started: string[][] = [];
  const names: string[] = [];
  const { scheduled: found, changed } = rulesOf(template, new Policies(template), (...given) => {
    names.push(given[2]);
    started.push(given.slice(0, 2));
  });
  return { found, changed, started, names };
}

test('a rule starts its machine with its input, as often as it says', () => {
  for (const [expression, milliseconds] of [
    ['rate(1 day)', 86_400_000],
    ['rate(12 hours)', 43_200_000],
    ['rate(5 minutes)', 300_000],
  ] as const) {
    const { found, started } = read(templateWith(expression));
    assert.deepEqual(
      found.map((each) => each.milliseconds),
      [milliseconds],
    );
    for (const { start } of found) start();
    assert.deepEqual(started, [[MACHINE, '{"collection":"orders"}']]);
  }
});

test('executions are named as EventBridge names them: by the event and by the target, in 73 characters', () => {
  const { found, names } = read(templateWith('rate(1 day)'));
  for (const { start } of [...found, ...found]) start();
  assert.match(names[0] ?? '', /^[0-9a-f-]{36}_[0-9a-f-]{36}$/);
  assert.equal(new Set(names).size, 2);
  assert.equal(new Set(names.map((name) => name.slice(37))).size, 1);
});

test('what this machine cannot do, and a role that may not start, are refused', () => {
  assert.throws(() => read(templateWith('cron(0 3 * * ? *)')), /Rule is a rule with cron/);
  assert.throws(() => read(templateWith('rate(1 day)', 'states:StopExecution')), /may not start .*Verify/);
});

test('a rule starts its machine when a parameter that it names has changed, and for no other', () => {
  const pattern = {
    source: ['aws.ssm'],
    'detail-type': ['Parameter Store Change'],
    detail: { name: ['/a', '/b', { wildcard: '/c/*flag' }], operation: ['Update'] },
  };
  const { changed, started } = read(templateWith(pattern));
  changed({ name: '/c', operation: 'Update' });
  changed({ name: '/a', operation: 'Create' });
  assert.deepEqual(started, []);
  changed({ name: '/b', operation: 'Update' });
  assert.equal(started.length, 1);
  for (const name of ['/c/flag', '/c/orders/flag', '/c/orders/flags']) changed({ name, operation: 'Update' });
  assert.equal(started.length, 3);
  assert.throws(
    () => read(templateWith({ ...pattern, source: ['aws.s3'] })),
    /whose events nobody sends here/,
  );
});
