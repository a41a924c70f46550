/** The HTTP API that apps call. Each route wants a token, and each request is logged. */
import { ArnFormat, CfnOutput, type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  type CfnRoute,
  type CfnStage,
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Parsed } from '../../functions/configuration/configuration.ts';
import type { Verb } from '../../functions/configuration/grants.ts';
import { BATCH_ROUTE, CHANGES_ROUTE, DOCUMENT_ROUTES, METHODS } from '../../functions/edge/http/routes.ts';
import type { CheckedSettings } from '../settings.ts';
import { throttlingOf } from '../throttling_settings.ts';
import { AWS_KEY, acknowledge } from './acknowledge.ts';
import {
  alarmsOnGateway,
  type DocumentApi,
  type Measured,
  measuredOf,
  OPERATORS_RATE,
  type OperatorAlias,
  pathsOf,
} from './document_api.ts';
import { ApiDomain, CLIENT_CERTIFICATE, isShut } from './domain.ts';
import { routeScopes } from './route_scopes.ts';

/** Where a request went, who sent it and how it ended; nothing of what it carried. */
const LOGGED = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  client: '$context.authorizer.claims.sub',
  operator: '$context.identity.userArn',
  address: '$context.identity.sourceIp',
  milliseconds: '$context.responseLatency',
  error: '$context.error.message',
};

export class HttpDocuments extends Construct implements DocumentApi {
  readonly #api: HttpApi;
  readonly #stage: HttpStage;
  readonly #configuration: Parsed;

  constructor(scope: Construct, id: string, { deployment, configuration }: CheckedSettings) {
    super(scope, id);
    this.#configuration = configuration;
    const { tokens, logRetentionDays, domain } = deployment;
    const { issuer, audience } = tokens;
    this.#api = new HttpApi(this, 'Http', {
      description: 'Documents, whichever store holds them',
      createDefaultStage: false,
      ...(isShut(deployment) ? { disableExecuteApiEndpoint: true } : {}),
      defaultAuthorizer: new HttpJwtAuthorizer('Apps', issuer, { jwtAudience: [...audience] }),
    });
    const logGroup = new LogGroup(this, 'Log', {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(logGroup, AWS_KEY);
    const throttling = throttlingOf(deployment);
    this.#stage = new HttpStage(this, 'Stage', {
      httpApi: this.#api,
      stageName: '$default',
      autoDeploy: true,
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(
          JSON.stringify({ ...LOGGED, ...(domain?.mutualTls === undefined ? {} : CLIENT_CERTIFICATE) }),
        ),
      },
      ...(throttling === null
        ? {}
        : { throttle: { rateLimit: throttling.rate, burstLimit: throttling.burst } }),
    });
    const named = domain && new ApiDomain(this, 'Domain', { api: this.#api, stage: this.#stage, domain });
    new CfnOutput(Stack.of(this), 'Url', {
      value: named?.url ?? this.#api.apiEndpoint,
      description: 'Where apps and operators send their requests',
    });
    alarmsOnGateway(this, configuration.timing.call);
  }

  measured(period: Duration): Measured {
    return measuredOf(this.#api, period);
  }

  requestsOf(resourceName: string): string {
    return Stack.of(this).formatArn({
      ...{ service: 'execute-api', resource: this.#api.apiId, arnFormat: ArnFormat.SLASH_RESOURCE_NAME },
      resourceName: `$default/${resourceName}`,
    });
  }

  operatedBy(aliases: readonly OperatorAlias[]): void {
    const authorizer = new HttpIamAuthorizer();
    const routes = aliases.flatMap(({ right, alias }) => {
      const integration = new HttpLambdaIntegration(`Operations-${right}`, alias, {
        scopePermissionToRoute: false,
      });
      return pathsOf(right).flatMap((path) =>
        this.#api.addRoutes({ path, methods: [HttpMethod.POST], integration, authorizer }),
      );
    });
    const limits = { ThrottlingRateLimit: OPERATORS_RATE, ThrottlingBurstLimit: OPERATORS_RATE };
    (this.#stage.node.defaultChild as CfnStage).routeSettings = Object.fromEntries(
      routes.map((route) => [(route.node.defaultChild as CfnRoute).routeKey, limits]),
    );
    // The stage cannot have settings of a route that is not there yet.
    this.#stage.node.addDependency(...routes);
  }

  servedBy(server: IFunction): void {
    const integration = new HttpLambdaIntegration('Documents', server);
    const add = (path: string, method: HttpMethod, verb: Verb) => {
      const authorizationScopes = routeScopes(this.#configuration, verb);
      this.#api.addRoutes({ path, methods: [method], integration, authorizationScopes });
    };
    for (const path of DOCUMENT_ROUTES)
      for (const method of METHODS)
        add(path, HttpMethod[method], method === 'GET' || method === 'HEAD' ? 'read' : 'write');
    add(BATCH_ROUTE, HttpMethod.POST, 'batch');
    // What a token of a feed needs has no verb: the function looks for it.
    this.#api.addRoutes({ path: CHANGES_ROUTE, methods: [HttpMethod.POST], integration });
  }
}
