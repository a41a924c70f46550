/** Endpoints of VPCs, and the role for the logs of REST APIs, as AWS tells of them. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import { type Check, ok, wrong } from './found.ts';
import { type Account, CannotLook } from './ports.ts';
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

/** The issuer that AWS itself has, which a VPC can have an endpoint for. */
const COGNITO = /^https:\/\/cognito-idp\.[a-z0-9-]+\.amazonaws\.com\//;

/** Whether the function Authorize, which stands before a private API, has a way to the keys of the issuer: without one each request is answered 503. */
export const issuerWay: Check = async (account, { deployment }) => {
  const { network, tokens } = deployment;
  if (deployment.private === null) return ok('API Gateway itself reads the keys of the issuer');
  if (network === null) return ok('the function that reads the keys of the issuer is outside of a VPC');
  const { endpoints, subnetsWithoutNat } = await account.network(network.vpcId, network.subnetIds);
  if (subnetsWithoutNat.length === 0) return ok('every subnet has a way out, and so to the issuer');
  if (COGNITO.test(tokens.issuer) && endpoints.includes('cognito-idp'))
    return ok(`${network.vpcId} has an endpoint for cognito-idp`);
  throw new CannotLook(
    `${subnetsWithoutNat.join(', ')} have no way out, and whether ${tokens.issuer} is reached without one is not to be seen from here`,
    `Look from one of these subnets: curl ${tokens.issuer.replace(/\/$/, '')}/.well-known/openid-configuration. Where nothing answers, add a NAT gateway, ` +
      'or an endpoint or a route to the issuer: otherwise each request is answered 503 (ISSUER_AWAY)',
  );
};
