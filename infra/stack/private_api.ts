/**
 * The REST API that VPCs reach through their endpoints, and nobody else. It has no authorizer for tokens of its own, so a function looks at them. Its stage is a part of every
 * path but of those that the function sees.
 */
import { CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  AuthorizationType,
  type CfnStage,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  type MethodOptions,
  ResponseType,
  RestApi,
  TokenAuthorizer,
} from 'aws-cdk-lib/aws-apigateway';
import { InterfaceVpcEndpoint } from 'aws-cdk-lib/aws-ec2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { BATCH_ROUTE, CHANGES_ROUTE, DOCUMENT_ROUTES, METHODS } from '../../functions/edge/http/routes.ts';
import { AUTHORIZERS } from '../private_settings.ts';
import type { CheckedSettings, Deployment } from '../settings.ts';
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
import { endpointsAlone } from './endpoint_policy.ts';
import type { Functions } from './functions.ts';

const STAGE = 'live';

/** For how long the gateway keeps what the authorizer has said of a token, which is for how long a token may outlive its end. */
const KEPT = Duration.minutes(1);
/** A signed token, with or without `Bearer`: anything else is answered 401 without the function. */
const TOKEN = '^([Bb]earer )?[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$';

/** Where a request went, who sent it and how it ended; nothing of what it carried. */
const LOGGED = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  route: '$context.httpMethod $context.resourcePath',
  status: '$context.status',
  client: '$context.authorizer.principalId',
  operator: '$context.identity.userArn',
  address: '$context.identity.sourceIp',
  endpoint: '$context.identity.vpceId',
  milliseconds: '$context.responseLatency',
  error: '$context.error.message',
};

interface PrivateProps {
  readonly settings: CheckedSettings;
  readonly closed: NonNullable<Deployment['private']>;
  readonly functions: Functions;
}

export class PrivateDocuments extends Construct implements DocumentApi {
  readonly #api: RestApi;
  readonly #apps: MethodOptions;

  constructor(scope: Construct, id: string, { settings, closed, functions }: PrivateProps) {
    super(scope, id);
    const { deployment, configuration } = settings;
    this.#api = this.#made(deployment, closed);
    this.#apps = { authorizer: this.#authorizer(functions, deployment.tokens) };
    this.#answers();
    acknowledgeAll(this, closed.webAcl === undefined);
    if (closed.webAcl !== undefined)
      new CfnWebACLAssociation(this, 'WebAcl', {
        webAclArn: closed.webAcl,
        resourceArn: this.#api.deploymentStage.stageArn,
      });
    const { region, urlSuffix } = Stack.of(this);
    closed.endpoints.forEach((endpoint, n) => {
      new CfnOutput(Stack.of(this), n === 0 ? 'Url' : `Url${n + 1}`, {
        value: `https://${this.#api.restApiId}-${endpoint}.execute-api.${region}.${urlSuffix}/${STAGE}`,
        description: `Where apps and operators send their requests, through ${endpoint}`,
      });
    });
    alarmsOnGateway(this, configuration.timing.call);
  }

  measured(period: Duration): Measured {
    return measuredOf(this.#api, period);
  }

  requestsOf(resource: string): string {
    const [method = '', ...path] = resource.split('/');
    return this.#api.arnForExecuteApi(method, `/${path.join('/')}`, STAGE);
  }

  servedBy(server: IFunction): void {
    const integration = integrationOf(server);
    for (const path of DOCUMENT_ROUTES)
      for (const method of METHODS) this.#add(path, method, integration, this.#apps);
    for (const path of [BATCH_ROUTE, CHANGES_ROUTE]) this.#add(path, 'POST', integration, this.#apps);
  }

  operatedBy(aliases: readonly OperatorAlias[]): void {
    for (const { right, alias } of aliases) {
      const integration = integrationOf(alias);
      for (const path of pathsOf(right))
        this.#add(path, 'POST', integration, { authorizationType: AuthorizationType.IAM });
    }
    const stage = this.#api.deploymentStage.node.defaultChild as CfnStage;
    const ofAll = (stage.methodSettings ?? []) as CfnStage.MethodSettingProperty[];
    const limits = { throttlingRateLimit: OPERATORS_RATE, throttlingBurstLimit: OPERATORS_RATE };
    const paths = aliases.flatMap(({ right }) => pathsOf(right));
    stage.methodSettings = [
      ...ofAll,
      // As CloudFormation wants paths: their first slash stands before all of it.
      ...paths.map((path) => ({
        ...{ httpMethod: 'POST', resourcePath: `/${path.replaceAll('/', '~1')}` },
        ...limits,
      })),
    ];
  }

  #add(path: string, method: string, integration: LambdaIntegration, options: MethodOptions): void {
    this.#api.root.resourceForPath(path).addMethod(method, integration, options);
  }

  #made(deployment: Deployment, { endpoints }: PrivateProps['closed']): RestApi {
    const logGroup = new LogGroup(this, 'Log', {
      retention: deployment.logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(logGroup, AWS_KEY);
    const throttling = throttlingOf(deployment);
    const api = new RestApi(this, 'Rest', {
      restApiName: deployment.name,
      description: 'Documents, whichever store holds them, for some VPCs alone',
      endpointConfiguration: {
        types: [EndpointType.PRIVATE],
        vpcEndpoints: endpoints.map((vpcEndpointId) =>
          InterfaceVpcEndpoint.fromInterfaceVpcEndpointAttributes(this, vpcEndpointId, {
            ...{ vpcEndpointId, port: 443 },
          }),
        ),
      },
      policy: endpointsAlone(endpoints),
      // So every body comes as it was sent, and none is decoded before the function sees it.
      binaryMediaTypes: ['*/*'],
      // It is a setting of the account, and there may be one already: see "A private API" in the operators' manual.
      cloudWatchRole: false,
      deployOptions: {
        stageName: STAGE,
        accessLogDestination: new LogGroupLogDestination(logGroup),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(LOGGED)),
        ...(throttling === null
          ? {}
          : { throttlingRateLimit: throttling.rate, throttlingBurstLimit: throttling.burst }),
      },
    });
    // Its address answers nobody without private DNS: the outputs have those of the endpoints.
    api.node.tryRemoveChild('Endpoint');
    return api;
  }

  #authorizer(functions: Functions, { issuer, audience }: Deployment['tokens']): TokenAuthorizer {
    const handler = functions.create('Authorize', {
      ...{ entry: 'authorize', description: 'Looks at the tokens of apps, for the private API' },
      // What reads the keys of the issuer takes four seconds at most.
      ...{ timeout: Duration.seconds(10), memory: 512, concurrency: AUTHORIZERS },
      environment: { TOKEN_ISSUER: issuer, TOKEN_AUDIENCE: JSON.stringify(audience) },
    });
    return new TokenAuthorizer(this, 'Apps', { handler, resultsCacheTtl: KEPT, validationRegex: TOKEN });
  }

  /** Answers of the gateway itself, where those that it gives by default would mislead. */
  #answers(): void {
    const answer = (type: ResponseType, statusCode: string, message: string, headers = {}) =>
      this.#api.addGatewayResponse(type.responseType, {
        ...{ type, statusCode, responseHeaders: headers },
        templates: { 'application/json': JSON.stringify({ message }) },
      });
    // By default it names the ARN of what was refused.
    answer(ResponseType.ACCESS_DENIED, '403', 'Forbidden');
    // Nobody can tell whether the token is good: 500 would be an answer of which a write may have taken effect.
    const again = { 'Retry-After': "'5'" };
    answer(ResponseType.AUTHORIZER_FAILURE, '503', 'Service Unavailable', again);
    answer(ResponseType.AUTHORIZER_CONFIGURATION_ERROR, '503', 'Service Unavailable', again);
  }
}

/** One permission for all methods: one for each would fill the policy of the function. */
function integrationOf(server: IFunction): LambdaIntegration {
  return new LambdaIntegration(server, { scopePermissionToMethod: false });
}

/** @param isOpen whether no web ACL is before it. */
function acknowledgeAll(api: PrivateDocuments, isOpen: boolean): void {
  const logging =
    'Execution logs hold headers and bodies, which are tokens and documents. Each request is in the log of accesses';
  const acl = 'The settings name no web ACL, and only the endpoints that they name reach the API';
  acknowledge(api, {
    APIGWCacheEnabledAndEncrypted: 'No gateway may keep a document: each answer says no-store',
    APIGWExecutionLoggingEnabled: logging,
    APIGWSSLEnabled:
      'Behind it are functions, which are invoked by IAM: no back end could ask for a certificate',
    APIGWXrayEnabled: 'Traces would add nothing to logs and metrics',
    ...(isOpen ? { APIGWAssociatedWithWAF: acl } : {}),
  });
  Validations.of(api).acknowledge(
    {
      id: 'AwsSolutions-APIG2',
      reason: 'The function looks at each request, and says what is wrong with it',
    },
    { id: 'AwsSolutions-APIG6', reason: logging },
    {
      id: 'AwsSolutions-COG4',
      reason: 'The issuer of tokens is one of the settings, and need not be Cognito',
    },
    ...(isOpen ? [{ id: 'AwsSolutions-APIG3', reason: acl }] : []),
  );
}
