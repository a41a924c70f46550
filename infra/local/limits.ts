/**
 * What AWS limits, where a function, a queue, a parameter or a run of ours could meet it: hard limits, and the quotas that an account has by
 * default. Above each stands the page that says it (below docs.aws.amazon.com). On 2026-11-27 those on recursion, on the history of executions and on
 * SSM's throughput were read; the other numbers are as they were known on that day.
 */

/** lambda/latest/dg/gettingstarted-limits.html, lambda-concurrency.html, lambda-runtime-environment.html and invocation-recursion.html */
export const LAMBDA = {
  /** Invocations of all functions of an account at the same time, and how many of them no function may reserve. */
  concurrency: 1000,
  unreserved: 100,
  /** Bytes of an event, and of a result with all that Lambda puts around it. */
  event: 6_291_456,
  result: 6_291_556,
  /** Milliseconds for loading a function, before that is done once more in the time of the first invocation. */
  start: 10_000,
  /** Invocations of one function in one chain of requests. */
  chain: 16,
} as const;

/** apigateway/latest/developerguide/http-api-quotas.html and http-api-throttling.html */
export const HTTP_API = {
  body: 10_485_760,
  /** Bytes of the request line and all headers. */
  headers: 10_240,
  /** Requests a second of all APIs of an account, and how many at once. */
  rate: 10_000,
  burst: 5000,
} as const;

/** AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html and quotas-queues.html */
export const SQS = {
  /** Messages of a standard queue that were received and neither deleted nor given back. */
  inFlight: 120_000,
  /** Seconds. */
  delay: 900,
  /** Messages that one call gives, takes or deletes. */
  entries: 10,
} as const;

/** general/latest/gr/ssm.html, systems-manager/latest/userguide/sysman-paramstore-su-create.html and parameter-store-throughput.html */
export const SSM = {
  /** Calls a second of `GetParameter`, `GetParameters` and `GetParametersByPath` together, and of `PutParameter`. */
  reads: 40,
  writes: 3,
  /** The same of an account with the setting for higher throughput, which costs; of reads, those of `GetParameters`. */
  manyReads: 1000,
  manyWrites: 10,
  /** Names, or parameters of a path, in one call. */
  names: 10,
  /** Values of a history in one call. */
  history: 50,
  /** Characters of a name with its ARN, bytes of a standard value, and levels of a hierarchy. */
  name: 1011,
  value: 4096,
  levels: 15,
} as const;

/** step-functions/latest/dg/service-quotas.html, bp-history-limit.html and state-map-inline.html; API reference of SendTaskFailure */
export const STATES = {
  events: 25_000,
  /** Bytes of an input, a result or an output. */
  payload: 262_144,
  /** Items of an inline map at the same time. */
  map: 40,
  /** Characters of what a task fails with. */
  error: 256,
  cause: 32_768,
} as const;

/** AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html and API_GetLogEvents.html */
export const LOGS = {
  /** Events of one request, bytes of all of them, and the bytes that each counts beside its text. */
  events: 10_000,
  batch: 1_048_576,
  overhead: 26,
  /** Milliseconds by which an event may be late or early: others are rejected, and the rest of the batch is taken. */
  past: 14 * 86_400_000,
  future: 2 * 3_600_000,
  /** Events that one answer has. */
  page: 10_000,
} as const;
