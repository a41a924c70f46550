/** What the checks of an account ask of AWS. Each rejects with `CannotLook` where there is no answer. */

/** What a secret is: a login into one of the stores, or the salt of the keys in logs. */
export type SecretKind = 'couchbase' | 'oracle' | 'keys';

export interface Account {
  /** Of Lambda, in this region. */
  concurrency(): Promise<{ readonly limit: number; readonly unreserved: number }>;
  /** Whether the parameters of this configuration are there. */
  isDeployed(): Promise<boolean>;
  /** Of SSM. */
  highThroughput(): Promise<boolean>;
  /** The version of `cdk bootstrap`; null for none. */
  bootstrap(): Promise<number | null>;
  /** What is wrong with a secret, without anything of its value; null where nothing is. */
  secretProblem(name: string, kind: SecretKind): Promise<string | null>;
  /** The key of the customer that a secret is encrypted with; null for that of AWS. */
  secretKey(name: string): Promise<string | null>;
  /** The kinds (`kty`) of an issuer's keys. */
  tokenKeys(issuer: string): Promise<string[]>;
  network(vpcId: string, subnetIds: readonly string[]): Promise<Network>;
  /** Twelve digits. */
  number(): Promise<string>;
  /** Requests a second that API Gateway takes of all APIs together. */
  apiRate(): Promise<number>;
  /** Messages of a standard queue of SQS that were received, and neither deleted nor given back. */
  inFlight(): Promise<number>;
  /** The permissions boundary of the role that CloudFormation deploys with; null for none. */
  deployerBoundary(): Promise<string | null>;
  /** @param arn of a managed policy. */
  hasPolicy(arn: string): Promise<boolean>;
  /** Of SNS; null where there is none. */
  topic(arn: string): Promise<Topic | null>;
  /** Of a stack of CloudFormation, by their names; null where there is no such stack. */
  outputs(stack: string): Promise<Readonly<Record<string, string>> | null>;
  /** Of the credentials. */
  region(): Promise<string>;
  /** A key of KMS, by its ARN, id or alias; null where there is none. */
  key(name: string): Promise<KmsKey | null>;
  /** JSON. */
  keyPolicy(arn: string): Promise<string>;
  /** Of ACM; null where there is none. */
  certificate(arn: string): Promise<ServerCertificate | null>;
  /** The text of an object, `s3://BUCKET/KEY`; null where there is none, or not in this version. */
  trustStore(object: string, version: string | undefined): Promise<string | null>;
  /** ARN of the role with which API Gateway writes logs of REST APIs; null for none. */
  apiLogRole(): Promise<string | null>;
  /** Of a VPC, by its id; null where there is none. The service is the last part of its name. */
  endpoint(id: string): Promise<{ readonly service: string; readonly state: string } | null>;
}

export interface ServerCertificate {
  /** `ISSUED`, or why it cannot be used. */
  readonly status: string;
  /** `AMAZON_ISSUED`, `IMPORTED` or `PRIVATE`. */
  readonly type: string;
  /** That it is for. */
  readonly names: readonly string[];
}

export interface KmsKey {
  readonly arn: string;
  /** `Enabled`, or why it cannot be used. */
  readonly state: string;
  readonly usage: string;
  readonly spec: string;
}

export interface Topic {
  /** JSON. */
  readonly policy: string;
  /** That its messages are encrypted with; null for none. */
  readonly key: string | null;
  /** Confirmed subscriptions. */
  readonly confirmed: number;
}

export interface Network {
  /** Services that the VPC has an available endpoint for, by the last part of their names. */
  readonly endpoints: readonly string[];
  /** Subnets without a default route through something that leads out of a private subnet. */
  readonly subnetsWithoutNat: readonly string[];
  /** Subnets that the VPC does not have. */
  readonly missing: readonly string[];
}

/** Nobody knows whether it is well: a permission is missing, or there was no answer. */
export class CannotLook extends Error {
  override readonly name = 'CannotLook';
  readonly todo: string;

  constructor(message: string, todo: string) {
    super(message);
    this.todo = todo;
  }
}
