/** Mistakes in the template, planted one by one: each must be noticed by deploying it, or by a short look at how it works. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Audit } from '../../../functions/books/audit.ts';
import {
  deployable,
  of,
  owned,
  type Resources,
  revoke,
  SETTINGS,
  stores,
  use,
  variable,
  without,
} from './mistakes.ts';
import { silentSecrets } from './silent_secrets.ts';

deployable();

test('as it is, it works, as after a rollback: on control tables that a later version has upgraded', () =>
  use(() => {}));

test('a deployment that renames the parameters in the middle of a migration is refused', async () => {
  const move = { at: 1, actor: 'test', action: 'orders: phase legacy to expand', detail: 'a test' };
  await owned((connection) => new Audit(connection).write(move));
  const rename = (resources: Resources) => {
    of(resources, 'Custom::CrossfadeNames', 'Names').parameters = '/other';
  };
  await assert.rejects(use(rename), /Names could not be made: COLLECTION_RENAMED: orders .*\/other/);
});

silentSecrets(
  SETTINGS.deployment.secrets,
  () => stores,
  (secrets) => use(() => {}, secrets),
);

/** One or two of each kind: the others are in wiring.long.ts. */
const MISTAKES: readonly (readonly [string, (resources: Resources) => void, RegExp])[] = [
  [
    'the router may not read the phase',
    revoke('FunctionsApi', 'ssm:GetParameters'),
    /a write is acknowledged/,
  ],
  [
    'the router may not read the logins',
    revoke('FunctionsApi', 'secretsmanager:GetSecretValue'),
    /a write is acknowledged/,
  ],
  [
    'the router may not send receipts',
    revoke('FunctionsApi', 'sqs:SendMessage'),
    /its receipt is on the way/,
  ],
  [
    'the reconciler may not look at its queue',
    revoke('FunctionsReconcile', 'sqs:GetQueueAttributes'),
    /not authorized/,
  ],
  [
    'the deployment may not read the owner’s login',
    revoke('FunctionsSchema', 'secretsmanager:GetSecretValue'),
    /could not be made/,
  ],
  ['another queue for receipts', variable('RECEIPTS_QUEUE', { Ref: 'Nothing' }), /Nothing is referred to/],
  ['a variable is missing', variable('ORACLE_SECRET', ''), /a write is acknowledged/],
  [
    'a handler that is not there',
    (all) => {
      of(all, 'AWS::Lambda::Function', 'FunctionsApi').Handler = 'router.handler';
    },
    /a write is acknowledged/,
  ],
  [
    'the API may not invoke the router',
    without('AWS::Lambda::Permission', 'batch'),
    /a permission is missing/,
  ],
  [
    'a route without a token',
    (all) => {
      of(all, 'AWS::ApiGatewayV2::Route', 'PUT').AuthorizationType = 'NONE';
    },
    /is authorized by NONE/,
  ],
  ['the machine may not send messages', revoke('CopyAll', 'sqs:SendMessage'), /comes to its end/],
  [
    'nobody works off the receipts',
    without('AWS::Lambda::EventSourceMapping', 'Reconcile'),
    /Never came to be/,
  ],
  [
    'messages visible again too soon',
    (all) => {
      of(all, 'AWS::SQS::Queue', 'ReceiptsQueue').VisibilityTimeout = 1;
    },
    /visibility timeout: 1 seconds is less than Function timeout/,
  ],
  [
    'no dead letters',
    (all) => delete of(all, 'AWS::SQS::Queue', 'ReceiptsQueue').RedrivePolicy,
    /becomes a dead letter/,
  ],
  [
    'something that nothing here stands for',
    (all) => {
      all.Table = { Type: 'AWS::DynamoDB::Table', Properties: {} };
    },
    /Table is a AWS::DynamoDB::Table/,
  ],
];

for (const [name, plant, noticed] of MISTAKES)
  test(`a mistake is noticed: ${name}`, () => assert.rejects(use(plant), noticed));
