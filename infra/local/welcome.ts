/** What `npm start` prints: where each collection is, addresses, a token, and lines to paste. */
import { bake } from '../../functions/configuration/configuration.ts';
import { parsePhase } from '../../functions/phases/effective_phase.ts';
import { phaseOf } from '../../functions/phases/parameters.ts';
import type { Phase } from '../../functions/protocol/phase.ts';
import { MEANING } from '../console/told/meaning.ts';
import type { CheckedSettings } from '../settings.ts';
import { grantingAll } from './app_tokens.ts';
import { OPERATOR } from './policy.ts';
import { sampleKey } from './sample_key.ts';
import type { Local } from './start.ts';
import { REGION } from './template.ts';

export interface Started {
  /** Whether times are short, and the controller looks all the time. */
  readonly quick: boolean;
  /** The folder that keeps everything over a restart; null where nothing does. */
  readonly kept: string | null;
}

export async function welcome(
  { deployment, parameters }: Pick<Local, 'deployment' | 'parameters'>,
  { configuration, deployment: { parameters: prefix } }: CheckedSettings,
  { quick, kept }: Started,
): Promise<string> {
  const { url, token } = deployment.gateway;
  const phases = Object.keys(configuration.collections).map((name) => {
    const Name = phaseOf(prefix, name);
    const { Parameter } = parameters.call('GetParameter', { Name }, 'npm start') as {
      Parameter: { Value: string };
    };
    return { name, phase: parsePhase(Parameter.Value).phase };
  });
  const first = configuration.collections[phases[0]?.name ?? ''];
  const keyOf = (end: string) => (first === undefined ? end : sampleKey(first.keys, end));
  const seconds = bake(configuration.timing) / 1000;
  const times = quick
    ? `Times are short here: a bake is ${seconds} seconds, and the controller looks every few seconds.`
    : `A bake is ${seconds} seconds, and the controller looks once a minute: a move takes one to two minutes. With
npm start -- --quick it takes seconds.`;
  const restart =
    kept === null
      ? 'Nothing is kept: after a restart everything is as it was at the beginning.'
      : `Documents, phases and messages are kept in ${kept}. The token, the ports and the keys are new at each start: after a
restart, paste the lines below again, in each terminal.`;
  return `
Crossfade runs on this machine. Ctrl-C stops it.

${phases.map(({ name, phase }) => `  ${name.padEnd(12)}in phase ${phase}: ${MEANING[phase]}`).join('\n')}

${times}
${restart}

  export TOKEN=${await token('you', grantingAll(configuration.grants))}

${documentLines(url, phases[0]?.name ?? '', keyOf)}

SSM, SQS, Step Functions and Secrets Manager, for npx crossfade, the AWS command line and SDKs:

  export AWS_ENDPOINT_URL=${deployment.endpoint.url} AWS_REGION=${REGION} AWS_DEFAULT_REGION=${REGION}
  export AWS_ACCESS_KEY_ID=${OPERATOR} AWS_SECRET_ACCESS_KEY=local
  export CROSSFADE_URL=${url}
  aws ssm get-parameters-by-path --path ${prefix}

${operatorLines(phases, keyOf)}
`;
}

/** curl before 7.82 has no --json, and some shells look for files where a question mark is in no quotes. */
function documentLines(url: string, collection: string, keyOf: (end: string) => string): string {
  const document = (key: string) =>
    `"${url}/v1/collections/${collection}/documents?key=${encodeURIComponent(key)}"`;
  const curl = 'curl -i -H "Authorization: Bearer $TOKEN"';
  const json = (body: string) => `-H "Content-Type: application/json" -d '${body}'`;
  return `  ${curl} ${document(keyOf(`${collection}-7`))}
  ${curl} -X PUT ${json('{"total":12.50}')} ${document(keyOf('mine'))}
  ${curl} -X PATCH ${json('{"paid":true}')} ${document(keyOf('mine'))}
  ${curl} -X DELETE ${document(keyOf('mine'))}`;
}

function operatorLines(
  phases: readonly { readonly name: string; readonly phase: Phase }[],
  keyOf: (end: string) => string,
): string {
  const [first = ''] = phases.map(({ name }) => name);
  const before = phases.filter(({ phase }) => phase === 'legacy' || phase === 'expand');
  const begin = `See whether Oracle can take what lies in Couchbase, then write to both stores:

  npx crossfade preflight ${before[0]?.name}
  npx crossfade set expand --why "first try"

Once the phase is expand, what lies in Couchbase already can be copied, and both stores compared:

  npx crossfade backfill start ${before[0]?.name}
  npx crossfade verify start ${before[0]?.name}

`;
  return `Look whether both stores are as they must be:

  npx crossfade doctor

See what they were certified for, which this start does in its short form, and do the whole of it:

  npx crossfade certify status
  npx crossfade certify start

${before.length === 0 ? '' : begin}See where the migration is, what comes next, and what is known of a document:

  npx crossfade status
  npx crossfade plan
  npx crossfade explain ${first} ${keyOf(`${first}-7`)}`;
}
