/** Calls of a client while connections to the embedded server break. */
import { RequestCanceledError } from 'couchbase';

/** More than there are connections that break. */
const TRIES = 10;

/** The first answer to a call that is cancelled for as long as connections break. */
export async function answered<R>(ask: () => Promise<R>): Promise<R> {
  for (let tries = 1; ; tries++)
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RequestCanceledError) || tries === TRIES) throw error;
    }
}
