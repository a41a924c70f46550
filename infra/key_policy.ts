/** What the policy of a key has to allow. Written by the stack for a key that it makes, and by the owner of any other one. */

/** A statement of a policy, as IAM reads it. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: { readonly AWS: string } | { readonly Service: string };
  readonly Action: readonly string[];
  readonly Resource: '*';
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Holder {
  readonly partition: string;
  readonly region: string;
  /** Of the stack. */
  readonly account: string;
  /** What the names of AWS's services end with. */
  readonly suffix: string;
  /** Whether alarms notify a topic, which may be encrypted with the key. */
  readonly notifies: boolean;
}

/** What the names of AWS's services end with in a partition. */
export const suffixOf = (partition: string) =>
  partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';

/** Of the key that a topic is encrypted with. @param account of the alarms. */
export function alarmStatement(account: string): Statement {
  return {
    ...{ Sid: 'CrossfadeAlarms', Effect: 'Allow', Resource: '*' },
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    Condition: { StringEquals: { 'aws:SourceAccount': account } },
  };
}

/**
 * Services of AWS that use the key for themselves: no role can let them. Everything else uses it for a role of the stack, whose own policy says for what.
 * EventBridge and API Gateway are none of them: rules start state machines by a role, and the log of requests is encrypted by CloudWatch.
 */
export function serviceStatements({ partition, region, account, suffix, notifies }: Holder): Statement[] {
  return [
    {
      ...{ Sid: 'CrossfadeLogs', Effect: 'Allow', Resource: '*' },
      Principal: { Service: `logs.${region}.${suffix}` },
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': `arn:${partition}:logs:${region}:${account}:log-group:*`,
        },
      },
    },
    {
      // What state machines log comes to CloudWatch encrypted with the key of the state machine.
      ...{ Sid: 'CrossfadeLogDelivery', Effect: 'Allow', Resource: '*' },
      Principal: { Service: 'delivery.logs.amazonaws.com' },
      Action: ['kms:Decrypt'],
      Condition: {
        StringEquals: { 'kms:EncryptionContext:SourceArn': `arn:${partition}:logs:${region}:${account}:*` },
      },
    },
    ...(notifies ? [alarmStatement(account)] : []),
  ];
}

/** All of the account, which is how KMS says that policies of the account's roles and users decide. */
const accountOf = ({ partition, account }: Holder) => ({ AWS: `arn:${partition}:iam::${account}:root` });

/** Of a key of the stack's: as KMS makes it for any other new key. */
export function wholeAccount(holder: Holder): Statement {
  return {
    ...{ Sid: 'Account', Effect: 'Allow', Resource: '*' },
    ...{ Principal: accountOf(holder), Action: ['kms:*'] },
  };
}

/**
 * Of a key of somebody else: lets the policies of the stack's roles decide, each of which names the key and what it is used for. What deploys makes a grant
 * for each function, and has Step Functions look at the key.
 */
export function accountStatements(holder: Holder): Statement[] {
  const { partition, region, account } = holder;
  const root = accountOf(holder);
  return [
    {
      ...{ Sid: 'CrossfadeRoles', Effect: 'Allow', Principal: root, Resource: '*' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    },
    {
      ...{ Sid: 'CrossfadeDeployment', Effect: 'Allow', Principal: root, Resource: '*' },
      Action: ['kms:CreateGrant', 'kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
      Condition: {
        ArnLike: {
          'aws:PrincipalArn': `arn:${partition}:iam::${account}:role/cdk-*-cfn-exec-role-${account}-${region}`,
        },
      },
    },
  ];
}
