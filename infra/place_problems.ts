/** What has to be in the region and the account of the stack, and is elsewhere. CloudFormation would refuse it in the middle of a deployment. */
import * as v from 'valibot';
import { type Place, placeOf } from './arn.ts';
import { KAFKA_SETTINGS, kafkaSecrets } from './kafka_settings.ts';
import { MADE } from './key_settings.ts';

/** Where the stack is deployed; undefined where nothing tells. */
export type Target = Partial<Pick<Place, 'region' | 'account'>>;

const text = v.fallback(v.nullable(v.string()), null);
const GIVEN = v.object({
  kmsKey: text,
  kmsKeysToRead: v.fallback(v.array(v.string()), []),
  domain: v.fallback(
    v.nullable(
      v.object({
        certificate: v.string(),
        mutualTls: v.fallback(v.object({ ownershipCertificate: v.optional(v.string()) }), {}),
      }),
    ),
    null,
  ),
  private: v.fallback(v.nullable(v.object({ webAcl: v.optional(v.string()) })), null),
  ...{ alarmTopic: text, moveTopic: text },
  kafka: v.fallback(v.nullable(KAFKA_SETTINGS), null),
});

type Given = readonly (readonly [path: string, arn: string | null | undefined])[];

function given(output: v.InferOutput<typeof GIVEN>): Given {
  const { kmsKey, kmsKeysToRead, domain, private: closed, alarmTopic, moveTopic, kafka } = output;
  return [
    ['alarmTopic', alarmTopic],
    ['moveTopic', moveTopic],
    ['kmsKey', kmsKey === MADE ? null : kmsKey],
    ...kmsKeysToRead.map((arn, n) => [`kmsKeysToRead.${n}`, arn] as const),
    ['domain.certificate', domain?.certificate],
    ['domain.mutualTls.ownershipCertificate', domain?.mutualTls.ownershipCertificate],
    ['private.webAcl', closed?.webAcl],
    ...(kafka === null ? [] : kafkaSecrets(kafka)),
    ...(kafka?.kind === 'msk' ? [['kafka.cluster', kafka.cluster] as const] : []),
  ];
}

/** @param deployment settings that need not be sound: what is no ARN is told elsewhere. */
export function placeProblems(deployment: unknown, target: Target = {}): string[] {
  const { success, output } = v.safeParse(GIVEN, deployment);
  if (!success) return [];
  const placed = given(output).flatMap(([path, arn]) =>
    typeof arn === 'string' && /^arn:([^:]+:){4}/.test(arn)
      ? [{ path: `deployment.${path}`, ...placeOf(arn) }]
      : [],
  );
  const [first] = placed;
  const region = target.region ?? first?.region;
  const where =
    target.region === undefined
      ? `and ${first?.path} in ${region}`
      : `and the stack is deployed to ${region}`;
  const elsewhere = placed
    .filter((each) => each.region !== region)
    .map(
      ({ path, region: its }) =>
        `${path}: OTHER_REGION: it is in ${its}, ${where}: name one of the region of the stack`,
    );
  // Keys, topics and secrets may be of another account: API Gateway takes a certificate and a web ACL of its own alone, and Lambda reads a cluster of another one by a private connection alone.
  const foreign = placed.filter(
    ({ path, account }) =>
      /(certificate|cluster|webAcl)$/i.test(path) &&
      target.account !== undefined &&
      account !== target.account,
  );
  return [
    ...elsewhere,
    ...foreign.map(
      ({ path, account }) =>
        `${path}: OTHER_ACCOUNT: it is of ${account}, and the stack is deployed to ${target.account}: name one of that account`,
    ),
  ];
}
