/** Clients of AWS whose calls end in time. */

/** Milliseconds. */
const [REQUEST, CONNECTION] = [1500, 1000];

/**
 * The settings of a client whose calls are in the way of a request. Without `throwOnRequestTimeout` the SDK writes a warning when the time is
 * over, and waits on without a bound. A call that was given up may have taken effect: each of ours can be sent again.
 * @param requestTimeout milliseconds for each of two attempts.
 */
export function bounded(requestTimeout: number = REQUEST) {
  return {
    requestHandler: { requestTimeout, connectionTimeout: CONNECTION, throwOnRequestTimeout: true },
    maxAttempts: 2,
  };
}

/** Options of a call that the service itself answers only after so many seconds. */
export function answeredAfter(seconds: number) {
  return { requestTimeout: REQUEST + seconds * 1000 };
}
