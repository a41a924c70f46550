/** The permissions boundary that an organization may demand of each role. */
import type { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';

/** Every role of the stack has it, those that the CDK makes for itself too. @param arn of a managed policy; null for none. */
export function boundRoles(stack: Stack, arn: string | null): void {
  if (arn === null) return;
  PermissionsBoundary.of(stack).apply(ManagedPolicy.fromManagedPolicyArn(stack, 'Boundary', arn));
}
