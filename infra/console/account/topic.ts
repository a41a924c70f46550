/** Whether CloudWatch may publish to a topic of SNS, as far as the topic's own policy tells. */

type Values = string | readonly string[] | undefined;

/** A statement of a policy, of any form that AWS takes. */
export interface Granted {
  readonly Effect?: string;
  readonly Principal?: string | Readonly<Record<string, Values>>;
  readonly Action?: Values;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, Values>>>>;
}

export const listOf = (values: Values): readonly string[] =>
  values === undefined ? [] : ([values].flat() as string[]);

const CLOUDWATCH = 'cloudwatch.amazonaws.com';
/** Keys of a condition that name the account of the sender. */
const OF_ACCOUNT = /^aws:Source(Owner|Account)$/i;

export function statementsIn(policy: string): Granted[] {
  const { Statement: statements = [] } = JSON.parse(policy) as { Statement?: Granted | Granted[] };
  return [statements].flat();
}

/**
 * A statement that allows it, without a condition about another account. Other conditions, such as one about the names of the alarms, are taken to hold:
 * nothing here knows the alarms.
 */
export function mayPublish(policy: string, account: string): boolean {
  return statementsIn(policy).some((each) => each.Effect === 'Allow' && allows(each, account));
}

function allows({ Principal, Action, Condition = {} }: Granted, account: string): boolean {
  const publishes = listOf(Action).some((action) => /^(\*|sns:(\*|Publish))$/i.test(action));
  const ofAccount = Object.values(Condition)
    .flatMap((operands) => Object.entries(operands))
    .filter(([key]) => OF_ACCOUNT.test(key));
  return (
    publishes && isCloudWatch(Principal) && ofAccount.every(([, values]) => listOf(values).includes(account))
  );
}

function isCloudWatch(principal: Granted['Principal']): boolean {
  if (principal === undefined) return false;
  if (typeof principal === 'string') return principal === '*';
  return listOf(principal.Service).includes(CLOUDWATCH) || listOf(principal.AWS).includes('*');
}
