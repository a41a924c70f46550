/** Endpoints of VPCs, and the role for the logs of REST APIs, as AWS tells of them. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import { type Check, ok, wrong } from './found.ts';
import type { Account } from './ports.ts';
import { ask, askFor } from './signed.ts';
import { itemsOf, member, parseXml } from './xml.ts';

export function privateApiOf(client: SSMClient): Pick<Account, 'apiLogRole' | 'endpoint'> {
  return {
    apiLogRole: async () => {
      const text = await ask(client, 'apigateway', '/account', 'apigateway:GET');
      const { cloudwatchRoleArn = '' } = JSON.parse(text) as { cloudwatchRoleArn?: string };
      return cloudwatchRoleArn === '' ? null : cloudwatchRoleArn;
    },
    endpoint: async (id) => {
      const form = { Action: 'DescribeVpcEndpoints', Version: '2016-11-15', 'VpcEndpointId.1': id };
      const text = await askFor(client, 'ec2', '/', 'ec2:DescribeVpcEndpoints', { form });
      const [found] = text === null ? [] : itemsOf(parseXml(text), 'vpcEndpointSet');
      return found === undefined
        ? null
        : { service: member(found, 'serviceName').split('.').at(-1) ?? '', state: member(found, 'state') };
    },
  };
}

export const privateApi: Check = async (account, { deployment }) => {
  if (deployment.private === null) return ok('the API is an HTTP API, which the internet reaches');
  const { endpoints } = deployment.private;
  const found = await Promise.all(endpoints.map((id) => account.endpoint(id)));
  const odd = endpoints.flatMap((id, n) => {
    const { service, state } = found[n] ?? { service: '', state: 'not there' };
    if (state.toLowerCase() !== 'available') return [`${id} is ${state}`];
    return service === 'execute-api' ? [] : [`${id} is for ${service}`];
  });
  if (odd.length > 0)
    return wrong(
      odd.join(', '),
      'Name interface endpoints for the service execute-api, of this account and region, in deployment.private.endpoints',
    );
  const role = await account.apiLogRole();
  return role === null
    ? wrong(
        'API Gateway has no role for logs in this account and region, and the deployment would fail',
        'Make one with the policy AmazonAPIGatewayPushToCloudWatchLogs, and: aws apigateway update-account --patch-operations op=replace,path=/cloudwatchRoleArn,value=ARN',
      )
    : ok(`${endpoints.join(', ')} lead to it; API Gateway writes logs as ${role}`);
};
