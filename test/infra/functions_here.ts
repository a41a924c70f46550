/** Functions of a template that run in this process, as a gateway reaches them. */
import type { Invocable } from '../../infra/local/lambda/alias.ts';
import { InvocationFailed } from '../../infra/local/lambda/failure.ts';
import type { Template } from '../../infra/local/template.ts';
import type { Document } from '../../infra/template.ts';

/** By their ARNs and those of their aliases. @param run what a function with that handler does: what it throws has failed the invocation. */
export function functionsIn(
  { Resources }: Document,
  template: Template,
  run: (handler: string, event: unknown) => Promise<unknown>,
): ReadonlyMap<string, Invocable> {
  const invocable = (id: string): Invocable => {
    const { Handler } = (Resources[id]?.Properties ?? {}) as { Handler: string };
    const invoke = (event: unknown) =>
      run(Handler, event).catch((error: Error) => {
        throw new InvocationFailed(error.name, error.message);
      });
    return { settings: { name: id }, invoke } as unknown as Invocable;
  };
  const all = template.ofType('AWS::Lambda::Function', 'AWS::Lambda::Alias');
  return new Map(
    all.map(({ id, type, properties }) =>
      type === 'AWS::Lambda::Alias'
        ? [template.text({ Ref: id }), invocable((properties.FunctionName as { Ref: string }).Ref)]
        : [template.text({ 'Fn::GetAtt': [id, 'Arn'] }), invocable(id)],
    ),
  );
}
