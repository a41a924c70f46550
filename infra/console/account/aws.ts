/** The account as AWS tells of it, read with the credentials that the AWS command line would take. */
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, GetServiceSettingCommand, SSMClient } from '@aws-sdk/client-ssm';
import { BadSalt, saltFrom } from '../../../functions/edge/key_names.ts';
import { BadSecret, couchbaseLogin, oracleLogin } from '../../../functions/edge/secrets.ts';
import { flagOfAll } from '../../../functions/phases/parameters.ts';
import { domainOf } from './domain.ts';
import { keysOf } from './keys.ts';
import { limitsOf } from './limits.ts';
import { type Account, CannotLook, type Network, type SecretKind } from './ports.ts';
import { privateApiOf } from './private_api.ts';
import { ask, refused, unanswered } from './signed.ts';
import { type Element, itemsOf, member, parseXml } from './xml.ts';

const BOOTSTRAP = '/cdk-bootstrap/hnb659fds/version';
const THROUGHPUT = '/ssm/parameter-store/high-throughput-enabled';
/** What a default route of a private subnet leads to. An internet gateway is none: functions have no public address. */
const WAYS_OUT = ['natGatewayId', 'transitGatewayId', 'networkInterfaceId', 'vpcPeeringConnectionId'];
const PUBLIC =
  'API Gateway reads it from the public internet: look whether it can, and mend deployment.tokens.issuer';
/** Milliseconds for an issuer. */
const LONGEST = 10_000;

/** Each rejects for what the functions could not use. */
const READ_BY: Readonly<
  Record<SecretKind, (client: SecretsManagerClient, name: string) => Promise<unknown>>
> = { couchbase: couchbaseLogin, oracle: oracleLogin, keys: saltFrom };

/** @param prefix what the names of the parameters begin with. */
export function realAccount(prefix: string): Account {
  const [parameters, secrets] = [new SSMClient(), new SecretsManagerClient()];
  const parameter = (name: string) =>
    told('ssm:GetParameter', async () => {
      const { Parameter } = await parameters.send(new GetParameterCommand({ Name: name }));
      return Parameter?.Value ?? null;
    });
  return {
    concurrency: () => concurrencyOf(parameters),
    isDeployed: async () => (await parameter(flagOfAll(prefix, 'reads'))) !== null,
    highThroughput: async () => {
      const setting = await told('ssm:GetServiceSetting', () =>
        parameters.send(new GetServiceSettingCommand({ SettingId: THROUGHPUT })),
      );
      return setting?.ServiceSetting?.SettingValue === 'true';
    },
    bootstrap: async () => {
      const version = await parameter(BOOTSTRAP);
      return version === null ? null : Number(version);
    },
    secretProblem: async (name, kind) => {
      try {
        const found = await told('secretsmanager:GetSecretValue', () =>
          READ_BY[kind](secrets, name).then(() => true),
        );
        return found === null ? `There is no secret ${name}` : null;
      } catch (error) {
        if (error instanceof BadSecret || error instanceof BadSalt) return error.message;
        throw error;
      }
    },
    secretKey: async (name) => {
      const described = await told('secretsmanager:DescribeSecret', () =>
        secrets.send(new DescribeSecretCommand({ SecretId: name })),
      );
      const key = described?.KmsKeyId ?? null;
      return key === null || key.endsWith('alias/aws/secretsmanager') ? null : key;
    },
    tokenKeys,
    network: (vpcId, subnetIds) => networkOf(parameters, vpcId, subnetIds),
    ...limitsOf(parameters),
    ...keysOf(parameters),
    ...domainOf(parameters),
    ...privateApiOf(parameters),
  };
}

async function concurrencyOf(client: SSMClient): Promise<{ limit: number; unreserved: number }> {
  const text = await ask(client, 'lambda', '/2016-08-19/account-settings/', 'lambda:GetAccountSettings');
  const { AccountLimit } = JSON.parse(text) as { AccountLimit: Record<string, number> };
  const limit = AccountLimit.ConcurrentExecutions ?? 0;
  return { limit, unreserved: AccountLimit.UnreservedConcurrentExecutions ?? limit };
}

/** @returns null where AWS says that there is no such thing. */
async function told<Answer>(right: string, send: () => Promise<Answer>): Promise<Answer | null> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof BadSecret) throw error;
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    if (/NotFound/.test(name)) return null;
    // Without credentials, a region or a way to AWS nothing can be looked at.
    if ($metadata?.httpStatusCode === undefined) throw error;
    throw refused(right, $metadata.httpStatusCode, message);
  }
}

async function tokenKeys(issuer: string): Promise<string[]> {
  const get = async (address: string): Promise<unknown> => {
    const response = await fetch(address, { signal: AbortSignal.timeout(LONGEST) }).catch(
      (error: unknown) => {
        throw unanswered(address, error, PUBLIC);
      },
    );
    if (!response.ok)
      throw new CannotLook(`${address} answers ${response.status}`, 'Mend deployment.tokens.issuer');
    return response.json().catch((error: unknown) => {
      throw unanswered(address, error, PUBLIC);
    });
  };
  const about = (await get(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)) as {
    jwks_uri?: string;
  };
  const { keys = [] } = (await get(about.jwks_uri ?? '')) as { keys?: { kty?: string }[] };
  return keys.map(({ kty = '?' }) => kty);
}

async function networkOf(client: SSMClient, vpcId: string, subnetIds: readonly string[]): Promise<Network> {
  const describe = async (action: string, list: string) => {
    const form = { Action: action, Version: '2016-11-15' };
    const filter = { 'Filter.1.Name': 'vpc-id', 'Filter.1.Value.1': vpcId };
    const text = await ask(client, 'ec2', '/', `ec2:${action}`, { form: { ...form, ...filter } });
    return itemsOf(parseXml(text), list);
  };
  const [endpoints, tables, subnets] = await Promise.all([
    describe('DescribeVpcEndpoints', 'vpcEndpointSet'),
    describe('DescribeRouteTables', 'routeTableSet'),
    describe('DescribeSubnets', 'subnetSet'),
  ]);
  const there = subnets.map((subnet) => member(subnet, 'subnetId'));
  return {
    endpoints: endpoints
      .filter((each) => member(each, 'state') === 'available')
      .map((each) => member(each, 'serviceName').split('.').at(-1) ?? ''),
    subnetsWithoutNat: subnetIds.filter((id) => !hasWayOut(tableOf(tables, id))),
    missing: subnetIds.filter((id) => !there.includes(id)),
  };
}

/** Its own route table, or the main one. */
function tableOf(tables: readonly Element[], subnetId: string): Element | undefined {
  const associated = (name: string, value: string) =>
    tables.find((table) => itemsOf(table, 'associationSet').some((each) => member(each, name) === value));
  return associated('subnetId', subnetId) ?? associated('main', 'true');
}

function hasWayOut(table: Element | undefined): boolean {
  if (table === undefined) return false;
  return itemsOf(table, 'routeSet').some(
    (route) =>
      member(route, 'destinationCidrBlock') === '0.0.0.0/0' &&
      member(route, 'state') === 'active' &&
      WAYS_OUT.some((way) => member(route, way) !== ''),
  );
}
