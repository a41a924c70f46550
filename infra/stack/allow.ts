/** What a function may do, said where what it is done to is made. */
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';

/** @param resources ARNs. */
export function allow(user: LambdaFunction, actions: readonly string[], resources: readonly string[]): void {
  user.addToRolePolicy(
    new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [...resources] }),
  );
}
