/** The template of the tests’ own configuration. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from '../../infra/template.ts';
import config from '../shop.config.ts';
import { type Properties, templateOf } from './assembled.ts';

export { assembled, type Properties, templateOf } from './assembled.ts';

/** The stack's template, and those of its nested stacks, each by itself. */
export function templatesIn(outdir: string): Document[] {
  return readdirSync(outdir)
    .filter((name) => name.endsWith('.template.json'))
    .sort((one, other) => one.length - other.length)
    .map((name) => JSON.parse(readFileSync(join(outdir, name), 'utf8')) as Document);
}

export const template = templateOf(config);
export const all = (type: string, part = ''): [string, Properties][] =>
  Object.entries(template.Resources)
    .filter(([id, { Type }]) => Type === type && id.includes(part))
    .map(([id, { Properties }]) => [id, Properties]);

/** Names of the parameters in a template. */
export const parametersIn = ({ Resources }: Document): string[] =>
  Object.values(Resources).flatMap(({ Type, Properties: properties }) =>
    Type === 'AWS::SSM::Parameter' ? [(properties as Properties).Name] : [],
  );

/** The states of a machine, with X for whatever is only known in AWS. */
export function statesOf(name: string): Properties {
  const [[, { DefinitionString }]] = all('AWS::StepFunctions::StateMachine', name) as [[string, Properties]];
  const parts: unknown[] = DefinitionString['Fn::Join'][1];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'X')).join('')).States;
}
