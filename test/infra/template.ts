/** The template of the tests’ own configuration. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Settings } from '../../infra/settings.ts';
import { type Document, readDocument } from '../../infra/template.ts';
import { assembledIn } from '../judges/assembled.ts';
import config from '../shop.config.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossfade-'));
after(() => rmSync(folder, { recursive: true }));

// biome-ignore lint/suspicious/noExplicitAny: a template's properties are anything.
export type Properties = any;

/** The stack's template, and those of its nested stacks, each by itself. */
export function templatesIn(outdir: string): Document[] {
  return readdirSync(outdir)
    .filter((name) => name.endsWith('.template.json'))
    .sort((one, other) => one.length - other.length)
    .map((name) => JSON.parse(readFileSync(join(outdir, name), 'utf8')) as Document);
}

/** The template with its nested stacks. Judges look at those of `test/judges`, since that takes longer than to make them. */
export function templateOf(settings: Settings): Document {
  return readDocument(assembled(settings), settings.deployment.name);
}

/** @returns the folder with the templates, with something else for the bundle. */
export function assembled(settings: Settings): string {
  return assembledIn(mkdtempSync(join(folder, 'assembled-')), settings, null).outdir;
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
