/** What `npm start` prints: addresses, a token, and lines to paste. */
import type { CheckedSettings } from '../settings.ts';
import { OPERATOR } from './policy.ts';
import type { Local } from './start.ts';
import { REGION } from './template.ts';

export async function welcome(
  { deployment }: Local,
  { configuration, deployment: { parameters } }: CheckedSettings,
): Promise<string> {
  const { url, token } = deployment.gateway;
  const [name = ''] = Object.keys(configuration.collections);
  const documents = `${url}/v1/collections/${name}/documents`;
  return `
Crossfade runs on this machine, in phase legacy: documents lie in Couchbase. Ctrl-C stops it.

  TOKEN=${await token('you')}

  curl -i -H "Authorization: $TOKEN" ${documents}/${name}-7
  curl -i -H "Authorization: $TOKEN" -X PUT --json '{"total":12.50}' ${documents}/mine
  curl -i -H "Authorization: $TOKEN" -X PATCH --json '{"paid":true}' ${documents}/mine
  curl -i -H "Authorization: $TOKEN" -X DELETE ${documents}/mine

SSM, SQS, Step Functions and Secrets Manager, for the AWS command line and SDKs:

  export AWS_ENDPOINT_URL=${deployment.endpoint.url} AWS_REGION=${REGION} AWS_DEFAULT_REGION=${REGION}
  export AWS_ACCESS_KEY_ID=${OPERATOR} AWS_SECRET_ACCESS_KEY=local
  export CROSSFADE_URL=${url}
  aws ssm get-parameters-by-path --path ${parameters}

Write to both stores, and see where the migration is:

  npx crossfade set expand
  npx crossfade status

Once the phase is expand, what lies in Couchbase already can be copied, and both stores compared:

  npx crossfade preflight ${name}
  npx crossfade backfill start ${name}
  npx crossfade verify start ${name}
  npx crossfade explain ${name} ${name}-7
`;
}
