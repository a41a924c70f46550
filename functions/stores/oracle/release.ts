/** Which release of Oracle answers, and whose tables a session sees. */
import type { Target } from '../failure.ts';
import type { OracleConnection } from './connection.ts';

const target: Target = {
  ...{ store: 'oracle', operation: 'identify', collection: 'CROSSFADE_CERTIFICATES', key: null },
};

export interface OracleRelease {
  /** With the release update, as `19.23.0.0.0`. */
  readonly version: string;
  readonly schema: string;
}

/** Every user is told both. Throws the failures of `failure.ts`. */
export function oracleRelease(connection: OracleConnection): Promise<OracleRelease> {
  return connection.use(target, false, async (session) => {
    const query = "SELECT SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') FROM DUAL";
    const { rows: [[schema] = []] = [] } = await session.execute<[string?]>(query);
    return { version: session.oracleServerVersionString, schema: schema ?? '' };
  });
}
