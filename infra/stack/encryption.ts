/** The customer's key for all that the stack keeps, and who may use it for what. */
import { ArnFormat, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, ManagedPolicy, Policy, PolicyDocument, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { IConstruct } from 'constructs';
import { serviceStatements, wholeAccount } from '../key_policy.ts';
import { MADE, MADE_KEY, NAMED_KEY } from '../key_settings.ts';
import type { Deployment } from '../settings.ts';

/** Seconds for which SQS and Step Functions use a data key again, as they do by default: so long a message can still be sent after the key was taken away. */
const REUSED = 300;

/** What a role does, by the permission that it has for it, and what it needs of the key for that: through which service. */
const NEEDS: readonly (readonly [does: string, service: string, actions: readonly string[]])[] = [
  ['sqs:SendMessage', 'sqs', ['kms:Decrypt', 'kms:GenerateDataKey']],
  ['sqs:ReceiveMessage', 'sqs', ['kms:Decrypt']],
  ['secretsmanager:GetSecretValue', 'secretsmanager', ['kms:Decrypt']],
  // A topic that is encrypted with the same key.
  ['sns:Publish', 'sns', ['kms:Decrypt', 'kms:GenerateDataKey']],
];

/**
 * Encrypts every queue, log group, function and state machine of the stack with the key of the settings, and lets each role use it for what the role does:
 * called when all permissions are there. Parameters of SSM and alarms are not encrypted with it: they hold nothing secret.
 */
export function encrypt(stack: Stack, { kmsKey, kmsKeysToRead, alarmTopic }: Deployment): void {
  if (kmsKey === null && kmsKeysToRead.length === 0) return;
  const key = kmsKey === MADE ? made(stack, alarmTopic !== null) : kmsKey;
  const all = stack.node.findAll();
  const roles = all.filter((each) => each instanceof Role);
  const policies = roles.flatMap((role) => allowUse(role, key, kmsKeysToRead));
  for (const each of all)
    if (each instanceof ManagedPolicy)
      allowDescribing(each, [...(key === null ? [] : [key]), ...kmsKeysToRead]);
  if (key === null) return;
  new CfnOutput(stack, kmsKey === MADE ? MADE_KEY : NAMED_KEY, {
    ...{ value: key, description: 'Encrypts all that the stack keeps' },
  });
  for (const each of all) {
    useKey(each, key);
    // A queue that has its key before its senders may use it refuses their messages.
    if (each instanceof CfnQueue) each.node.addDependency(...policies);
  }
}

/** A key of the stack. It stays when the stack is deleted, since logs stay. @returns its ARN. */
function made(stack: Stack, notifies: boolean): string {
  const { partition, region, account, urlSuffix: suffix } = stack;
  const holder = { partition, region, account, suffix, notifies };
  const key = new Key(stack, 'Key', {
    description: 'What Crossfade keeps in queues, logs, environments of functions and state machines',
    enableKeyRotation: true,
    pendingWindow: Duration.days(30),
    removalPolicy: RemovalPolicy.RETAIN,
    policy: PolicyDocument.fromJson({ Statement: [wholeAccount(holder), ...serviceStatements(holder)] }),
  });
  return key.keyArn;
}

function useKey(each: IConstruct, key: string): void {
  if (each instanceof CfnQueue) {
    each.sqsManagedSseEnabled = undefined;
    each.kmsMasterKeyId = key;
    each.kmsDataKeyReusePeriodSeconds = REUSED;
  } else if (each instanceof CfnLogGroup) each.kmsKeyId = key;
  else if (each instanceof CfnFunction) each.kmsKeyArn = key;
  else if (each instanceof CfnStateMachine)
    each.encryptionConfiguration = {
      ...{ type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: key },
      kmsDataKeyReusePeriodSeconds: REUSED,
    };
}

/** @param key that the stack encrypts with; null for that of AWS. @param others that there may be something from before to decrypt with. */
function allowUse(role: Role, key: string | null, others: readonly string[]): Policy[] {
  const stack = Stack.of(role);
  const keys = [...(key === null ? [] : [key]), ...others];
  const trusted = JSON.stringify(stack.resolve(role.assumeRolePolicy));
  const needs = NEEDS.filter(([does]) => mayDo(role, does));
  const services = new Set(needs.map(([, service]) => service));
  if (trusted.includes('lambda.amazonaws.com')) services.add('lambda');
  const sends = needs.filter(([, , actions]) => actions.includes('kms:GenerateDataKey'));
  const senders = [...new Set(sends.map(([, service]) => service))];
  const via = (...names: string[]) => ({
    StringEquals: { 'kms:ViaService': names.map((name) => `${name}.${stack.region}.${stack.urlSuffix}`) },
  });
  const statements = [
    ...(services.size === 0 ? [] : [allowing(['kms:Decrypt'], keys, via(...[...services].sort()))]),
    ...(senders.length > 0 && key !== null
      ? [allowing(['kms:GenerateDataKey'], [key], via(...senders))]
      : []),
    ...(trusted.includes('states.amazonaws.com') ? executing(stack, keys) : []),
  ];
  if (statements.length === 0) return [];
  // Beside the role's other policy, which names queues: they wait for this one.
  return [new Policy(role, 'Key', { roles: [role], statements })];
}

/** Whoever describes an execution, as operators do of runs, needs the key of its state machine. (step-functions/latest/dg/encryption-at-rest.html) */
function allowDescribing(policy: ManagedPolicy, keys: string[]): void {
  if (!allowsIn(policy.document, 'states:DescribeExecution')) return;
  policy.addStatements(allowing(['kms:Decrypt'], keys, ofMachines(Stack.of(policy))));
}

/** Not by their names, which CloudFormation makes up after the role has its policies. */
function ofMachines(stack: Stack) {
  const machines = stack.formatArn({
    ...{ service: 'states', resource: 'stateMachine', resourceName: '*' },
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return { StringLike: { 'kms:EncryptionContext:aws:states:stateMachineArn': machines } };
}

/** Step Functions uses the key as the role, and not for it: what is executed, and what is logged of that. (step-functions/latest/dg/encryption-at-rest.html) */
function executing(stack: Stack, keys: string[]): PolicyStatement[] {
  const logs = stack.formatArn({ service: 'logs', resource: '*', arnFormat: ArnFormat.NO_RESOURCE_NAME });
  return [
    allowing(['kms:Decrypt', 'kms:GenerateDataKey'], keys, ofMachines(stack)),
    allowing(['kms:GenerateDataKey'], keys, {
      StringEquals: { 'kms:EncryptionContext:SourceArn': logs },
    }),
  ];
}

function allowing(
  actions: string[],
  resources: string[],
  conditions: Record<string, unknown>,
): PolicyStatement {
  return new PolicyStatement({ effect: Effect.ALLOW, actions, resources, conditions });
}

interface Granted {
  readonly Effect: string;
  readonly Action: string | readonly string[];
}

function mayDo(role: Role, action: string): boolean {
  const policies = role.node.findAll().filter((each) => each instanceof Policy);
  return policies.some(({ document }) => allowsIn(document, action));
}

function allowsIn(document: PolicyDocument, action: string): boolean {
  const statements: Granted[] = document.toJSON()?.Statement ?? [];
  return statements.some(
    ({ Effect: effect, Action }) => effect === 'Allow' && [Action].flat().includes(action),
  );
}
