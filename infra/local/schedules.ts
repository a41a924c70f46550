/** Rules of a template that start state machines at a rate: EventBridge, as far as it is used. */
import { matches, type Policies } from './policy.ts';
import { type Template, UnknownInTemplate } from './template.ts';

interface Target {
  readonly Arn: string;
  readonly Input: string;
  readonly RoleArn: string;
}

export interface Scheduled {
  readonly milliseconds: number;
  readonly start: () => void;
}

const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** What each rule does, and how often. Throws for a rule that nothing here stands for, and for a role that may not. */
export function schedulesOf(
  template: Template,
  policies: Policies,
  start: (machine: string, input: string) => void,
): Scheduled[] {
  return template.ofType('AWS::Events::Rule').flatMap(({ id, properties }) => {
    const { ScheduleExpression = '', Targets } = template.resolve(properties) as {
      ScheduleExpression?: string;
      Targets: Target[];
    };
    const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(ScheduleExpression) ?? [];
    if (count === undefined)
      throw new UnknownInTemplate(
        `${id} is a rule with ${ScheduleExpression || 'no rate'}, which this machine cannot do`,
      );
    return Targets.map(({ Arn, Input, RoleArn }) => {
      const role = RoleArn.split('/').at(-1) ?? '';
      if (!matches('arn:aws:states:*', Arn) || !policies.allows(role, 'states:StartExecution', Arn))
        throw new Error(`${id} may not start ${Arn}: its role does not allow states:StartExecution`);
      return { milliseconds: Number(count) * (UNITS[unit] as number), start: () => start(Arn, Input) };
    });
  });
}
