/** The login of a store could not be had, so nothing was asked of the store. */
import { OperatorNeeded, StoreUnavailable, type Target } from './failure.ts';

export class NoLogin extends Error {
  override readonly name = 'NoLogin';
  readonly forOperator: boolean;

  /** @param message with a code, and what to do. @param forOperator whether it stays so until somebody does it. */
  constructor(message: string, forOperator: boolean, cause?: unknown) {
    super(message, { cause });
    this.forOperator = forOperator;
  }

  /** The failure of a call that needed the login. */
  at(target: Target): Error {
    if (this.forOperator) return new OperatorNeeded(target, this.message, this);
    return new StoreUnavailable(target, false, this, `${this.message}.`);
  }
}
