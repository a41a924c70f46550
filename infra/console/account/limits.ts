/** Quotas, roles and topics of the account, as AWS tells of them. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import { type Account, CannotLook } from './ports.ts';
import { ask, askFor } from './signed.ts';
import { type Element, find, member, parseXml } from './xml.ts';

/** "Throttle rate" of API Gateway. (apigateway/latest/developerguide/limits.html, 2026-11-27) */
const THROTTLE_RATE = { ServiceCode: 'apigateway', QuotaCode: 'L-8A5B8E43' };
/** The code of this quota of SQS stands on no page of AWS: it is found by its name. */
const IN_FLIGHT = /in[- ]?flight.*standard|standard.*in[- ]?flight/i;
/** IAM has one address for all regions. */
const IAM = { address: 'https://iam.amazonaws.com', region: 'us-east-1' };

interface Quota {
  readonly QuotaName?: string;
  readonly Value?: number;
}

export function limitsOf(
  client: SSMClient,
): Pick<Account, 'number' | 'apiRate' | 'inFlight' | 'deployerBoundary' | 'hasPolicy' | 'topic'> {
  const quotas = async (operation: string, input: object): Promise<unknown> => {
    const target = `ServiceQuotasV20190624.${operation}`;
    const right = `servicequotas:${operation}`;
    return JSON.parse(await ask(client, 'servicequotas', '/', right, { operation: { target, input } }));
  };
  const number = async () => {
    const form = { Action: 'GetCallerIdentity', Version: '2011-06-15' };
    const text = await ask(client, 'sts', '/', 'sts:GetCallerIdentity', { form });
    return find(parseXml(text), 'Account')?.text ?? '';
  };
  const iam = async (action: string, given: Record<string, string>): Promise<Element | null> => {
    const form = { Action: action, Version: '2010-05-08', ...given };
    const text = await askFor(client, 'iam', '/', `iam:${action}`, { form, global: IAM });
    return text === null ? null : parseXml(text);
  };
  return {
    number,
    apiRate: async () => {
      const { Quota } = (await quotas('GetServiceQuota', THROTTLE_RATE)) as { Quota?: Quota };
      return known(Quota?.Value, 'Throttle rate of API Gateway');
    },
    inFlight: async () => {
      const { Quotas = [] } = (await quotas('ListServiceQuotas', {
        ServiceCode: 'sqs',
        MaxResults: 100,
      })) as {
        Quotas?: Quota[];
      };
      const found = Quotas.find(({ QuotaName = '' }) => IN_FLIGHT.test(QuotaName));
      return known(found?.Value, 'messages in flight of SQS');
    },
    deployerBoundary: async () => {
      const [account, region] = [await number(), await client.config.region()];
      const role = await iam('GetRole', { RoleName: `cdk-hnb659fds-cfn-exec-role-${account}-${region}` });
      return role === null ? null : find(role, 'PermissionsBoundaryArn')?.text || null;
    },
    hasPolicy: async (arn) => (await iam('GetPolicy', { PolicyArn: arn })) !== null,
    topic: (arn) => topicOf(client, arn),
  };
}

function known(value: number | undefined, what: string): number {
  if (value !== undefined) return value;
  throw new CannotLook(
    `Service Quotas tells nothing of ${what}`,
    'Look at the quotas of the account yourself',
  );
}

async function topicOf(client: SSMClient, arn: string): ReturnType<Account['topic']> {
  const form = { Action: 'GetTopicAttributes', Version: '2010-03-31', TopicArn: arn };
  const text = await askFor(client, 'sns', '/', 'sns:GetTopicAttributes', { form });
  if (text === null) return null;
  const entries = find(parseXml(text), 'Attributes')?.children ?? [];
  const attribute = (name: string) =>
    member(entries.find((each) => member(each, 'key') === name) ?? NOTHING, 'value');
  return {
    policy: attribute('Policy') || '{}',
    key: attribute('KmsMasterKeyId') || null,
    confirmed: Number(attribute('SubscriptionsConfirmed') || 0),
  };
}

const NOTHING: Element = { name: '', children: [], text: '' };
