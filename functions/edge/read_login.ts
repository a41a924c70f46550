/** Reads a login, and tells an outage of Secrets Manager from what only an operator can mend. Neither is the fault of a document. */
import { NoLogin } from '../stores/no_login.ts';
import { BadSecret } from './secrets.ts';

interface Answered {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** What AWS says with 400 all the same where there are too many calls. */
const THROTTLED = /Throttl|TooManyRequests|RequestLimit|LimitExceeded|SlowDown/i;

/** @param names of the secret, for messages. @param read the login. Throws `NoLogin` where that fails. */
export function loginFrom<Login>(names: string, read: () => Promise<Login>): () => Promise<Login> {
  return async () => {
    try {
      return await read();
    } catch (error) {
      throw noLogin(names, error);
    }
  };
}

function noLogin(names: string, error: unknown): NoLogin {
  if (error instanceof BadSecret) return new NoLogin(error.message, true, error);
  const { name = 'Error', message = '', $metadata } = (error ?? {}) as Answered;
  const status = $metadata?.httpStatusCode ?? 0;
  const refused = status >= 400 && status < 500 && status !== 408 && status !== 429 && !THROTTLED.test(name);
  return refused
    ? new NoLogin(
        `SECRET_UNREADABLE: the secret ${names} cannot be read (${name}). See that it is there, that the functions may read it, ` +
          'and that its key of KMS is enabled and they may use that: npx crossfade account looks at all of it',
        true,
        error,
      )
    : new NoLogin(
        `SECRET_AWAY: the secret ${names} could not be read (${name}: ${message.slice(0, 200)})`,
        false,
        error,
      );
}
