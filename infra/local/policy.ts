/** What the roles of a template may do. A subset of IAM: statements that allow or deny, wildcards, no conditions. */
import type { Template } from './template.ts';

/** Whoever has this access key may do everything: the person at this machine. */
export const OPERATOR = 'operator';

/** The access key that a function of the template has. */
export function accessKeyOf(id: string): string {
  return `LOCAL${id}`;
}

/** Somebody else, to whom the policies of some rights are attached: `alice@read+force`. Null for any other access key. */
export function operatorIn(
  accessKey: string,
): { readonly name: string; readonly rights: readonly string[] } | null {
  const [, name, rights] = /^([\w.-]+)@([a-z]+(?:\+[a-z]+)*)$/.exec(accessKey) ?? [];
  return name === undefined || rights === undefined ? null : { name, rights: rights.split('+') };
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
}

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

export class Policies {
  readonly #statements = new Map<string, Statement[]>();
  /** Of the policies for operators, by their rights. */
  readonly #rights = new Map<string, readonly Statement[]>();

  /** Reads every policy of the template; what it refers to must have been placed. */
  constructor(template: Template) {
    for (const { properties } of template.ofType('AWS::IAM::Policy')) {
      const { PolicyDocument, Roles } = template.resolve(properties) as {
        PolicyDocument: { Statement: Statement[] };
        Roles: string[];
      };
      for (const role of Roles)
        this.#statements.set(role, [...(this.#statements.get(role) ?? []), ...PolicyDocument.Statement]);
    }
    for (const { properties } of template.ofType('AWS::IAM::ManagedPolicy')) {
      const { PolicyDocument, Description } = template.resolve(properties) as {
        PolicyDocument: { Statement: Statement[] };
        Description: string;
      };
      const right = /^Crossfade, right (\w+):/.exec(Description)?.[1];
      if (right !== undefined) this.#rights.set(right, PolicyDocument.Statement);
    }
  }

  /** Whether a role may. */
  allows(role: string, action: string, resource: string): boolean {
    return allow(this.#statements.get(role) ?? [], action, resource);
  }

  /** Whether an operator may to whom the policies of these rights are attached. */
  allowsOperator(rights: readonly string[], action: string, resource: string): boolean {
    return allow(
      rights.flatMap((right) => this.#rights.get(right) ?? []),
      action,
      resource,
    );
  }
}

/** A denial beats whatever allows. */
function allow(statements: readonly Statement[], action: string, resource: string): boolean {
  const about = statements.filter(
    ({ Action, Resource }) =>
      listOf(Action).some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
      listOf(Resource).some((pattern) => matches(pattern, resource)),
  );
  return about.some(({ Effect }) => Effect === 'Allow') && about.every(({ Effect }) => Effect === 'Allow');
}

/** IAM's wildcards: `*` for anything, `?` for one character. */
export function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
