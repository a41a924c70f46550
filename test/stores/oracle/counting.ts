/** Round trips to Oracle. */
import type oracledb from 'oracledb';
import type { OracleConnection } from '../../../functions/stores/oracle/connection.ts';

/** The same connection, whose round trips are counted. */
export function counting(connection: OracleConnection) {
  let trips = 0;
  const COUNTED = ['execute', 'executeMany', 'commit', 'rollback'];
  const seen = (session: oracledb.Connection) =>
    new Proxy(session, {
      get(target, name) {
        const member = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        if (COUNTED.includes(String(name))) trips++;
        return member.bind(target);
      },
    });
  const use: OracleConnection['use'] = (target, mutation, act) =>
    connection.use(target, mutation, (session) => act(seen(session)));
  return {
    connection: { use } as unknown as OracleConnection,
    trips: () => trips,
    reset: () => {
      trips = 0;
    },
  };
}
