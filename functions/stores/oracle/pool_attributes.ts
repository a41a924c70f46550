/** How a pool of the driver is opened, and what each of its sessions is told first. */
import oracledb from 'oracledb';
import { addressesOf, isPooled } from './address.ts';
import type { OracleLogin } from './login.ts';
import { trust } from './trust.ts';

const SESSION =
  "ALTER SESSION SET NLS_COMP = 'BINARY' NLS_SORT = 'BINARY' NLS_NUMERIC_CHARACTERS = '.,' NLS_CALENDAR = 'GREGORIAN'";

/** Containers share the sessions of the server's pool only where they are of one class; the driver would make one up for each. */
const CONNECTION_CLASS = 'crossfade';

/** What a session is told before it is used: orders and numbers as the statements mean them, and whose tables they are. */
export function preparationOf({ schema }: OracleLogin): string {
  return schema === undefined ? SESSION : `${SESSION} CURRENT_SCHEMA = ${schema}`;
}

/**
 * Lets the process trust the authorities of the login.
 * @param size sessions at most.
 * @param timeout milliseconds for one call.
 */
export function poolAttributes(login: OracleLogin, size: number, timeout: number): oracledb.PoolAttributes {
  const { connectString, user, password, ca, walletContent, walletPassword, sslServerCertDN } = login;
  if (ca !== undefined) trust(ca);
  if (isPooled(connectString)) oracledb.connectionClass = CONNECTION_CLASS;
  return {
    ...{ connectString, user, password },
    ...(walletContent === undefined ? {} : { walletContent }),
    ...(walletPassword === undefined ? {} : { walletPassword }),
    ...(sslServerCertDN === undefined ? {} : { sslServerCertDN }),
    ...{ poolMin: 0, poolMax: size, poolIncrement: 1, queueTimeout: timeout },
    ...timeoutsOf(addressesOf(connectString).length, timeout),
    poolPingTimeout: Math.min(1000, Math.ceil(timeout / 4)),
    expireTime: 1,
  };
}

/** What hangs leaves time for the next address, or the next session, before the queue's time is up. */
function timeoutsOf(addresses: number, timeout: number) {
  const connectTimeout = seconds(timeout / (addresses <= 1 ? 1.5 : addresses + 1));
  return { connectTimeout, transportConnectTimeout: Math.min(connectTimeout, seconds(timeout / 2)) };
}

/** Whole seconds, which the driver wants; at least one. */
export function seconds(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds / 1000));
}
