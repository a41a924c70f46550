/** How invocations fail, as Lambda tells their callers. */
export class InvocationFailed extends Error {
  override readonly name: string = 'InvocationFailed';
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** Lambda has refused the invocation: the function has not run. */
export class Refused extends InvocationFailed {
  override readonly name = 'Refused';
}
