/** What asl-validator finds in the state machines of a template. */
import validate from 'asl-validator';
import type { Document } from '../../infra/template.ts';

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-central-1',
  'AWS::AccountId': '000000000000',
};

/** What a part of a definition comes to: a resource is some ARN. */
function textOf(part: unknown): string {
  if (typeof part === 'string') return part;
  const { Ref, 'Fn::GetAtt': attribute } = part as { Ref?: string; 'Fn::GetAtt'?: readonly string[] };
  const known = PSEUDO[Ref ?? ''];
  const id = Ref ?? attribute?.[0];
  if (id === undefined)
    throw new Error(`${JSON.stringify(part)} is no part of a definition that is known here`);
  return known ?? `arn:aws:lambda:eu-central-1:000000000000:function:${id}`;
}

/** Definitions by the ids of their machines. */
export function machinesIn({ Resources }: Document): Map<string, object> {
  const machines = Object.entries(Resources).filter(
    ([, { Type }]) => Type === 'AWS::StepFunctions::StateMachine',
  );
  return new Map(
    machines.map(([id, { Properties = {} }]) => {
      const { DefinitionString: text } = Properties;
      const { 'Fn::Join': join } = text as { 'Fn::Join': readonly [string, readonly unknown[]] };
      return [id, JSON.parse(join[1].map(textOf).join(join[0]))];
    }),
  );
}

/** @returns a line for each machine that is not valid. */
export function machineFindings(machines: ReadonlyMap<string, object>): string[] {
  return [...machines].flatMap(([id, definition]) => {
    const { isValid, errorsText } = validate(definition);
    return isValid ? [] : [`asl-validator: ${id}: ${errorsText('; ')}`];
  });
}
