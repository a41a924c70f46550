/** What each function may do, as security people read it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ENTRIES } from '../../infra/bundle.ts';
import { handover, permissionsIn } from '../../infra/handover.ts';
import { checkSettings } from '../../infra/settings.ts';
import { readDocument } from '../../infra/template.ts';
import { aboveLimits, problemsIn } from '../../infra/template_limits.ts';
import { settingsWith } from '../judges/variants.ts';
import config from '../shop.config.ts';
import './kafka_cases.ts';
import './limits_cases.ts';
import './load_proof_cases.ts';
import { secrets } from './secrets.ts';
import { all, assembled, type Properties, parametersIn, template, templatesIn } from './template.ts';

test('each function may do this, and nothing else', () => {
  // The policies of operators have a test of their own.
  const each = Object.entries(permissionsIn(template)).filter(([name]) => !name.startsWith('Operators'));
  const may = Object.fromEntries(each);
  const secret = (name: string) =>
    `Allow secretsmanager:GetSecretValue on secretsmanager:::secret:crossfade/${name}-??????`;
  const log = (name: string) => `Allow logs:CreateLogStream logs:PutLogEvents on Functions${name}Log`;
  const pace = 'Allow ssm:GetParameter on ssm:::parameter/crossfade/backfill-pace';
  const phases = ['Allow ssm:GetParameters on ssm:::parameter/crossfade/collections/*/phase'];
  const heartbeat = 'Allow ssm:GetParameters on ssm:::parameter/crossfade/oracle-heartbeat';
  const away = (actions: string) =>
    ['couchbase', 'oracle'].map(
      (store) => `Allow ${actions} on ssm:::parameter/crossfade/follower-away/${store}`,
    );
  const logins =
    'Allow ssm:DeleteParameter ssm:GetParameters ssm:PutParameter on ssm:::parameter/crossfade/oracle-logins/*';
  const as = (login: string) => [secret('couchbase'), secret(login), logins];
  const [serve, work, control] = [as('oracle'), as('oracle-work'), as('oracle-control')];
  const takeFrom = (queue: string) =>
    `Allow sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage on ${queue}`;
  const shardWorker = (name: string, queue: string, machine: string) => [
    ...[log(name), pace, heartbeat, ...phases, ...work],
    'Allow sqs:SendMessage on ReceiptsDeadLetters',
    'Allow sqs:SendMessage on ReceiptsQueue',
    `Allow sqs:SendMessage on ${queue}Queue`,
    takeFrom(`${queue}Queue`),
    `Allow states:SendTaskFailure states:SendTaskHeartbeat states:SendTaskSuccess on ${machine}Machine`,
  ];
  const delivery =
    'Allow logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies ' +
    'logs:GetLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery on *';
  const invoking = (name: string) => [
    ...['', ':*'].map((version) => `Allow lambda:InvokeFunction on Functions${name}${version}`),
    delivery,
  ];
  const machine = (queue: string) => [`Allow sqs:SendMessage on ${queue}Queue`, ...invoking('Plan')];
  const moving = [
    'Allow ssm:GetParameters on ssm:::parameter/crossfade/moves/*',
    'Allow ssm:GetParameters on ssm:::parameter/crossfade/collections/*/hold',
    ...['collections/*/phase', 'moves/*'].map(
      (names) => `Allow ssm:GetParameter ssm:PutParameter on ssm:::parameter/crossfade/${names}`,
    ),
  ];
  const flags = ['couchbase-writes', 'oracle-writes', 'reads'];
  const flagNames = flags.flatMap((flag) => [`/crossfade/${flag}`, `/crossfade/collections/*/${flag}`]);
  const counting = [
    ...phases,
    'Allow logs:PutLogEvents on logs:::log-group:FunctionsAuditLog:log-stream:audit',
    ...flagNames.map((name) => `Allow ssm:GetParameters on ssm:::parameter${name}`),
    ...['ReceiptsDeadLetters', 'ReceiptsQueue'].map((queue) => `Allow sqs:GetQueueAttributes on ${queue}`),
  ];
  const clearing =
    'Allow sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:ReceiveMessage on ReceiptsDeadLetters';
  const expected = {
    Schema: [
      ...[log('Schema'), secret('couchbase'), secret('oracle'), secret('oracle-work')],
      ...[secret('oracle-control'), secret('oracle-owner')],
    ],
    Api: [
      ...[log('Api'), ...phases, ...serve, ...away('ssm:GetParameters ssm:PutParameter')],
      'Allow sqs:SendMessage on ReceiptsQueue',
    ],
    Reconcile: [
      ...[log('Reconcile'), heartbeat, ...phases, ...work],
      'Allow sqs:SendMessage on ReceiptsDeadLetters',
      'Allow sqs:SendMessage on ReceiptsQueue',
      takeFrom('ReceiptsQueue'),
    ],
    Operate: [
      'Allow cloudwatch:GetMetricData on *',
      'Allow ssm:GetParameters ssm:PutParameter on ssm:::parameter/crossfade/asked/*',
      'Allow ssm:PutParameter on ssm:::parameter/crossfade/anchors/*',
      'Allow ssm:PutParameter on ssm:::parameter/crossfade/collections/*/hold',
      'Allow ssm:GetParameters on ssm:::parameter/crossfade/guard/*',
      ...[log('Operate'), heartbeat, ...moving, ...control, ...counting, ...away('ssm:GetParameters')],
      'Allow sqs:SendMessage on ReceiptsQueue',
      clearing,
    ],
    Control: [
      ...[log('Control'), ...moving, ...control, ...counting],
      'Allow ssm:GetParameters ssm:PutParameter on ssm:::parameter/crossfade/oracle-heartbeat',
      'Allow ssm:GetParameters ssm:PutParameter on ssm:::parameter/crossfade/told/*',
      ...flagNames.map((name) => `Allow ssm:GetParameterHistory on ssm:::parameter${name}`),
      'Allow ssm:GetParametersByPath on ssm:::parameter/crossfade/anchors',
      'Allow ssm:DeleteParameters ssm:GetParametersByPath ssm:PutParameter on ssm:::parameter/crossfade/anchors/*',
      clearing,
      'Allow states:StartExecution on CopyAllMachine',
      'Allow states:StartExecution on VerifyAllMachine',
    ],
    ControllerMachine: invoking('Control'),
    ControllerMachineEvents: ['Allow states:StartExecution on ControllerMachine'],
    Certify: [log('Certify'), ...control],
    CertifyMachine: invoking('Certify'),
    Plan: [...[log('Plan'), pace, ...phases, ...control], 'Allow sqs:SendMessage on ReceiptsQueue'],
    Backfill: shardWorker('Backfill', 'ShardsToCopy', 'CopyAll'),
    Verify: shardWorker('Verify', 'ShardsToVerify', 'VerifyAll'),
    CopyAllMachine: machine('ShardsToCopy'),
    VerifyAllMachine: machine('ShardsToVerify'),
    VerifyAllMachineEvents: ['Allow states:StartExecution on VerifyAllMachine'],
  };
  // The order of statements says nothing.
  const sorted = (lists: Record<string, string[]>) =>
    Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...list].sort()]));
  assert.deepEqual(sorted(may), sorted(expected));
});

test('the page to hand over has all of that, and what is executed and granted in the stores', () => {
  const page = handover(checkSettings(config, 'test'), template);
  for (const [name, lines] of Object.entries(permissionsIn(template))) {
    assert.ok(page.includes(`### ${name}\n`), name);
    for (const line of lines) assert.ok(page.includes(`- ${line}\n`), line);
  }
  for (const text of [
    'ALTER TABLE ORDERS ADD (CUSTOMER VARCHAR2(100 BYTE));',
    'GRANT SELECT, INSERT, UPDATE ON CARTS TO API_USER;',
    'GRANT READ ON CROSSFADE_RUNS TO WORKERS_USER;',
    'CREATE TABLE CROSSFADE_RUNS (',
    '- `shop.sales.carts`',
    'the secret `crossfade/oracle-owner`',
  ])
    assert.ok(page.includes(text), text);
});

test('the page on security names each function, and all that it points to is there', () => {
  const folder = new URL('../../infra/', import.meta.url);
  const page = readFileSync(new URL('SECURITY.md', folder), 'utf8');
  const [, functions = ''] = /## What each function holds([\s\S]*?)##/.exec(page) ?? [];
  for (const entry of ENTRIES) assert.match(functions, new RegExp(`^\\|.*\\b${entry}\\b`, 'im'));
  const files = [...page.matchAll(/\]\(([^)#]+)/g)].map(([, file = '']) => file);
  assert.ok(files.length > 20);
  for (const file of files) assert.ok(existsSync(new URL(file, folder)), file);
});

test('Lambda ends no loop of a function that sends to its own queue, and ends those of all others', () => {
  const sending = (name: string, queue: string) =>
    all('AWS::IAM::Policy', name).some(([, { PolicyDocument }]) =>
      PolicyDocument.Statement.some(
        ({ Action, Resource }: Properties) =>
          [Action].flat().includes('sqs:SendMessage') && JSON.stringify(Resource).includes(queue),
      ),
    );
  const round = all('AWS::Lambda::EventSourceMapping').flatMap(([, { FunctionName, EventSourceArn }]) => {
    const name = FunctionName.Ref.slice(0, -8);
    return sending(name, EventSourceArn['Fn::GetAtt'][0]) ? [name] : [];
  });
  const allowed = all('AWS::Lambda::Function').flatMap(([id, { RecursiveLoop }]) =>
    RecursiveLoop === 'Allow' ? [id.slice(0, -8)] : [],
  );
  assert.deepEqual(allowed.sort(), ['FunctionsBackfill', 'FunctionsReconcile', 'FunctionsVerify']);
  assert.deepEqual(round.sort(), allowed);
});

test('a template above a limit of AWS is refused when it is synthesized', () => {
  const Statement = [{ Effect: 'Allow', Action: 'ssm:GetParameter', Resource: { Ref: 'Long' } }];
  const policy = (statements: number) => ({
    PolicyDocument: { Statement: Array.from({ length: statements }, () => Statement[0]) },
    Roles: [{ Ref: 'Role' }],
  });
  // 216 characters a statement.
  const resources = (statements: number, targets: number) => ({
    Managed: { Type: 'AWS::IAM::ManagedPolicy', Properties: policy(statements) },
    Inline: { Type: 'AWS::IAM::Policy', Properties: policy(statements) },
    More: { Type: 'AWS::IAM::Policy', Properties: policy(statements) },
    Rule: { Type: 'AWS::Events::Rule', Properties: { Targets: Array.from({ length: targets }, () => ({})) } },
  });
  const problems = (Resources: object) => problemsIn('T', JSON.stringify({ Resources }));
  assert.deepEqual(problems(resources(20, 5)), []);
  assert.deepEqual(
    problems(resources(30, 6)).map((each) => each.replace(/\d{4,}/, 'N')),
    [
      'T: 6 targets of Rule, and AWS takes 5',
      'T: N characters of the policy Managed, and AWS takes 6144',
      'T: N characters of the policies of Role, and AWS takes 10240',
    ],
  );
  const many = Array.from({ length: 501 }, (_, n) => [`P${n}`, { Type: 'AWS::SSM::Parameter' }]);
  assert.match(problems(Object.fromEntries(many)).join(), /501 resources, and AWS takes 500/);
});

for (const count of [6, 100])
  test(`a deployment of ${count} collections stays within the limits of CloudFormation, IAM and EventBridge`, () => {
    const settings = settingsWith(count);
    const outdir = assembled(settings);
    const documents = templatesIn(outdir);
    assert.deepEqual(aboveLimits(outdir), []);
    const parameters = new Set(documents.flatMap(parametersIn));
    assert.equal(parameters.size, 4 * count + 4);
    // Beyond the first stack's, in the order of the configuration: none of the others has gone anywhere.
    assert.deepEqual(
      documents
        .slice(1)
        .flatMap(parametersIn)
        .filter((name) => name.endsWith('/phase')),
      Object.keys(settings.collections)
        .slice(60)
        .map((name) => `/crossfade/collections/${name}/phase`),
    );
    assert.deepEqual(new Set(parametersIn(readDocument(outdir, settings.deployment.name))), parameters);
    const verified = Object.values(documents[0]?.Resources ?? {}).flatMap(({ Type, Properties }) =>
      Type === 'AWS::Events::Rule' ? (Properties as Properties).Targets : [],
    );
    assert.deepEqual(
      verified.flatMap(({ Input }: Properties) => JSON.parse(Input ?? '{}').collection ?? []),
      Object.keys(settings.collections),
    );
  });

test('the gateway passes on four times what the containers serve, and requests of operators have limits of their own', () => {
  const stages = all('AWS::ApiGatewayV2::Stage');
  assert.equal(stages.length, 1);
  const [[id, { DefaultRouteSettings, RouteSettings }]] = stages as [[string, Properties]];
  assert.deepEqual(DefaultRouteSettings, { ThrottlingRateLimit: 5800, ThrottlingBurstLimit: 1160 });
  const operators = { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 50 };
  const routes = all('AWS::ApiGatewayV2::Route').filter(
    ([, { AuthorizationType }]) => AuthorizationType === 'AWS_IAM',
  );
  assert.deepEqual(
    RouteSettings,
    Object.fromEntries(routes.map(([, { RouteKey }]) => [RouteKey, operators])),
  );
  // CloudFormation refuses settings of a route that is not there yet.
  for (const [route] of routes) assert.ok((template.Resources[id] as Properties).DependsOn.includes(route));
});

secrets();
