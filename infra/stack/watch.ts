/** What operators look at, and what wakes them: a dashboard, and alarms over what the functions count. */
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Dashboard, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Parsed } from '../../functions/configuration/configuration.ts';
import { callGraph, graph, requestGraphs } from './graphs.ts';
import type { WorkQueue } from './work_queue.ts';

/** From what age on a receipt that is not settled is a reason to look. */
export const LATE = Duration.minutes(15);

/**
 * Seconds by which the clock of a Couchbase node may differ from that of the functions: versions after a failover are above those that it lost only where
 * the clocks of the two nodes differ by less than the failover takes, which is 5 seconds at the least.
 */
const CLOCK_SKEW = 5;

export interface WatchProps {
  readonly configuration: Pick<Parsed, 'collections' | 'mostTombstones'>;
  readonly receipts: WorkQueue;
  readonly shards: readonly WorkQueue[];
}

/** Metrics that an alarm watches, from how many in five minutes on, and what it says. */
const ALARMS = [
  [
    'OutcomesUnknown',
    10,
    'Writes are answered 503 since nobody can tell whether they took effect: a store answers late.',
  ],
  ['StoresUnavailable', 10, 'Requests are answered 503 since a store does not answer.'],
  [
    'RequestsFailed',
    0,
    'Requests fail for a reason that nobody has thought of: see the log of the Api function.',
  ],
  ['CouchbaseFailures', 10, 'Calls to Couchbase fail; requests may be served all the same.'],
  ['OracleFailures', 10, 'Calls to Oracle fail; requests may be served all the same.'],
  [
    'WritesNotDurable',
    0,
    'Writes are acknowledged by one node of Couchbase alone, since too few replicas are up: a failover would lose them.',
  ],
  [
    'CouchbaseFailedOver',
    0,
    'A node of Couchbase has failed over, or has come back without what it had in memory: writes that were not durable may be lost.',
  ],
  [
    'ConflictsOpen',
    0,
    'A store had forgotten what it had acknowledged, and a repair has replaced contents that nobody has decided on.',
  ],
  ['SqlChangesOpen', 0, 'Rows were changed by SQL past the API, and nobody has decided on them.'],
  ['FeedsSilent', 0, 'A change feed brings no probe back: writes past the API are not seen.'],
  ['ForeignConflicts', 0, 'Somebody has written past the API in seal or later: such writes give way.'],
  [
    'PoolSaturated',
    10,
    'Requests wait for a connection to Oracle for too long: there are too few, or it is slow.',
  ],
  ['PhaseUnread', 5, 'The phase cannot be read: past its lease, requests are refused.'],
  ['LeaseRefusals', 0, 'Requests are refused, since the phase could not be read within its lease.'],
  ['ReceiptsUnsent', 0, 'Receipts cannot be sent: writes wait for both stores, and fail where one is away.'],
  [
    'MessageLoops',
    0,
    'A message was handed on without end, and was taken out: its run has failed, or it is a dead letter.',
  ],
  [
    'IdentityChanged',
    0,
    'A store of a collection is another one than before: nothing is repaired or moved until an operator accepts it.',
  ],
  [
    'BulkPaused',
    0,
    'Oracle is under load or runs out of room: backfills, copy-backs and verifications pause, and go on by themselves.',
  ],
  [
    'AuditUnanchored',
    0,
    'Hashes of the audit log are not where they are safe from who can write the database: CloudWatch Logs does not take them.',
  ],
  [
    'GuardTurned',
    0,
    'Requests were worse off since a move: the guard has set the flags back, and nothing goes forward before an operator sets them anew.',
  ],
  ['ShadowReadsDifferent', 0, 'A read was found to differ between the stores, and was repaired.'],
] as const;

const FOREIGN = ['ForeignWrites', 'ForeignConflicts', 'ForeignTouches', 'FeedsSilent', 'ChangesUnread'];

const MOVES = ['Moves', 'MoveWaiting', 'MovesReady', 'NoticesUnsent', 'PhaseUnread'];

const GUARD = ['GuardTurned', 'GuardWorse', 'GuardBlind'];

const FAILURES = [
  'CouchbaseFailures',
  'OracleFailures',
  'PoolSaturated',
  'FollowerSkipped',
  'FollowerLate',
  'WritesNotDurable',
  'CouchbaseFailedOver',
];

export class Watch extends Construct {
  constructor(scope: Construct, id: string, props: WatchProps) {
    super(scope, id);
    const { receipts, shards } = props;
    this.#counts();
    this.#tombstones(props.configuration);
    this.#receiptAge();
    this.#couchbaseClock('Behind');
    this.#couchbaseClock('Ahead');
    const waiting = [receipts, ...shards].map(({ queue }) => queue.metricApproximateAgeOfOldestMessage());
    const dead = [receipts, ...shards].map(({ deadLetters }) =>
      deadLetters.metricApproximateNumberOfMessagesVisible(),
    );
    new Dashboard(this, 'Dashboard', {
      widgets: [
        [
          graph(
            'Requests',
            ['Requests', 'OutcomesUnknown', 'StoresUnavailable', 'RequestsFailed', 'LeaseRefusals'].map(
              counted,
            ),
          ),
          graph('Receipts', ['ReceiptsSettled', 'ReceiptsDelayed', 'ReceiptsBuried', 'Repairs'].map(counted)),
        ],
        [
          graph('Age of the oldest message, s', [...waiting, metric('ReceiptAge', 'max')]),
          graph('Dead letters', dead),
        ],
        [
          graph('Runs', ['DocumentsWalked', 'DocumentsSetAside', 'ShardsTaken', 'BulkPaused'].map(counted)),
          graph(
            'Shadow reads',
            ['ShadowReadsEqual', 'ShadowReadsDifferent', 'ShadowReadsBehind'].map(counted),
          ),
        ],
        [graph('Failures of stores', FAILURES.map(counted)), callGraph(), ...requestGraphs()],
        [
          graph('Moves of the phase', MOVES.map(counted)),
          graph('Seconds in seal or switch', [metric('TransitAge', 'max')]),
        ],
        undecided(),
      ],
    });
  }

  #counts(): void {
    for (const [name, threshold, alarmDescription] of ALARMS)
      new Alarm(this, name, {
        ...{ alarmDescription, threshold, metric: counted(name), evaluationPeriods: 1 },
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
    this.#followerSkipped();
  }

  /** A store that stands still for half a second makes some writes skip it for a few: only where that goes on is it a reason to look. */
  #followerSkipped(): void {
    new Alarm(this, 'FollowerSkipped', {
      alarmDescription:
        'Writes are acknowledged without the store that follows: it is silent, slow or failing, and their receipts catch up.',
      ...{ metric: counted('FollowerSkipped'), threshold: 10, evaluationPeriods: 2 },
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /**
   * A receipt that waits for a store is received again and again. SQS leaves a message out of the age of the oldest one once it was received
   * three times and not deleted ("Available CloudWatch metrics for Amazon SQS"), so the queue's own alarm would never go off: the
   * reconciler tells the age. It comes to each receipt every 15 minutes at least, so one of four periods in a row has its age.
   */
  #receiptAge(): void {
    new Alarm(this, 'ReceiptAge', {
      alarmDescription:
        'Receipts wait for a store, or fail again and again, for more than a quarter of an hour.',
      metric: metric('ReceiptAge', 'max'),
      ...{ threshold: LATE.toSeconds(), evaluationPeriods: 4, datapointsToAlarm: 1 },
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /** Each minute one collection is counted, in turns. */
  #tombstones({ collections, mostTombstones }: WatchProps['configuration']): void {
    const turns = Duration.hours(1 + Math.ceil(Object.keys(collections).length / 60));
    new Alarm(this, 'Tombstones', {
      alarmDescription: `A collection has more than ${mostTombstones} tombstones in Oracle: nobody drops them, or the setting mostTombstones is too low.`,
      metric: metric('Tombstones', 'max').with({ period: turns }),
      ...{ threshold: mostTombstones, evaluationPeriods: 1 },
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  #couchbaseClock(direction: 'Behind' | 'Ahead'): void {
    new Alarm(this, `CouchbaseClock${direction}`, {
      alarmDescription: `The clock of a Couchbase node is ${direction.toLowerCase()} by more than ${CLOCK_SKEW} seconds: a failover could bring back older versions as newer ones.`,
      metric: metric(`CouchbaseClock${direction}`, 'max'),
      ...{ threshold: CLOCK_SKEW, evaluationPeriods: 1 },
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

function counted(name: string): Metric {
  return metric(name, 'sum');
}

/** What waits for an operator, or is a reason to look. */
const undecided = () => [
  graph('Tombstones of the collection that has most', [metric('Tombstones', 'max')]),
  graph('Collections with a forced move that was not healed', [metric('ForcedUnhealed', 'max')]),
  graph('Contents set aside, and changes by SQL, that nobody has decided on', [
    metric('ConflictsOpen', 'max'),
    metric('SqlChangesOpen', 'max'),
  ]),
  graph('Difference of the clock of a Couchbase node, s', [
    metric('CouchbaseClockBehind', 'max'),
    metric('CouchbaseClockAhead', 'max'),
  ]),
  graph('Writes past the API', FOREIGN.map(counted)),
  graph(
    'Collections that the guard has found something of',
    GUARD.map((name) => metric(name, 'max')),
  ),
];

/** As the functions put it out. */
export function metric(metricName: string, statistic: 'sum' | 'max' | 'min' | 'n'): Metric {
  return new Metric({
    ...{ namespace: 'Crossfade', metricName, statistic, period: Duration.minutes(5) },
    dimensionsMap: { service: 'crossfade' },
  });
}
