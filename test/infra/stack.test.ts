/** The template as operators read it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TURN } from '../../functions/runs/lanes.ts';
import { means, type Retry, secondsUntil } from '../../infra/local/states/language.ts';
import { BOUNDARY, NETWORK, TOPIC, VARIANTS } from '../judges/variants.ts';
import config from '../shop.config.ts';
import { all, type Properties, statesOf, templateOf } from './template.ts';

const IDS = [
  'couchbasewrites2D552F80',
  'oraclewrites62F30320',
  'reads5941A5EA',
  'orderscouchbasewritesAF22066C',
  'ordersoraclewrites1152966B',
  'ordersreads419202A2',
  'ordersPhaseEE82C5ED',
  'cartscouchbasewrites549A961C',
  'cartsoraclewrites523FFF8D',
  'cartsreads210173BB',
  'cartsPhaseDFD0AA02',
  'Pace0E28810E',
];

test('no deployment sets back what operators have set: the parameters of the template never change', () => {
  // CloudFormation writes a parameter whenever anything about it changes. So whoever changes one line here must
  // know that each deployment of it puts the migration back to its beginning.
  const description = 'Set by operators; the phase controller walks to the phase that it asks for';
  const flag = (name: string, Value: string, AllowedPattern: string) => ({
    ...{ AllowedPattern, Description: description, Name: `/crossfade/${name}`, Type: 'String', Value },
  });
  const flags = (prefix: string, own: string, values: readonly string[]) => [
    flag(`${prefix}couchbase-writes`, values[0] ?? '', `^(${own}true|false)$`),
    flag(`${prefix}oracle-writes`, values[1] ?? '', `^(${own}true|false)$`),
    flag(`${prefix}reads`, values[2] ?? '', `^(${own}couchbase|oracle)$`),
  ];
  const inherited = ['inherit', 'inherit', 'inherit'];
  const phase = (collection: string) => ({
    AllowedPattern:
      '^\\{"phase":"(legacy|expand|seal|switch|settle|contract)","since":\\d+,"by":".{0,250}"(,"retired":true)?\\}$',
    Description: 'What routers obey. Only the phase controller writes it',
    ...{ Name: `/crossfade/collections/${collection}/phase`, Type: 'String' },
    Value: '{"phase":"legacy","since":0,"by":"deployment"}',
  });
  // A parameter of another name in the template, or in another stack, is another one: it cannot be created beside the one that is there.
  assert.deepEqual(
    all('AWS::SSM::Parameter').map(([id]) => id.replace('Parameters', '')),
    IDS,
  );
  assert.deepEqual(
    all('AWS::SSM::Parameter').map(([, properties]) => properties),
    [
      ...flags('', '', ['true', 'false', 'couchbase']),
      ...flags('collections/orders/', 'inherit|', inherited),
      phase('orders'),
      ...flags('collections/carts/', 'inherit|', inherited),
      phase('carts'),
      {
        AllowedPattern: '^\\d{1,7}$',
        Description: 'Documents a second that the backfill may copy, all workers together; 0 pauses it',
        ...{ Name: '/crossfade/backfill-pace', Type: 'String', Value: '500' },
      },
    ],
  );
});

test('a queue is encrypted, takes TLS only, keeps messages as long as SQS can, and knows where dead ones go', () => {
  const queues = all('AWS::SQS::Queue');
  assert.equal(queues.length, 6);
  for (const [id, { SqsManagedSseEnabled, MessageRetentionPeriod, RedrivePolicy }] of queues) {
    assert.equal(SqsManagedSseEnabled, true);
    assert.equal(MessageRetentionPeriod, 14 * 24 * 3600);
    assert.equal(RedrivePolicy !== undefined, !id.includes('DeadLetters'));
  }
  for (const [, { PolicyDocument }] of all('AWS::SQS::QueuePolicy'))
    assert.deepEqual(
      PolicyDocument.Statement.map(({ Effect, Condition }: Properties) => [Effect, Condition]),
      [['Deny', { Bool: { 'aws:SecureTransport': 'false' } }]],
    );
});

test('a message comes again only long after its function must have ended, and single failures are told', () => {
  for (const [queueName, workerName, containers, batch, window] of [
    ['ReceiptsQueue', 'Reconcile', config.deployment.concurrency.reconcile, 1000, 1],
    ['ShardsToCopyQueue', 'Backfill', config.deployment.concurrency.backfill, 1, undefined],
    ['ShardsToVerifyQueue', 'Verify', config.deployment.concurrency.verify, 1, undefined],
  ] as const) {
    const [[, queue]] = all('AWS::SQS::Queue', queueName) as [[string, Properties]];
    const [[, worker]] = all('AWS::Lambda::Function', workerName) as [[string, Properties]];
    const [[, mapping]] = all('AWS::Lambda::EventSourceMapping', workerName) as [[string, Properties]];
    assert.ok(queue.VisibilityTimeout >= 6 * worker.Timeout);
    assert.deepEqual(mapping.FunctionResponseTypes, ['ReportBatchItemFailures']);
    assert.equal(mapping.ScalingConfig.MaximumConcurrency, containers);
    assert.deepEqual([mapping.BatchSize, mapping.MaximumBatchingWindowInSeconds], [batch, window]);
  }
});

test('a step whose function has no container free tries again for a minute and more, in each machine', () => {
  for (const name of ['CopyAll', 'VerifyAll', 'Controller', 'CertifyMachine'])
    for (const [state, { Resource = '', Retry = [] }] of Object.entries<Properties>(statesOf(name))) {
      if (!Resource.endsWith('lambda:invoke')) continue;
      const retry = Retry.find((each: Retry) => means(each.ErrorEquals, 'Lambda.TooManyRequestsException'));
      const waits = Array.from({ length: retry?.MaxAttempts ?? 0 }, (_, n) => secondsUntil(retry, n));
      // Jitter takes half of it on average.
      assert.ok(waits.reduce((sum, each) => sum + each, 0) > 120, `${name}: ${state}`);
      assert.equal(retry.JitterStrategy, 'FULL');
    }
});

test('a run has a lane per worker, whose message may wait for hours, and whose loss ends no run', () => {
  const { backfill, verify } = config.deployment.concurrency;
  for (const [name, workers] of [
    ['CopyAll', backfill],
    ['VerifyAll', verify],
  ] as const) {
    const { Shards, ...others } = statesOf(name);
    // A run of hours must not end because a store was away for the moment of one of its other steps.
    for (const { Type, Retry = [] } of Object.values<Properties>(others))
      assert.equal(
        Type === 'Task',
        Retry.some((each: Properties) => each.ErrorEquals.includes('StoreUnavailable')),
      );
    assert.equal(Shards.MaxConcurrency, workers);
    const { HeartbeatSeconds, TimeoutSeconds, Retry, Arguments } = Shards.ItemProcessor.States.Work;
    // Each of 100 collections has as many lanes as there are workers, and each of them a turn.
    assert.ok(HeartbeatSeconds * 1000 > 100 * TURN);
    assert.equal(TimeoutSeconds, undefined);
    assert.deepEqual(Retry[0].ErrorEquals, ['States.HeartbeatTimeout']);
    assert.ok(Retry[0].MaxAttempts > 365 * 24);
    assert.deepEqual(Arguments.MessageAttributes, { lane: { DataType: 'Number', StringValue: '1' } });
    assert.deepEqual(Object.keys(Arguments.MessageBody), ['run', 'collection', 'shard', 'token']);
  }
});

test('every collection is verified once a day, where its phase allows it', () => {
  const [[, { ScheduleExpression, Targets }]] = all('AWS::Events::Rule', 'VerifyAll') as [
    [string, Properties],
  ];
  assert.equal(ScheduleExpression, 'rate(24 hours)'.replace('24 hours', '1 day'));
  assert.deepEqual(
    Targets.map(({ Input }: Properties) => JSON.parse(Input)),
    ['orders', 'carts'].map((collection) => ({ collection, mode: 'version', ifPossible: true })),
  );
});

test('the controller looks when a flag has changed or a move was committed, and once a minute, one at a time', () => {
  const rules = new Map(
    all('AWS::Events::Rule', 'Controller').map(([id, rule]) => [id.replace(/[0-9A-F]{8}$/, ''), rule]),
  );
  const [changed, committed, again] = ['Changed', 'Committed', 'Again'].map(
    (name) => rules.get(`Controller${name}`) as Properties,
  ) as [Properties, Properties, Properties];
  const pattern = (names: readonly string[], operation: readonly string[]) => ({
    source: ['aws.ssm'],
    'detail-type': ['Parameter Store Change'],
    detail: { name: names.map((wildcard) => ({ wildcard: `/crossfade/${wildcard}` })), operation },
  });
  const flags = ['*couchbase-writes', '*oracle-writes', '*reads'];
  assert.deepEqual(changed.EventPattern, pattern(flags, ['Update']));
  // The first one makes the parameter.
  assert.deepEqual(committed.EventPattern, pattern(['collections/*/hold'], ['Create', 'Update']));
  // What has changed may not be read at once, and the function asks for a second look.
  for (const { Targets } of [changed, committed])
    assert.deepEqual(JSON.parse(Targets[0].Input), { changed: true });
  assert.equal(again.Targets[0].Input, undefined);
  assert.equal(again.ScheduleExpression, 'rate(1 minute)');
  const [[, control]] = all('AWS::Lambda::Function', 'FunctionsControl') as [[string, Properties]];
  assert.equal(control.ReservedConcurrentExecutions, 1);
  // What a controller writes has landed, or never will, before its time is up; and that is far less than a bake.
  assert.ok(control.Timeout * 1000 <= config.timing.request);
});

test('every route wants a token of the configured issuer, and those of operators the signature of AWS', () => {
  const routes = all('AWS::ApiGatewayV2::Route');
  assert.equal(routes.length, 30);
  for (const [, { RouteKey, AuthorizationType }] of routes)
    assert.equal(AuthorizationType, /^POST .v1.operations./.test(RouteKey) ? 'AWS_IAM' : 'JWT');
  const [[, authorizer]] = all('AWS::ApiGatewayV2::Authorizer') as [[string, Properties]];
  assert.deepEqual(authorizer.JwtConfiguration, {
    Audience: ['crossfade'],
    Issuer: 'https://login.example.com/',
  });
});

test('what apps and queues start has a bound, what answers apps ends before the gateway does, and logs end', () => {
  for (const [id, { Timeout, ReservedConcurrentExecutions, Runtime }] of all('AWS::Lambda::Function')) {
    assert.equal(Runtime, 'nodejs24.x');
    // A deployment starts the first, state machines the others: as many as there are runs, and one at a time.
    if (/Schema|Plan|Certify/.test(id)) continue;
    assert.ok(ReservedConcurrentExecutions > 0, id);
    if (id.includes('Api')) assert.ok(Timeout < 30, id);
  }
  for (const [id, { RetentionInDays }] of all('AWS::Logs::LogGroup'))
    assert.equal(RetentionInDays, id.includes('Audit') ? 3653 : 90);
});

test('in a VPC each function is in the VPC, each role has the boundary, and each alarm notifies the topic, when it goes off and when it is over', () => {
  const { Resources } = templateOf(VARIANTS.vpc);
  const alarms = Object.values(Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
  assert.equal(alarms.length, all('AWS::CloudWatch::Alarm').length);
  for (const { AlarmActions, OKActions } of alarms.map(({ Properties }) => Properties as Properties))
    assert.deepEqual([AlarmActions, OKActions], [[TOPIC], [TOPIC]]);
  const { securityGroupIds: SecurityGroupIds, subnetIds: SubnetIds } = NETWORK;
  for (const { Type, Properties = {} } of Object.values(Resources)) {
    const { VpcConfig, PermissionsBoundary } = Properties as Properties;
    if (Type === 'AWS::Lambda::Function') assert.deepEqual(VpcConfig, { SecurityGroupIds, SubnetIds });
    if (Type === 'AWS::IAM::Role') assert.equal(PermissionsBoundary, BOUNDARY);
  }
});

test('once all collections are retired, only what serves Oracle is left, and may reach nothing else', () => {
  const { Resources } = templateOf(VARIANTS.retired);
  const ids = (type: string) =>
    Object.entries(Resources).flatMap(([id, { Type }]) => (Type === type ? [id.slice(0, -8)] : []));
  assert.deepEqual(ids('AWS::Lambda::Function').sort(), ['FunctionsApi', 'FunctionsSchema']);
  assert.deepEqual(ids('AWS::StepFunctions::StateMachine'), []);
  assert.deepEqual(ids('AWS::Events::Rule'), []);
  assert.ok(!JSON.stringify(Resources).includes('secret:crossfade/couchbase'));
  // What operators and the controller have written stays, and so do the phases if the stack goes.
  const kept = Object.values(Resources).filter(
    ({ Type, Properties }) =>
      Type === 'AWS::SSM::Parameter' && /phase$/.test(String((Properties as Properties).Name)),
  );
  assert.deepEqual(
    kept.map((each) => (each as Properties).DeletionPolicy),
    ['Retain', 'Retain'],
  );
});

test('what an alarm watches is counted somewhere, and the manual says what to do about it', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const sources = readdirSync(join(root, 'functions'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, 'functions', name), 'utf8'))
    .join('\n');
  const manual = readFileSync(join(root, 'infra/README.md'), 'utf8');
  const alarms = all('AWS::CloudWatch::Alarm');
  assert.ok(alarms.length > 15);
  for (const [id, { Namespace, MetricName, AlarmDescription }] of alarms) {
    assert.ok(AlarmDescription.length > 20, id);
    if (Namespace !== 'Crossfade') continue;
    assert.ok(sources.includes(`'${MetricName}'`), `nobody counts ${MetricName}`);
    assert.ok(manual.includes(`\`${MetricName}\``), `the manual knows no ${MetricName}`);
  }
});
