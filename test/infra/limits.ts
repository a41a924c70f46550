/** Limits of AWS that no synthesis checks: a template above them is refused only when it is deployed. */
import assert from 'node:assert/strict';
import type { Document } from '../../infra/template.ts';
import type { Properties } from './template.ts';

/** Targets of a rule; resources of a template; characters of all inline policies of a role, and of a managed policy. */
const [TARGETS, RESOURCES, INLINE, MANAGED] = [5, 500, 10_240, 6_144];

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

/** Fails where a template is above a limit. */
export function withinLimits(documents: readonly Document[]): void {
  for (const { Resources } of documents) {
    const entries = Object.entries(Resources) as [string, Properties][];
    assert.ok(entries.length <= RESOURCES, `${entries.length} resources`);
    const inline = new Map<string, number>();
    for (const [id, { Type, Properties: properties }] of entries) {
      if (Type === 'AWS::Events::Rule') assert.ok(properties.Targets.length <= TARGETS, id);
      if (Type === 'AWS::IAM::ManagedPolicy') assert.ok(sizeOf(properties.PolicyDocument) <= MANAGED, id);
      if (Type !== 'AWS::IAM::Policy') continue;
      for (const { Ref } of properties.Roles)
        inline.set(Ref, (inline.get(Ref) ?? 0) + sizeOf(properties.PolicyDocument));
    }
    for (const [role, size] of inline) assert.ok(size <= INLINE, `${role}: ${size} characters`);
  }
}

/** Names of the parameters in a template. */
export const parametersIn = ({ Resources }: Document): string[] =>
  Object.values(Resources).flatMap(({ Type, Properties }) =>
    Type === 'AWS::SSM::Parameter' ? [(Properties as Properties).Name] : [],
  );
