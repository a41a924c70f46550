/** Limits of AWS that the CDK does not check: a template above them is refused only when it is deployed. As they were known on 2026-11-27. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// biome-ignore lint/suspicious/noExplicitAny: a template's properties are anything.
type Properties = any;

/**
 * Targets of a rule (eventbridge/latest/userguide/eb-quota.html); resources, outputs and bytes of a template
 * (AWSCloudFormation/latest/UserGuide/cloudformation-limits.html); characters of all inline policies of a role, and of a managed policy
 * (IAM/latest/UserGuide/reference_iam-quotas.html).
 */
const MOST = {
  ...{ targets: 5, resources: 500, outputs: 200, bytes: 1_000_000 },
  ...{ inline: 10_240, managed: 6_144 },
} as const;

/** What is above a limit in the templates of a folder, one text each. */
export function aboveLimits(outdir: string): string[] {
  return readdirSync(outdir)
    .filter((name) => name.endsWith('.template.json'))
    .flatMap((name) => problemsIn(name, readFileSync(join(outdir, name), 'utf8')));
}

/** @param name for messages. */
export function problemsIn(name: string, text: string): string[] {
  const { Resources = {}, Outputs = {} } = JSON.parse(text) as Properties;
  const resources = Object.entries(Resources) as [string, Properties][];
  const rules = resources.filter(([, { Type }]) => Type === 'AWS::Events::Rule');
  const managed = resources.filter(([, { Type }]) => Type === 'AWS::IAM::ManagedPolicy');
  const measured: [what: string, is: number, most: number][] = [
    ['resources', resources.length, MOST.resources],
    ['outputs', Object.keys(Outputs).length, MOST.outputs],
    ['bytes', Buffer.byteLength(text), MOST.bytes],
    ...rules.map(
      ([
        id,
        {
          Properties: { Targets },
        },
      ]) => counted(`targets of ${id}`, Targets.length, MOST.targets),
    ),
    ...managed.map(
      ([
        id,
        {
          Properties: { PolicyDocument },
        },
      ]) => counted(`characters of the policy ${id}`, sizeOf(PolicyDocument), MOST.managed),
    ),
    ...[...inlineOf(resources)].map(([role, size]) =>
      counted(`characters of the policies of ${role}`, size, MOST.inline),
    ),
  ];
  return measured
    .filter(([, is, most]) => is > most)
    .map(([what, is, most]) => `${name}: ${is} ${what}, and AWS takes ${most}`);
}

const counted = (what: string, is: number, most: number): [string, number, number] => [what, is, most];

/** Characters of the inline policies of each role. */
function inlineOf(resources: readonly [string, Properties][]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [, { Type, Properties: properties }] of resources)
    for (const { Ref } of Type === 'AWS::IAM::Policy' ? properties.Roles : [])
      sizes.set(Ref, (sizes.get(Ref) ?? 0) + sizeOf(properties.PolicyDocument));
  return sizes;
}

/** What a value comes to in AWS, where names are as long as they get. */
function resolved(value: Properties): string {
  if (typeof value === 'string') return value;
  const { 'Fn::GetAtt': attribute, 'Fn::Join': join, Ref } = value;
  if (join !== undefined) return join[1].map(resolved).join(join[0]);
  if (Ref === 'AWS::Partition') return 'aws-us-gov';
  if (Ref === 'AWS::Region') return 'ap-southeast-3';
  if (Ref === 'AWS::AccountId') return '000000000000';
  // arn:aws-us-gov:states:ap-southeast-3:000000000000:stateMachine: and a name of 80 characters.
  return `${attribute ?? Ref}`.padEnd(150, 'x');
}

/** As IAM counts: without white space. */
function sizeOf(policy: Properties): number {
  const flat = (value: Properties): Properties => {
    if (Array.isArray(value)) return value.map(flat);
    if (typeof value !== 'object' || value === null) return value;
    if (Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'))) return resolved(value);
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, flat(each)]));
  };
  return JSON.stringify(flat(policy)).length;
}
