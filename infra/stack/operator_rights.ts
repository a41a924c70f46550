/** What operators may do: an alias of their function for each right, routes that lead to it, and a policy that is ready to be attached. */
import { ArnFormat, type CfnElement, CfnOutput, Stack, Validations } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  type IFunction,
  type IVersion,
  type Function as LambdaFunction,
} from 'aws-cdk-lib/aws-lambda';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { routeOf } from '../../functions/edge/http/operator_routes.ts';
import { operationsOf, RIGHTS, type Right } from '../../functions/operations/rights.ts';
import type { Job } from '../../functions/runs/request.ts';
import { allowMeasurements } from './allow.ts';
import type { AuditLog } from './audit_log.ts';
import type { DocumentApi } from './document_api.ts';
import type { Parameters } from './parameters.ts';
import type { ShardedRuns } from './sharded_runs.ts';

export type Machines = Readonly<Record<Job, ShardedRuns>>;

export interface RightsProps {
  readonly operator: LambdaFunction;
  readonly documents: DocumentApi;
  readonly parameters: Parameters;
  readonly audit: AuditLog;
  /** Those of runs and of certifications. */
  readonly machines: readonly StateMachine[];
}

/** What each policy says of itself. */
const TOLD: Readonly<Record<Right, string>> = {
  read: 'status, plan, explain, audit and what else only looks. It shows keys, and documents that were set aside',
  run: 'certify, preflight, backfill, copy-back, verify and redrive, and the pace. Attach the policy of read, too',
  move: 'flags, and decisions that gates wait for. Attach the policy of read, too',
  force:
    'moves without evidence, stores of another identity, and erasing what is kept of a document. Attach the policy of read, too',
  retire: 'the end of a migration, after which there is no way back. Attach the policy of read, too',
};

/** As IAM spells what it is about. */
interface Allowed {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

export class OperatorRights extends Construct {
  readonly #props: RightsProps;

  constructor(scope: Construct, id: string, props: RightsProps) {
    super(scope, id);
    this.#props = props;
    const { operator, documents, parameters } = props;
    parameters.allowAsking(operator);
    allowMeasurements(operator);
    const version = operator.currentVersion as IVersion;
    const aliases = RIGHTS.map((right) => ({
      right,
      alias: new Alias(this, `${right}Alias`, { aliasName: right, version }) as IFunction,
    }));
    documents.operatedBy(aliases);
    for (const right of RIGHTS) this.#policy(right);
  }

  #policy(right: Right): void {
    const name = `${right[0]?.toUpperCase()}${right.slice(1)}`;
    const policy = new ManagedPolicy(this, name, {
      description: `Crossfade, right ${right}: ${TOLD[right]}`,
      statements: [this.#routes(right), ...this.#beside(right)].map(
        ({ actions, resources }) => new PolicyStatement({ actions: [...actions], resources: [...resources] }),
      ),
    });
    new CfnOutput(Stack.of(this), `Policy${name}`, {
      value: policy.managedPolicyArn,
      description: `To be attached to operators with the right ${right}`,
    });
    for (const named of this.#wildcards(right))
      Validations.of(policy).acknowledge({
        id: `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:${named}]`,
        reason:
          'The flags of every collection, and executions of a state machine, which nobody knows beforehand',
      });
  }

  /** The resources with `*` in their names, as cdk-nag spells them. */
  #wildcards(right: Right): string[] {
    const { parameters, machines } = this.#props;
    const place = '<AWS::Region>:<AWS::AccountId>';
    if (right === 'move') return parameters.flagsOfEach().map((name) => `ssm:${place}:parameter${name}`);
    if (right !== 'run') return [];
    return machines.map((machine) => {
      const id = Stack.of(this).getLogicalId(machine.node.defaultChild as CfnElement);
      return `states:${place}:execution:<${id}.Name>:*`;
    });
  }

  #routes(right: Right): Allowed {
    const { documents } = this.#props;
    const resources = operationsOf(right).map((operation) =>
      documents.requestsOf(`POST${routeOf(operation)}`),
    );
    return { actions: ['execute-api:Invoke'], resources };
  }

  /** What the command does itself, by services of AWS. */
  #beside(right: Right): Allowed[] {
    const { parameters, machines, audit } = this.#props;
    const write = ['ssm:GetParameter', 'ssm:PutParameter'];
    // `audit --verify` compares the entries with the hashes.
    if (right === 'read') return [{ actions: ['logs:GetLogEvents'], resources: [audit.stream] }];
    if (right === 'move') return [{ actions: write, resources: parameters.flagArns() }];
    if (right !== 'run') return [];
    return [
      { actions: write, resources: [parameters.pace.parameterArn] },
      {
        actions: ['states:StartExecution', 'states:ListExecutions'],
        resources: machines.map(({ stateMachineArn }) => stateMachineArn),
      },
      {
        actions: ['states:DescribeExecution', 'states:StopExecution'],
        resources: machines.map(({ stateMachineName }) =>
          Stack.of(this).formatArn({
            ...{ service: 'states', resource: 'execution', resourceName: `${stateMachineName}:*` },
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        ),
      },
    ];
  }
}
