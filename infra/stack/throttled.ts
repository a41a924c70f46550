/** What the steps of all state machines do where Lambda has no container for them at the moment. */
import { Duration } from 'aws-cdk-lib';
import { JitterType } from 'aws-cdk-lib/aws-stepfunctions';
import type { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';

/**
 * A function that has as many invocations as containers refuses the next one: two flags that are set at once start two executions of the
 * controller, whose function has one container. The CDK's own retries do not name that error. The refused step tries again for about two
 * minutes, which is the time of several looks at their longest.
 */
export function retryThrottled(step: LambdaInvoke): LambdaInvoke {
  step.addRetry({
    errors: ['Lambda.TooManyRequestsException'],
    ...{ interval: Duration.seconds(1), backoffRate: 2, maxDelay: Duration.seconds(10), maxAttempts: 30 },
    jitterStrategy: JitterType.FULL,
  });
  return step;
}
