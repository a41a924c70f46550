/** What proves that Oracle bears the load, in the template and in the settings. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BadConfiguration } from '../../functions/configuration/configuration.ts';
import { permissionsIn } from '../../infra/handover.ts';
import { checkSettings } from '../../infra/settings.ts';
import config from '../shop.config.ts';
import { type Properties, templateOf } from './assembled.ts';
import { msk } from './kafka_cases.ts';
import { all } from './template.ts';

const of = (type: string, part: string): Properties[] =>
  Object.entries(msk.Resources).flatMap(([id, { Type, Properties: properties }]) =>
    Type === type && id.includes(part) ? [properties] : [],
  );

test('where a collection proves nothing, there is neither a queue nor a function for it', () => {
  assert.equal(all('AWS::SQS::Queue', 'LoadProof').length, 0);
  assert.equal(all('AWS::Lambda::Function', 'FunctionsProve').length, 0);
  const [[, api] = assert.fail()] = all('AWS::Lambda::Function', 'FunctionsApi');
  assert.equal(api.Environment.Variables.PROOF_QUEUE, undefined);
});

test('where one does, what cannot be proven at once is dropped, and the function reads Oracle and nothing else', () => {
  const [queue = assert.fail()] = of('AWS::SQS::Queue', 'LoadProof');
  assert.deepEqual([queue.MessageRetentionPeriod, queue.RedrivePolicy], [60, undefined]);
  const [prover = assert.fail()] = of('AWS::Lambda::Function', 'FunctionsProve');
  assert.deepEqual([prover.ReservedConcurrentExecutions, prover.MemorySize], [2, 1024]);
  assert.equal(prover.Environment.Variables.COUCHBASE_SECRET, 'retired');
  const [api = assert.fail()] = of('AWS::Lambda::Function', 'FunctionsApi');
  assert.ok(api.Environment.Variables.PROOF_QUEUE);
  const { Prove = [], Api = [] } = permissionsIn(msk);
  assert.ok(Api.includes('Allow sqs:SendMessage on LoadProofQueue'));
  assert.deepEqual(
    Prove.toSorted(),
    [
      'Allow logs:CreateLogStream logs:PutLogEvents on FunctionsProveLog',
      'Allow secretsmanager:GetSecretValue on secretsmanager:::secret:crossfade/oracle-work-??????',
      'Allow sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage on LoadProofQueue',
      'Allow sqs:SendMessage on ReceiptsQueue',
      'Allow ssm:DeleteParameter ssm:GetParameters ssm:PutParameter on ssm:::parameter/crossfade/oracle-logins/*',
      'Allow ssm:GetParameters on ssm:::parameter/crossfade/collections/*/phase',
    ].toSorted(),
  );
});

test('its containers and their sessions are counted, where there are any', () => {
  const problems = (loadProof?: object, prove?: number) => {
    const concurrency = { ...config.deployment.concurrency, ...(prove === undefined ? {} : { prove }) };
    const given = { ...config, loadProof, deployment: { ...config.deployment, concurrency } };
    try {
      checkSettings(given as never, 'here');
      return '';
    } catch (error) {
      return (error as BadConfiguration).problems.join();
    }
  };
  const { length } = problems();
  assert.equal(length, 0, 'the sessions are just enough without');
  assert.match(problems({}), /^deployment\.concurrency: \d+ containers .* are \d+ sessions/);
  assert.match(problems({}, 1), /concurrency\.prove: it must be 2 or more/);
});

test('once Couchbase is retired nothing is proven any more: no container is counted, and none is deployed', () => {
  const { deployment } = config;
  const retired = { ...deployment, secrets: { ...deployment.secrets, couchbase: null } };
  const settings = { ...config, loadProof: {}, deployment: retired };
  // Those of the other functions take all sessions that there are.
  assert.ok(checkSettings(settings, 'here'));
  const { Resources } = templateOf(settings);
  assert.deepEqual(
    Object.keys(Resources).filter((id) => /^(?:LoadProof|FunctionsProve)/.test(id)),
    [],
  );
});
