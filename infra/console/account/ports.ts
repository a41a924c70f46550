/** What the checks of an account ask of AWS. Each rejects with `CannotLook` where there is no answer. */

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
  secretProblem(name: string, kind: 'couchbase' | 'oracle'): Promise<string | null>;
  /** The key of the customer that a secret is encrypted with; null for that of AWS. */
  secretKey(name: string): Promise<string | null>;
  /** The kinds (`kty`) of an issuer's keys. */
  tokenKeys(issuer: string): Promise<string[]>;
  network(vpcId: string, subnetIds: readonly string[]): Promise<Network>;
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
