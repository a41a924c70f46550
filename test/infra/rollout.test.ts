/** A new version of the API's function takes over step by step, and is taken back where it fails: in the template, and as CodeDeploy does it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveApi } from '../../infra/local/gateway.ts';
import { type Invocable, LocalAlias } from '../../infra/local/lambda/alias.ts';
import { InvocationFailed } from '../../infra/local/lambda/failure.ts';
import { place } from '../../infra/local/place.ts';
import { Template } from '../../infra/local/template.ts';
import { TrafficShift } from '../../infra/local/traffic_shift.ts';
import type { Document } from '../../infra/template.ts';
import config from '../shop.config.ts';
import { template as atOnce, type Properties, templateOf } from './template.ts';

const MINUTE = 60_000;
const [PERCENT, MINUTES] = [10, 15];
const document = templateOf({
  ...config,
  deployment: { ...config.deployment, rollout: { kind: 'canary', percent: PERCENT, minutes: MINUTES } },
});

/** Rights of operators are aliases, too, of a version that takes over at once. */
const isOfOperators = (id: string) => /^(Rights|FunctionsOperateCurrentVersion)/.test(id);
const resources = ({ Resources }: Document, type: string): [string, Properties][] =>
  Object.entries(Resources).filter(([id, { Type }]) => Type === type && !isOfOperators(id));
const only = (type: string): [string, Properties] => {
  const [found, ...others] = resources(document, type);
  assert.ok(found !== undefined && others.length === 0, type);
  return found;
};

test('all at once, nothing is there that a roll-out needs', () => {
  for (const type of ['AWS::Lambda::Alias', 'AWS::Lambda::Version', 'AWS::CodeDeploy::DeploymentGroup'])
    assert.deepEqual(resources(atOnce, type), []);
});

test('apps reach the alias alone, and what may invoke the function for them may invoke the alias', () => {
  const [alias, { UpdatePolicy }] = only('AWS::Lambda::Alias');
  const [group] = only('AWS::CodeDeploy::DeploymentGroup');
  assert.deepEqual(UpdatePolicy.CodeDeployLambdaAliasUpdate.DeploymentGroupName, { Ref: group });
  const uris = resources(document, 'AWS::ApiGatewayV2::Integration').map(
    ([, each]) => each.Properties.IntegrationUri,
  );
  assert.equal(uris.filter((uri) => uri.Ref === alias).length, 1);
  const [router] =
    resources(document, 'AWS::Lambda::Function').find(([id]) => id.startsWith('FunctionsApi')) ?? [];
  const invoked = resources(document, 'AWS::Lambda::Permission').map(([, each]) =>
    JSON.stringify(each.Properties.FunctionName),
  );
  assert.ok(invoked.includes(JSON.stringify({ Ref: alias })));
  assert.ok(!invoked.some((name) => name.includes(`"${router}"`)), 'the API may invoke an unwatched version');
  assert.equal(
    document.Resources[router ?? '']?.Properties?.ReservedConcurrentExecutions,
    config.deployment.concurrency.api,
  );
});

test('all other functions that use the stores change after the API, and the tables before it', () => {
  const [alias] = only('AWS::Lambda::Alias');
  const functions = resources(document, 'AWS::Lambda::Function');
  const after = functions
    .filter(([, { DependsOn = [] }]) => DependsOn.includes(alias))
    .map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));
  const others = ['Backfill', 'Certify', 'Control', 'Operate', 'Plan', 'Reconcile', 'Verify'];
  assert.deepEqual(
    after.sort(),
    others.map((name) => `Functions${name}`),
  );
  const [, { DependsOn }] = only('AWS::Lambda::Version');
  assert.ok(DependsOn.includes('Tables'));
});

test('CodeDeploy may move this alias and look at alarms, and nothing else', () => {
  const [, { Properties: policy }] =
    resources(document, 'AWS::IAM::Policy').find(([id]) => id.startsWith('RolloutRole')) ?? assert.fail();
  assert.deepEqual(
    policy.PolicyDocument.Statement.map(({ Action }: Properties) => Action),
    [
      ['lambda:GetAlias', 'lambda:GetProvisionedConcurrencyConfig', 'lambda:UpdateAlias'],
      'cloudwatch:DescribeAlarms',
    ],
  );
  const text = JSON.stringify(policy.PolicyDocument.Statement[0].Resource);
  assert.ok(!text.includes('*') && text.includes(':live'), text);
  assert.ok(!JSON.stringify(resources(document, 'AWS::IAM::Role')).includes('AWSCodeDeployRole'));
});

test('the alarms of the group watch errors, faults, 5xx, the time of requests and that of the stores', () => {
  const [, { Properties: group }] = only('AWS::CodeDeploy::DeploymentGroup');
  const watched = group.AlarmConfiguration.Alarms.map(
    ({ Name }: Properties) => document.Resources[Name.Ref]?.Properties,
  );
  const metrics = watched.map(({ MetricName, Metrics = [] }: Properties) => [
    MetricName ??
      [
        ...new Set(Metrics.flatMap(({ MetricStat }: Properties) => MetricStat?.Metric.MetricName ?? [])),
      ].join(),
    // An alarm takes ten at most.
    Metrics.filter(({ MetricStat }: Properties) => MetricStat !== undefined).length <= 10,
  ]);
  assert.deepEqual(metrics, [
    ...['Errors', 'Duration', 'RequestsFailed', '5xx,Count', 'StoreLatency'].map((name) => [name, true]),
  ]);
  assert.deepEqual(group.AutoRollbackConfiguration, {
    ...{
      Enabled: true,
      Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_REQUEST', 'DEPLOYMENT_STOP_ON_ALARM'],
    },
  });
});

/** A version by what an invocation takes, and whether it fails. */
interface Version {
  readonly milliseconds?: number;
  readonly fails?: boolean;
}

/** Requests of every minute through the API while version 2 takes over from version 1. */
async function shift(from: Document, second: Version, minutes: number, perMinute = 50) {
  const template = new Template('/out', from);
  for (const resource of template.resources) place(template, resource, 'http://127.0.0.1');
  let now = 10 * MINUTE;
  let drawn = 0;
  const count = { '1': 0, '2': 0 };
  const version = (name: '1' | '2', { milliseconds = 5, fails = false }: Version): Invocable =>
    ({
      settings: { name },
      invoke: async () => {
        count[name]++;
        now += milliseconds;
        if (fails) throw new InvocationFailed('Runtime.ImportModuleError', 'Cannot find module');
        return { statusCode: 204 };
      },
    }) as unknown as Invocable;
  // As even as draws can be.
  const alias = new LocalAlias(
    '1',
    version('1', {}),
    () => now,
    () => (drawn++ * 0.618_033_988_749_895) % 1,
  );
  // The version of the template is the one that takes over.
  const [id = ''] = template
    .ofType('AWS::Lambda::Version')
    .flatMap((each) => (isOfOperators(each.id) ? [] : each.id));
  template.place(id, { ref: 'arn:2', attributes: { Version: '2' } });
  alias.publish('2', version('2', second));
  const functions = template
    .ofType('AWS::Lambda::Function', 'AWS::Lambda::Alias')
    .map((each): [string, Invocable] =>
      each.type === 'AWS::Lambda::Alias'
        ? [template.text({ Ref: each.id }), alias]
        : [template.text({ 'Fn::GetAtt': [each.id, 'Arn'] }), version('1', {})],
    );
  const gateway = await serveApi(template, new Map(functions), 0);
  try {
    const headers = { authorization: `Bearer ${await gateway.token('app')}` };
    const deployment = new TrafficShift(template, alias, '1', '2', now);
    const states: string[] = [];
    const failed: number[] = [];
    for (let minute = 1; minute <= minutes; minute++) {
      const end = 10 * MINUTE + minute * MINUTE;
      let bad = 0;
      for (let n = 0; n < perMinute; n++) {
        const answer = await fetch(`${gateway.url}/v1/collections/orders/documents/k`, { headers });
        await answer.arrayBuffer();
        if (answer.status !== 204) bad++;
      }
      failed.push(bad);
      now = end;
      states.push(deployment.look(now));
    }
    return { states, failed, count };
  } finally {
    await gateway.stop();
  }
}

test('a version that fails is taken back after a minute, and only the requests that it had have failed', async () => {
  const { states, failed, count } = await shift(document, { fails: true }, 3);
  assert.deepEqual(states, ['taken back', 'taken back', 'taken back']);
  assert.ok(count['2'] > 0 && count['2'] <= 50 * 0.14, `${count['2']} requests went to the new version`);
  assert.deepEqual(failed, [count['2'], 0, 0]);
});

test('a version that is slow is taken back, and fails no request', async () => {
  const { states, failed } = await shift(document, { milliseconds: config.timing.call + 500 }, 4, 20);
  assert.deepEqual([states[0], states.at(-1)], ['shifting', 'taken back']);
  assert.deepEqual(failed, [0, 0, 0, 0]);
});

test('a version that is well takes all requests in the end, in one step or in several', async () => {
  const canary = await shift(document, {}, MINUTES + 1, 4);
  assert.deepEqual(canary.states.slice(MINUTES - 2), ['shifting', 'shifted', 'shifted']);
  const stepwise = structuredClone(document) as { Resources: Record<string, Properties> };
  const [config = ''] = only('AWS::CodeDeploy::DeploymentConfig');
  stepwise.Resources[config].Properties.TrafficRoutingConfig = {
    ...{ Type: 'TimeBasedLinear', TimeBasedLinear: { LinearInterval: 5, LinearPercentage: 50 } },
  };
  const linear = await shift(stepwise as unknown as Document, {}, 6, 4);
  assert.deepEqual(linear.states, [...Array(4).fill('shifting'), 'shifted', 'shifted']);
  assert.ok(linear.count['1'] > 0 && linear.count['2'] >= 4);
});

test('without an alarm a version that fails would have taken all requests', async () => {
  const unwatched = structuredClone(document) as { Resources: Record<string, Properties> };
  const [group = ''] = only('AWS::CodeDeploy::DeploymentGroup');
  unwatched.Resources[group].Properties.AlarmConfiguration.Alarms = [];
  const { states } = await shift(unwatched as unknown as Document, { fails: true }, MINUTES, 4);
  assert.equal(states.at(-1), 'shifted');
});
