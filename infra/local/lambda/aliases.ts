/** The aliases of a template, as requests reach them. */
import { type Template, UnknownInTemplate } from '../template.ts';
import { type Invocable, LocalAlias } from './alias.ts';
import type { LocalFunction } from './function.ts';

/** Functions and their aliases, by their ARNs. */
export function withAliases(
  template: Template,
  functions: ReadonlyMap<string, LocalFunction>,
): ReadonlyMap<string, Invocable> {
  const all = new Map<string, Invocable>(functions);
  for (const { id, properties } of template.ofType('AWS::Lambda::Alias')) {
    const version = template.text(properties.FunctionVersion);
    const [arn = ''] = template.text({ Ref: id }).split(/:[^:]+$/);
    const target = functions.get(arn);
    if (target === undefined)
      throw new UnknownInTemplate(`${id} is an alias of ${arn}, which is no function`);
    const alias = template.text({ Ref: id });
    const invoke = (event: unknown, trace?: string) => target.invoke(event, trace, alias);
    all.set(alias, new LocalAlias(version, { settings: target.settings, invoke }));
  }
  return all;
}
