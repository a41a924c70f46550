/**
 * Alarms that go off on no day here: what they watch is measured by AWS itself, and by nothing on this machine. And messages that unit tests, or
 * those of the stack on one machine, provoke.
 */
import type { Row } from '../day.ts';

export const UNMEASURED: readonly Row[] = [
  {
    table: 'alarms',
    signs: ['Documents…ServerErrors'],
    happened:
      'more than 5 % of the requests are answered 5xx: by the function (then `StoresUnavailable`, `OutcomesUnknown`, `LeaseRefusals` or `RequestsFailed` go off too), or by the gateway, which has ' +
      'got no answer of the function',
    advice:
      'the access log of the API has `status` and `error` of each request. Where the function has answered, see the alarm that goes off too; otherwise `Functions…Errors`, `Functions…Throttled` and ' +
      '`Functions…NearTimeout` tell why it has not. Where none of them goes off, the gateway may not invoke the function: deploy again. Of [a private API](#a-private-api) also the function Authorize, where it cannot read the keys ' +
      'of the issuer: `ISSUER_AWAY` in its log',
  },
  {
    table: 'alarms',
    signs: ['Documents…Slow'],
    happened: 'one of a hundred requests takes longer than a single call to a store may (`timing.call`)',
    advice:
      'the metric `StoreLatency` tells which store is slow, and in which phase. Where neither is, starts of containers may be it: few requests are served, or many containers are new',
  },
  {
    table: 'alarms',
    signs: ['Functions…Errors'],
    happened:
      'a function has not started, was ended by its time-out or for its memory, or has thrown. The alarm has the name of the function',
    advice:
      'its log has the reason of each: `Task timed out`, `Runtime.OutOfMemory`, `Runtime.ImportModuleError`, or the error itself. Where it cannot start since a deployment, deploy the version ' +
      'before. Control and Plan also fail where a store or SSM is away, and are invoked again. Otherwise tell us',
  },
  {
    table: 'alarms',
    signs: ['Functions…Throttled'],
    happened: 'all containers that the function may have are at work, or all of the account',
    advice:
      'for Api, and for Authorize of a private API, clients get 503 meanwhile: raise `deployment.concurrency`, and `oracleSessions` with it, or look for the client that sends so much, and set `callers`. For the others work waits and nothing is lost; ' +
      'where the function is far below its `concurrency`, the account’s limit of concurrent executions is too low',
  },
  {
    table: 'alarms',
    signs: ['Functions…NearTimeout'],
    happened:
      'an invocation has taken more than 80 % of the time-out: a little longer, and it is ended in the middle of its work',
    advice:
      'the metric `StoreLatency` tells which store is slow. Where both are fast, a document or a batch is too expensive: the log of the function names it. Raise `timing.request` only while no move is under way',
  },
  {
    table: 'alarms',
    signs: ['KafkaFeedLate'],
    happened:
      'records of a change feed wait in the topics of Kafka, more than 10,000 for a quarter of an hour: writes past the API are found late, and not at all once a topic drops its records. A new mapping reads what its topic holds from the beginning, and may say so until it has',
    advice:
      'the log of the function Feed says whether its batches fail, and why: `FEED_BEHIND` (SQS does not take receipts, or Oracle is slow), a phase that cannot be read, or `FEED_TOPIC_UNKNOWN` (deploy again). Where none fails it is too slow: raise `deployment.concurrency.feed` and, for partitions, ' +
      '`deployment.kafka.pollers`. Where it is not invoked at all, the state of the mapping tells why: `aws lambda list-event-source-mappings`. What a topic has dropped, `npx crossfade verify start NAME` finds',
  },
  {
    table: 'messages',
    signs: ['SECRET_UNREADABLE'],
    advice:
      'Secrets Manager refuses the secret of a store: it is gone, a permission is missing, or its key of KMS is disabled or may not be used. `npx crossfade account` looks at all of it. Functions read it again by themselves; receipts and shards wait',
  },
  {
    table: 'messages',
    signs: ['ISSUER_AWAY'],
    advice:
      'the function Authorize of [a private API](#a-private-api) cannot read the keys of the issuer of tokens, which apps are told with 503: is `deployment.tokens.issuer` up, and is there a way to it from the subnets of `deployment.network`? Nothing is let through meanwhile; it goes on by itself',
  },
  {
    table: 'messages',
    signs: ['SECRET_AWAY'],
    advice:
      'Secrets Manager does not answer, or has too many calls: it is tried again, as for a store that is away',
  },
  {
    table: 'messages',
    signs: ['LATENCIES_UNREAD'],
    advice:
      'CloudWatch does not tell how long requests take: the function Operate lacks `cloudwatch:GetMetricData`, or in a VPC the way to CloudWatch (endpoint `monitoring`). Nothing else depends on it',
  },
  {
    table: 'messages',
    signs: ['GUARD_WORSE', 'GUARD_COUCHBASE'],
    advice:
      '[the guard](#the-guard) has found requests worse off since a move, and has left the flags as they are: from `settle` on there is no way back without a copy-back, and where Couchbase itself fails or is slow, there is none that helps. ' +
      '`npx crossfade status NAME` has the figures. Mend the store, or `npx crossfade set` what was before',
  },
  {
    table: 'messages',
    signs: ['GUARD_BLIND', 'GUARD_FAILED'],
    advice:
      '[the guard](#the-guard) cannot watch: CloudWatch does not tell what was measured (`cloudwatch:GetMetricData` of the function Control; in a VPC the endpoint `monitoring`), or SSM does not answer. It sets nothing back meanwhile, and no move waits for it. It tries again after 5 minutes',
  },
  {
    table: 'messages',
    signs: ['NOT_CERTIFIED', 'CERTIFICATE_VOID'],
    advice:
      'the move to `expand` waits for a certificate: `npx crossfade certify start`. See [Certifying the stores](#certifying-the-stores) for what makes one void',
  },
  {
    table: 'messages',
    signs: ['CERTIFY_NOT_SCRATCH'],
    advice:
      'the scratch collection or `CROSSFADE_SCRATCH` holds documents of somebody else: name another collection (`certification`), or empty it if nobody needs them. No other check was run',
  },
  {
    table: 'messages',
    signs: ['CERTIFY_TIMED_OUT'],
    advice:
      'a check has not ended in its time: a store does not answer, or much too slowly. `npx crossfade doctor`, and certify again',
  },
  {
    table: 'messages',
    signs: ['TEST_SYSTEM_OTHER', 'TEST_SYSTEM_UNKNOWN'],
    advice:
      '`--test-system` has the name of other servers than those that answer, or these do not tell enough: nothing was broken. `certify status` tells the name; look whether `--url` leads to the test system',
  },
  {
    table: 'messages',
    signs: ['STORES_FILE', 'CONFIG_FILE', 'REPORT_FILE', 'DATA_FOLDER', 'DATA_IN_USE'],
    advice:
      'a file of `--stores`, `--config` or `--html` cannot be read, loaded or written, the one of `--stores` is no JSON or lacks a secret, or the folder of `--data` not used, since it is none, or another `npm start` keeps its data there: the message says which and why',
  },
  {
    table: 'messages',
    signs: ['LENIENT'],
    advice:
      'more values of a column are NULL or rounded, since they do not fit, than its `tolerate` bears, so the move to `expand` waits, or a verification by `content` is not clean (`npx crossfade verified NAME` tells its figures). Mend the documents, or give the column another type or another `tolerate`, and look again: `npx crossfade preflight NAME --again`. See [Settings of projections](#settings-of-projections)',
  },
  {
    table: 'messages',
    signs: ['TEMPLATE_TOO_LARGE'],
    advice:
      'AWS would refuse the template: the message says what is above which limit. Set `deployment.collectionsInStack` to less before the first deployment, or make another deployment for some of the collections',
  },
  {
    table: 'messages',
    signs: ['CERTIFICATION_UNDER_WAY'],
    advice:
      'there is one place, so one certification at a time: wait for it. Where its state machine was stopped by hand, the message says from when on another can begin',
  },
];
