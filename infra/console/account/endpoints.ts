/** The services of AWS that functions reach from their network, and what for. */
import { moveSettings } from '../../../functions/configuration/moves.ts';
import { moveTopicOf } from '../../owner_settings.ts';
import type { CheckedSettings } from '../../settings.ts';

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

const SNS: Needed = { service: 'sns', for: 'telling operators of moves' };
/** How long requests take is told to operators without a guard, too: where there is no way, they are told that. */
const MEASURES: Needed = { service: 'monitoring', for: 'the guard, which asks how long requests take' };

/** Those of a configuration. A hold that an operator gives without one in the configuration goes without SNS, too: the log says so. */
export function neededOf({
  configuration: { moves, collections, guard },
  deployment,
}: CheckedSettings): readonly Needed[] {
  const waits = Object.values(collections).some((each) => {
    const { holds, windows } = moveSettings(moves, each.moves);
    return holds.length > 0 || windows.length > 0;
  });
  const tells = (waits || guard !== null) && moveTopicOf(deployment) !== null;
  return [...NEEDED, ...(tells ? [SNS] : []), ...(guard === null ? [] : [MEASURES])];
}
