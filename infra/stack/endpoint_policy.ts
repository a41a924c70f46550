/** The policy of a private API: who reaches it at all. */
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * Everything is denied that does not come through one of the endpoints, and nothing is allowed: what comes through one needs an authorizer or a policy of IAM that allows it. Within an
 * account one of both is enough, so a policy of the API that allowed would let whoever has credentials of the account call the routes of operators without a right.
 * (apigateway/latest/developerguide/apigateway-authorization-flow.html, 2026-11-28)
 */
export function endpointsAlone(endpoints: readonly string[]): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        ...{ effect: Effect.DENY, principals: [new AnyPrincipal()], actions: ['execute-api:Invoke'] },
        resources: ['execute-api:/*'],
        conditions: { StringNotEquals: { 'aws:SourceVpce': [...endpoints] } },
      }),
    ],
  });
}
