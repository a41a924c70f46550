/** What a function may do, said where what it is done to is made. */
import { Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

/** @param resources ARNs. */
export function allow(user: LambdaFunction, actions: readonly string[], resources: readonly string[]): void {
  user.addToRolePolicy(
    new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [...resources] }),
  );
}

/** Lets a function read what was measured. */
export function allowMeasurements(user: LambdaFunction): void {
  allow(user, ['cloudwatch:GetMetricData'], ['*']);
  Validations.of(user.role as IConstruct).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'CloudWatch knows no narrower resource for reading metrics',
  });
}
