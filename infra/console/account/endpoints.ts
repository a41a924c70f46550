/** The services of AWS that functions reach from their network, and what for. */

export interface Needed {
  /** As the name of its VPC endpoint ends: com.amazonaws.REGION.… */
  readonly service: string;
  readonly for: string;
}

/** Without a way to one of them the deployment fails, or nothing works after it. The functions' own logs need none: Lambda itself sends them. */
export const NEEDED: readonly Needed[] = [
  { service: 'ssm', for: 'phases, flags and the pace' },
  { service: 'secretsmanager', for: 'the logins of the stores' },
  { service: 'sqs', for: 'receipts, shards and dead letters' },
  { service: 'states', for: 'runs' },
  { service: 'logs', for: 'the hashes of the audit log' },
  { service: 's3', for: 'the answer to CloudFormation when the tables are upgraded' },
];
