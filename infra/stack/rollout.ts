/**
 * How a new version of the API's function takes over: all at once, or with a part of the requests first, while alarms watch it and take it back.
 * Both versions share the function's name, its role and its reserved concurrency.
 */
import { ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import {
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
  TrafficRouting,
} from 'aws-cdk-lib/aws-codedeploy';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  type IFunction,
  type IVersion,
  type Function as LambdaFunction,
} from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { PHASES, type StoreName } from '../../functions/protocol/phase.ts';
import type { CheckedSettings, Deployment } from '../settings.ts';
import { acknowledge, INLINE_POLICY } from './acknowledge.ts';
import type { DocumentApi } from './document_api.ts';

type Gradual = Exclude<Deployment['rollout'], { readonly kind: 'all-at-once' }>;

/** What requests are sent to. */
const LIVE = 'live';
const PERIOD = Duration.minutes(1);
/** Percent of all requests: while a tenth of them goes to the new version, a tenth of its own. */
const SERVER_ERRORS = 1;
/** Of the time that a single call to a store may take: the share above which calls count as slow. */
const SLOW_CALLS = 0.5;

export interface Served {
  readonly router: LambdaFunction;
  /** All other functions that use the stores. */
  readonly followers: readonly LambdaFunction[];
  readonly documents: DocumentApi;
  readonly settings: CheckedSettings;
}

/** Lets the function of the API serve documents: itself, or the alias whose requests are moved to a new version step by step. */
export function serve(scope: Construct, { router, followers, documents, settings }: Served): void {
  const { rollout } = settings.deployment;
  if (rollout.kind === 'all-at-once') {
    documents.servedBy(router);
    return;
  }
  const { errors, requests } = documents.measured(PERIOD);
  const { live } = new Rollout(scope, 'Rollout', {
    ...{ router, rollout, call: settings.configuration.timing.call },
    api: { errors, requests },
  });
  documents.servedBy(live as IFunction);
  // All others change after the API: what its new version does wrong takes the deployment back before it has come to them.
  for (const follower of followers) follower.node.addDependency(live);
}

interface RolloutProps {
  readonly router: LambdaFunction;
  readonly rollout: Gradual;
  /** Milliseconds that a single call to a store may take. */
  readonly call: number;
  /** Of the API, in a minute. */
  readonly api: { readonly errors: IMetric; readonly requests: IMetric };
}

class Rollout extends Construct {
  /** What the API invokes. It is at the new version only when all requests are. */
  readonly live: Alias;

  constructor(scope: Construct, id: string, { router, rollout, call, api }: RolloutProps) {
    super(scope, id);
    this.live = new Alias(this, 'Live', { aliasName: LIVE, version: router.currentVersion as IVersion });
    const alarms = [...this.#ofVersion(router, call), ...this.#ofService(call, api)];
    const role = this.#role(router);
    const group = new LambdaDeploymentGroup(this, 'Group', {
      application: new LambdaApplication(this, 'Application'),
      alias: this.live,
      deploymentConfig: new LambdaDeploymentConfig(this, 'Config', { trafficRouting: routing(rollout) }),
      alarms,
      // The CDK would add a managed policy, which may change every alias of the account.
      role: role.withoutPolicyUpdates(),
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
    });
    group.node.addDependency(role);
  }

  /** The new version alone: by the alias that sends it requests, and its number. */
  #ofVersion(router: LambdaFunction, slow: number): Alarm[] {
    const of = (metricName: string, statistic: string) =>
      new Metric({
        ...{ namespace: 'AWS/Lambda', metricName, statistic, period: PERIOD },
        dimensionsMap: {
          FunctionName: router.functionName,
          Resource: `${router.functionName}:${LIVE}`,
          ExecutedVersion: router.currentVersion.version,
        },
      });
    return [
      this.#alarm('VersionErrors', 'The version that takes over has not started, was ended or has thrown.', {
        ...{ metric: of('Errors', 'sum'), threshold: 0, datapoints: 1 },
      }),
      this.#alarm('VersionSlow', 'One of a hundred requests to the version that takes over is slow.', {
        ...{ metric: of('Duration', 'p99'), threshold: slow, datapoints: 2 },
      }),
    ];
  }

  /** Both versions together: what they answer, and how long the stores take. */
  #ofService(call: number, { errors, requests }: RolloutProps['api']): Alarm[] {
    const failed = new Metric({
      ...{ namespace: 'Crossfade', metricName: 'RequestsFailed', statistic: 'sum', period: PERIOD },
      dimensionsMap: { service: 'crossfade' },
    });
    const share = new MathExpression({
      ...{ expression: '100 * errors / requests', label: '5xx, % of the requests', period: PERIOD },
      usingMetrics: { errors, requests },
    });
    return [
      this.#alarm('Failed', 'Requests fail for a reason that nobody has thought of.', {
        ...{ metric: failed, threshold: 0, datapoints: 1 },
      }),
      this.#alarm('ServerErrors', `More than ${SERVER_ERRORS} % of the requests are answered 5xx.`, {
        ...{ metric: share, threshold: SERVER_ERRORS, datapoints: 2 },
      }),
      this.#alarm('StoresSlow', 'One of a hundred calls of requests to a store is slow.', {
        ...{ metric: slowest(), threshold: SLOW_CALLS * call, datapoints: 2 },
      }),
    ];
  }

  #alarm(
    id: string,
    text: string,
    {
      metric,
      threshold,
      datapoints,
    }: { readonly metric: IMetric; readonly threshold: number; readonly datapoints: number },
  ): Alarm {
    return new Alarm(this, id, {
      alarmDescription: `${text} While a new version takes over, it is taken back.`,
      ...{ metric, threshold, evaluationPeriods: 3, datapointsToAlarm: datapoints },
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /** Moves this alias, and looks at alarms: CloudWatch wants no less than all alarms for a look at some. */
  #role(router: LambdaFunction): Role {
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('codedeploy.amazonaws.com') });
    const grant = (actions: string[], resources: string[]) =>
      role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources }));
    const { functionArn } = router;
    grant(
      ['lambda:GetAlias', 'lambda:UpdateAlias', 'lambda:GetProvisionedConcurrencyConfig'],
      [functionArn, `${functionArn}:${LIVE}`],
    );
    const alarms = Stack.of(this).formatArn({
      ...{ service: 'cloudwatch', resource: 'alarm', resourceName: '*' },
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    grant(['cloudwatch:DescribeAlarms'], [alarms]);
    acknowledge(role, INLINE_POLICY);
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:*]',
      reason: 'CodeDeploy looks at alarms with DescribeAlarms, which only reads',
    });
    return role;
  }
}

function routing({ kind, percent, minutes }: Gradual): TrafficRouting {
  const given = { percentage: percent, interval: Duration.minutes(minutes) };
  return kind === 'canary' ? TrafficRouting.timeBasedCanary(given) : TrafficRouting.timeBasedLinear(given);
}

/** Of each store and phase in which requests call it: an alarm takes no search, and ten metrics at most. */
function slowest(): MathExpression {
  const called = (store: StoreName) =>
    PHASES.filter((phase) => phase !== (store === 'couchbase' ? 'contract' : 'legacy')).map(
      (phase) => [`${store}_${phase}`, { Store: store, Phase: phase }] as const,
    );
  const usingMetrics = Object.fromEntries(
    [...called('couchbase'), ...called('oracle')].map(([id, dimensions]) => [
      id,
      new Metric({
        ...{ namespace: 'Crossfade', metricName: 'StoreLatency', statistic: 'p99', period: PERIOD },
        dimensionsMap: { service: 'crossfade', ...dimensions },
      }),
    ]),
  );
  const expression = `MAX([${Object.keys(usingMetrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(', ')}])`;
  return new MathExpression({ expression, label: 'the slowest p99, ms', usingMetrics, period: PERIOD });
}
