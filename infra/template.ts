/** The template of a synthesized stack, as it stands in its files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A template as it stands in its file. */
export interface Document {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>
  >;
}

/** A stack's template, with the resources of its nested stacks in place of them: ours are given nothing by the stack around them. */
export function readDocument(outdir: string, stack: string): Document {
  const json = (file: string) => JSON.parse(readFileSync(join(outdir, file), 'utf8'));
  const document: Document = json(`${stack}.template.json`);
  const resources = Object.entries(document.Resources).flatMap(([id, resource]) => {
    if (resource.Type !== 'AWS::CloudFormation::Stack') return [[id, resource] as const];
    const { TemplateURL, Parameters } = resource.Properties ?? {};
    const hash = /([0-9a-f]{64})\.json/.exec(JSON.stringify(TemplateURL))?.[1] ?? '';
    const file = json(`${stack}.assets.json`).files[hash]?.source.path;
    if (file === undefined || Parameters !== undefined)
      throw new Error(`${id} is a nested stack that is no file of this one, or has parameters`);
    return Object.entries((json(file) as Document).Resources);
  });
  const Resources = Object.fromEntries(resources);
  if (Object.keys(Resources).length < resources.length)
    throw new Error(`${stack} and its nested stacks have resources of the same name`);
  return { ...document, Resources };
}
