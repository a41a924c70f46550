/** A function of the bundle, with a role of its own that may do what it is granted, and nothing else. */
import { type Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { type IVpc, SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  RecursiveLoop,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { secretNames } from '../../functions/edge/environment.ts';
import type { Login } from '../../functions/stores/oracle/rights.ts';
import type { Entry } from '../bundle.ts';
import { oracleSecrets } from '../oracle_logins.ts';
import type { Deployment } from '../settings.ts';
import { AWS_KEY, acknowledge, INLINE_POLICY } from './acknowledge.ts';
import { allow } from './allow.ts';
import { AuditLog } from './audit_log.ts';
import { alarmsOn } from './function_alarms.ts';

export interface FunctionProps {
  readonly entry: Entry;
  readonly description: string;
  readonly timeout: Duration;
  /** MiB. */
  readonly memory: number;
  /** Containers at most; null for no bound of its own. */
  readonly concurrency: number | null;
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Whether it sends messages to the queue that invokes it. Lambda would end such a chain after 16 invocations; ours end by themselves, see
   * `functions/edge/hops.ts`.
   */
  readonly sendsToItself?: boolean;
}

/** The time zone of Oracle's sessions. Where it is not told, the driver finds the machine's, and formats it: 11 ms of a start. */
const TIME_ZONE = { ORA_SDTZ: '+00:00' };

const UNBOUNDED = {
  LambdaConcurrency: 'State machines and deployments invoke it, once a step: apps and queues cannot',
};
const OUTSIDE_OF_VPC = {
  LambdaInsideVPC: 'The deployment has no network: the stores are reached without a VPC',
};

export class Functions extends Construct {
  readonly #code: Code;
  readonly #deployment: Deployment;
  readonly #vpc: IVpc | null;
  /** Where the hashes of the audit log are. */
  readonly audit: AuditLog;

  /** @param bundle folder of the bundle. */
  constructor(scope: Construct, id: string, bundle: string, deployment: Deployment) {
    super(scope, id);
    this.#code = Code.fromAsset(bundle);
    this.#deployment = deployment;
    const { network } = deployment;
    this.#vpc = network === null ? null : Vpc.fromVpcAttributes(this, 'Vpc', network);
    // It stays in the stack where nothing writes to it any more.
    this.audit = new AuditLog(this, 'Audit', deployment.auditRetentionDays);
  }

  create(id: string, given: FunctionProps): LambdaFunction {
    const { entry, memory, concurrency, environment, sendsToItself = false, ...props } = given;
    const { architecture, logRetentionDays } = this.#deployment;
    const logGroup = new LogGroup(this, `${id}Log`, {
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const role = new Role(this, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    const created = new LambdaFunction(this, id, {
      ...props,
      environment: { ...TIME_ZONE, ...environment },
      ...{ role, logGroup, code: this.#code, memorySize: memory },
      runtime: Runtime.NODEJS_24_X,
      architecture: architecture === 'x64' ? Architecture.X86_64 : Architecture.ARM_64,
      handler: `${entry}.handler`,
      ...(concurrency === null ? {} : { reservedConcurrentExecutions: concurrency }),
      ...(sendsToItself ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
      ...this.#network(id, role),
    });
    alarmsOn(this, id, entry, created);
    acknowledge(logGroup, AWS_KEY);
    acknowledge(role, INLINE_POLICY);
    acknowledge(created, {
      LambdaDLQ:
        'What invokes it asks for the answer, is a queue with dead letters of its own, or a topic that brings its records again; CloudFormation waits for the answer of Schema',
      ...(concurrency === null ? UNBOUNDED : {}),
      ...(this.#vpc === null ? OUTSIDE_OF_VPC : {}),
    });
    return created;
  }

  /** Lets a function write the audit log. */
  allowAuditing(writer: LambdaFunction): void {
    this.audit.writtenBy(writer);
  }

  /** Lets a function read a secret, or several: by their names, with commas between them. */
  allowReadingSecret(reader: LambdaFunction, names: string): void {
    for (const name of secretNames(names)) this.#allowReading(reader, name);
  }

  /** Lets a function log in into both stores: with its own login into Oracle, and no other. */
  allowStores(user: LambdaFunction, secrets: Deployment['secrets'], login: Login): void {
    if (secrets.couchbase !== null) this.allowReadingSecret(user, secrets.couchbase);
    this.allowReadingSecret(user, oracleSecrets(secrets)[login]);
  }

  #allowReading(reader: LambdaFunction, name: string): void {
    // Secrets Manager adds six characters of its own to the name.
    const resource = Stack.of(this).formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: `${name}-??????`,
      arnFormat: 'arn:aws:service:region:account:resource:resourceName' as never,
    });
    allow(reader, ['secretsmanager:GetSecretValue'], [resource]);
  }

  #network(id: string, role: Role) {
    const { network } = this.#deployment;
    if (network === null || this.#vpc === null) return {};
    const interfaces = [
      'CreateNetworkInterface',
      'DescribeNetworkInterfaces',
      'DescribeSubnets',
      'DeleteNetworkInterface',
    ];
    role.addToPolicy(
      new PolicyStatement({
        effect: Effect.ALLOW,
        actions: [...interfaces, 'AssignPrivateIpAddresses', 'UnassignPrivateIpAddresses'].map(
          (name) => `ec2:${name}`,
        ),
        resources: ['*'],
      }),
    );
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'Lambda makes network interfaces in the VPC, and EC2 knows no narrower resource for that',
    });
    return {
      vpc: this.#vpc,
      vpcSubnets: {
        subnets: network.subnetIds.map((subnet, n) => Subnet.fromSubnetId(this, `${id}Subnet${n}`, subnet)),
      },
      securityGroups: network.securityGroupIds.map((group, n) =>
        SecurityGroup.fromSecurityGroupId(this, `${id}Group${n}`, group, { mutable: false }),
      ),
    };
  }
}
