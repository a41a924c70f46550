/** An error that a service answers with, in the form of AWS's JSON protocols. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly type: string;
  readonly status: number;

  constructor(type: string, message: string, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
  }
}

/** As services of AWS refuse what is longer than they take. */
export function tooLong(what: string, most: number): ServiceError {
  return new ServiceError(
    'ValidationException',
    `1 validation error detected: Value at '${what}' failed to satisfy constraint: Member must have length less than or equal to ${most}`,
  );
}
