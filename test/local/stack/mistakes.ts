/** A template with mistakes planted in it, deployed on this machine and looked at. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
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

/** With an alias between the API and its function. */
export const SETTINGS: CheckedSettings = {
  ...AT_ONCE,
  deployment: { ...AT_ONCE.deployment, rollout: { kind: 'canary', percent: 10, minutes: 15 } },
};

let outdir: string;
let document: Document;
export let stores: Stores;
let held: BothStores;

/** Synthesizes the template and starts both stores, before the tests of the file that asks for it. */
export function deployable(): void {
  before(begin);
  after(end);
}

async function begin(): Promise<void> {
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
}

async function end(): Promise<void> {
  await held.close();
  await Promise.all([stores.couchbase.stop(), stores.oracle.stop()]);
  await rm(outdir, { recursive: true });
}

/** As the owner of the tables. */
export function owned(act: (connection: OracleConnection) => Promise<unknown>): Promise<unknown> {
  const connection = new OracleConnection({
    login: async () => stores.logins.oracle,
    size: 1,
    timeout: 30_000,
  });
  return act(connection).finally(() => connection.close());
}

export type Resources = Record<string, { Type: string; Properties: Record<string, never> }>;
// biome-ignore lint/suspicious/noExplicitAny: a template's properties are anything.
type Properties = any;

/** Deploys the template with a mistake in it, or in the secrets, and uses it. */
export async function use(
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

/** Properties of a resource, by its type and a part of its name. */
export const of = (resources: Resources, type: string, part: string): Properties => {
  const found = Object.entries(resources).find(
    ([id, resource]) => resource.Type === type && id.includes(part),
  );
  assert.ok(found !== undefined, `The template has no ${type} with ${part} in its name`);
  return found[1].Properties;
};

/** Takes an action out of the policy of a function. */
export const revoke = (role: string, action: string) => (resources: Resources) => {
  const { Statement } = of(resources, 'AWS::IAM::Policy', role).PolicyDocument;
  const listed = (statement: Properties) => [statement.Action].flat();
  assert.ok(
    Statement.some((each: Properties) => listed(each).includes(action)),
    `${role} has no ${action}`,
  );
  for (const each of Statement) each.Action = listed(each).filter((name: string) => name !== action);
};

/** Gives the API another environment. */
export const variable = (name: string, value: unknown) => (resources: Resources) => {
  of(resources, 'AWS::Lambda::Function', 'FunctionsApi').Environment.Variables[name] = value;
};

/** Leaves a resource out. */
export const without = (type: string, part: string) => (resources: Resources) => {
  const found = Object.keys(resources).find((id) => resources[id]?.Type === type && id.includes(part));
  assert.ok(found !== undefined);
  delete resources[found];
};
