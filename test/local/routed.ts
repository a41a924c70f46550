/** The template of an HTTP API in front of one function. */
import { Template } from '../../infra/local/template.ts';

/**
 * @param routes who may use each route, by its key: whoever has a token, or operators.
 * @param stage settings of the stage.
 */
export function routed(
  arn: string,
  routes: Readonly<Record<string, 'JWT' | 'AWS_IAM'>>,
  stage: Readonly<Record<string, unknown>> = {},
): Template {
  return new Template('/out', {
    Resources: {
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: { Principal: 'apigateway.amazonaws.com', FunctionName: arn, SourceArn: '*' },
      },
      Authorizer: {
        Type: 'AWS::ApiGatewayV2::Authorizer',
        Properties: { JwtConfiguration: { Issuer: 'https://issuer', Audience: ['crossfade'] } },
      },
      Stage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: stage },
      Integration: { Type: 'AWS::ApiGatewayV2::Integration', Properties: { IntegrationUri: arn } },
      ...Object.fromEntries(
        Object.entries(routes).map(([RouteKey, AuthorizationType], n) => [
          `Route${n}`,
          {
            Type: 'AWS::ApiGatewayV2::Route',
            Properties: {
              ...{ RouteKey, AuthorizationType, Target: 'integrations/Integration', ApiId: 'local' },
              ...(AuthorizationType === 'JWT' ? { AuthorizerId: 'Authorizer' } : {}),
            },
          },
        ]),
      ),
    },
  });
}
