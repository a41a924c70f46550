/** The Amazon States Language, as far as our machines use it: JSONata, inline maps, tasks that wait for a token. */

export interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly QueryLanguage?: string;
}

export interface State {
  readonly Type: 'Task' | 'Choice' | 'Map' | 'Pass' | 'Wait' | 'Succeed' | 'Fail';
  readonly Next?: string;
  readonly End?: boolean;
  readonly Output?: unknown;
  readonly Retry?: readonly Retry[];
  readonly Catch?: readonly Catch[];
  readonly Resource?: string;
  readonly Arguments?: unknown;
  readonly HeartbeatSeconds?: number;
  readonly TimeoutSeconds?: number;
  readonly Choices?: readonly { readonly Condition: string; readonly Next: string }[];
  readonly Default?: string;
  readonly Items?: unknown;
  readonly ItemSelector?: unknown;
  readonly ItemProcessor?: Machine;
  readonly MaxConcurrency?: number;
  readonly Seconds?: unknown;
  readonly Error?: unknown;
  readonly Cause?: unknown;
}

export interface Retry {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
}

export interface Catch {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
}

/** A state has failed, with an error's name as the language has it. */
export class StateFailed extends Error {
  override readonly name = 'StateFailed';
  readonly error: string;

  constructor(error: string, cause: string) {
    super(cause);
    this.error = error;
  }
}

/** What `States.ALL` and `States.TaskFailed` do not mean. (step-functions/latest/dg/concepts-error-handling.html, 2026-11-27) */
const BY_NAME_ONLY = ['States.DataLimitExceeded', 'States.Runtime'];

/** Whether a list of names means an error. */
export function means(names: readonly string[], error: string): boolean {
  return names.some(
    (name) =>
      name === error ||
      (!BY_NAME_ONLY.includes(error) &&
        (name === 'States.ALL' || (name === 'States.TaskFailed' && error !== 'States.Timeout'))),
  );
}

/** How long a retry waits after so many of its kind, without the jitter that AWS takes off. */
export function secondsUntil(
  { IntervalSeconds, BackoffRate, MaxDelaySeconds }: Retry,
  before: number,
): number {
  const seconds = (IntervalSeconds ?? 1) * (BackoffRate ?? 2) ** before;
  return Math.min(seconds, MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
}
