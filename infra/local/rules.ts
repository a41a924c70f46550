/** Rules of a template that start state machines, at a rate or when a parameter has changed: EventBridge, as far as it is used. */
import { randomUUID } from 'node:crypto';
import { matches, type Policies } from './policy.ts';
import { type Template, UnknownInTemplate } from './template.ts';

interface Target {
  readonly Arn: string;
  readonly Input?: string;
  readonly RoleArn: string;
}

export interface Scheduled {
  readonly milliseconds: number;
  readonly start: () => void;
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** A change of a parameter that rules look for. */
export interface Change {
  readonly name: string;
  readonly operation: 'Create' | 'Update';
}

export interface Rules {
  readonly scheduled: readonly Scheduled[];
  /** Starts what wants to know of a change. */
  readonly changed: (change: Change) => void;
}

interface Pattern {
  readonly source: readonly string[];
  readonly 'detail-type': readonly string[];
  readonly detail: {
    readonly name: readonly (string | { readonly wildcard: string })[];
    readonly operation: readonly string[];
  };
}

/**
 * What the rules do. Throws for a rule that nothing here stands for, and for a role that may not start what it should.
 * @param start is given the name of the execution as EventBridge makes it: the id of the event and that of the target, 73 characters.
 */
export function rulesOf(
  template: Template,
  policies: Policies,
  start: (machine: string, input: string, name: string) => void,
): Rules {
  const scheduled: Scheduled[] = [];
  const wanted: { readonly pattern: Pattern; readonly start: () => void }[] = [];
  for (const { id, properties } of template.ofType('AWS::Events::Rule')) {
    const { ScheduleExpression, EventPattern, Targets } = template.resolve(properties) as {
      ScheduleExpression?: string;
      EventPattern?: Pattern;
      Targets: Target[];
    };
    for (const target of Targets) {
      requirePermission(id, target, policies);
      const own = randomUUID();
      const begin = () => start(target.Arn, target.Input ?? '{}', `${randomUUID()}_${own}`);
      if (EventPattern !== undefined) wanted.push({ pattern: known(id, EventPattern), start: begin });
      else scheduled.push({ milliseconds: rateOf(id, ScheduleExpression ?? ''), start: begin });
    }
  }
  return {
    scheduled,
    changed: ({ name, operation }) => {
      for (const { pattern, start: begin } of wanted)
        if (isNamed(pattern, name) && pattern.detail.operation.includes(operation)) begin();
    },
  };
}

function requirePermission(id: string, { Arn, RoleArn }: Target, policies: Policies): void {
  const role = RoleArn.split('/').at(-1) ?? '';
  if (!matches('arn:aws:states:*', Arn) || !policies.allows(role, 'states:StartExecution', Arn))
    throw new Error(`${id} may not start ${Arn}: its role does not allow states:StartExecution`);
}

/** EventBridge's wildcard stands for any characters. */
function isNamed({ detail }: Pattern, name: string): boolean {
  return detail.name.some((each) =>
    typeof each === 'string' ? each === name : matches(each.wildcard, name),
  );
}

function known(id: string, pattern: Pattern): Pattern {
  if (pattern.source[0] === 'aws.ssm' && pattern['detail-type'][0] === 'Parameter Store Change')
    return pattern;
  throw new UnknownInTemplate(`${id} is a rule for ${pattern.source}, whose events nobody sends here`);
}

function rateOf(id: string, expression: string): number {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count === undefined)
    throw new UnknownInTemplate(
      `${id} is a rule with ${expression || 'no rate'}, which this machine cannot do`,
    );
  return Number(count) * (UNITS[unit] as number);
}
