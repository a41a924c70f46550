/** Mistakes in the template, planted one by one: each must be noticed by deploying it, or by a short look at how it works. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Audit } from '../../../functions/books/audit.ts';
import { OracleConnection } from '../../../functions/stores/oracle/connection.ts';
import { CONTROL } from '../../../functions/stores/oracle/control_tables.ts';
import { upgrade } from '../../../functions/stores/oracle/upgrade.ts';
import { LogStore } from '../../../infra/local/aws/logs.ts';
import { ParameterStore } from '../../../infra/local/aws/parameters.ts';
import { Queues } from '../../../infra/local/aws/queues.ts';
import type { SecretStore } from '../../../infra/local/aws/secrets.ts';
import { type Deployment, deploy } from '../../../infra/local/deploy.ts';
import { platform } from '../../../infra/local/start.ts';
import { type Stores, secretsOf, startStores } from '../../../infra/local/stores.ts';
import { Template } from '../../../infra/local/template.ts';
import type { CheckedSettings } from '../../../infra/settings.ts';
import { synthesize } from '../../../infra/synth.ts';
import { type Document, readDocument } from '../../../infra/template.ts';
import { look } from './look.ts';
import { SETTINGS as AT_ONCE, type BothStores, bothStores } from './running.ts';
import { silentSecrets } from './silent_secrets.ts';

/** With an alias between the API and its function. */
const SETTINGS: CheckedSettings = {
  ...AT_ONCE,
  deployment: { ...AT_ONCE.deployment, rollout: { kind: 'canary', percent: 10, minutes: 15 } },
};

let outdir: string;
let document: Document;
let stores: Stores;
let held: BothStores;

before(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'crossfade-'));
  [stores] = await Promise.all([
    // Over TLS, so that the bundle is seen to do it.
    startStores(SETTINGS, null, true),
    synthesize(SETTINGS, outdir, platform(), false),
  ]);
  document = readDocument(outdir, SETTINGS.deployment.name);
  held = bothStores(stores.logins);
  const steps = [...CONTROL.steps, ['ALTER TABLE CROSSFADE_LETTERS ADD (later NUMBER(9))']];
  await owned((connection) => upgrade(connection, [{ ...CONTROL, steps }], null, () => {}));
});
after(async () => {
  await held.close();
  await Promise.all([stores.couchbase.stop(), stores.oracle.stop()]);
  await rm(outdir, { recursive: true });
});

/** As the owner of the tables. */
function owned(act: (connection: OracleConnection) => Promise<unknown>): Promise<unknown> {
  const connection = new OracleConnection({
    login: async () => stores.logins.oracle,
    size: 1,
    timeout: 30_000,
  });
  return act(connection).finally(() => connection.close());
}

type Resources = Record<string, { Type: string; Properties: Record<string, never> }>;
// biome-ignore lint/suspicious/noExplicitAny: a template's properties are anything.
type Properties = any;

/** Deploys the template with a mistake in it, or in the secrets, and uses it. */
async function use(
  plant: (resources: Resources) => void,
  secrets: SecretStore = secretsOf(SETTINGS, stores),
): Promise<void> {
  const planted = structuredClone(document) as unknown as { Resources: Resources };
  plant(planted.Resources);
  const queues = await Queues.start(null);
  const parameters = new ParameterStore(null, Date.now);
  // As where it is started with these settings: each request reads the phase.
  Object.assign(parameters, { highThroughput: true, eventual: false });
  let deployment: Deployment | null = null;
  try {
    deployment = await deploy(new Template(outdir, planted as unknown as Document), {
      ...{
        parameters,
        queues,
        secrets,
        logs: new LogStore(null, parameters.now),
        port: 0,
        containers: 1,
        rules: false,
        log: () => {},
      },
    });
    await look(deployment, parameters, queues, held);
  } finally {
    await deployment?.stop();
    await queues.stop();
  }
}

const of = (resources: Resources, type: string, part: string): Properties => {
  const found = Object.entries(resources).find(
    ([id, resource]) => resource.Type === type && id.includes(part),
  );
  assert.ok(found !== undefined, `The template has no ${type} with ${part} in its name`);
  return found[1].Properties;
};

/** Takes an action out of the policy of a function. */
const revoke = (role: string, action: string) => (resources: Resources) => {
  const { Statement } = of(resources, 'AWS::IAM::Policy', role).PolicyDocument;
  const listed = (statement: Properties) => [statement.Action].flat();
  assert.ok(
    Statement.some((each: Properties) => listed(each).includes(action)),
    `${role} has no ${action}`,
  );
  for (const each of Statement) each.Action = listed(each).filter((name: string) => name !== action);
};

const variable = (name: string, value: unknown) => (resources: Resources) => {
  of(resources, 'AWS::Lambda::Function', 'FunctionsApi').Environment.Variables[name] = value;
};

const without = (type: string, part: string) => (resources: Resources) => {
  const found = Object.keys(resources).find((id) => resources[id]?.Type === type && id.includes(part));
  assert.ok(found !== undefined);
  delete resources[found];
};

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
    'the reconciler may not bury what is poison',
    revoke('FunctionsReconcile', 'sqs:SendMessage'),
    /Never came to be/,
  ],
  ['the reconciler may not receive', revoke('FunctionsReconcile', 'sqs:ReceiveMessage'), /Never came to be/],
  ['the reconciler may not delete', revoke('FunctionsReconcile', 'sqs:DeleteMessage'), /Never came to be/],
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
  ['other parameters', variable('PARAMETERS', '/other'), /a write is acknowledged/],
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
    'no time to serve a request',
    (all) => {
      of(all, 'AWS::Lambda::Function', 'FunctionsApi').Timeout = 3;
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
  ['the planner may not read the pace', revoke('FunctionsPlan', 'ssm:GetParameter'), /comes to its end/],
  ['the machine may not invoke the planner', revoke('CopyAll', 'lambda:InvokeFunction'), /comes to its end/],
  ['the machine may not send messages', revoke('CopyAll', 'sqs:SendMessage'), /comes to its end/],
  ['nobody compares shards', without('AWS::Lambda::EventSourceMapping', 'Verify'), /Never came to be/],
  ['the worker may not tell it', revoke('FunctionsBackfill', 'states:SendTaskSuccess'), /Never came to be/],
  ['nobody works off the shards', without('AWS::Lambda::EventSourceMapping', 'Backfill'), /Never came to be/],
  [
    'nobody works off the receipts',
    without('AWS::Lambda::EventSourceMapping', 'Reconcile'),
    /Never came to be/,
  ],
  [
    'no report of single failures',
    (all) => {
      of(all, 'AWS::Lambda::EventSourceMapping', 'Reconcile').FunctionResponseTypes = [];
    },
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
