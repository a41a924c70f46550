/** A login, and what can be said of it before Oracle is asked. */
import { OperatorNeeded, StoreUnavailable, type Target } from '../failure.ts';

/** Where the database is, and who logs in. */
export interface OracleLogin {
  readonly connectString: string;
  readonly user: string;
  readonly password: string;
  /** Who owns the tables, if not the user. */
  readonly schema?: string | undefined;
  /** Of the secret that it was read from. */
  readonly version?: string | undefined;
}

/** Oracle has refused this version of the secret: an operator is needed. */
export class LoginHeld extends Error {
  override readonly name = 'LoginHeld';
}

/** Whether Oracle takes the password is not known yet. */
export class LoginNotTried extends Error {
  override readonly name = 'LoginNotTried';
}

/** The failure of a call for which no login was tried; null for any other error. */
export function failureOfLogin(error: unknown, target: Target): Error | null {
  if (error instanceof LoginHeld) return new OperatorNeeded(target, error.message, error);
  if (error instanceof LoginNotTried) return new StoreUnavailable(target, false, error, `${error.message}.`);
  return null;
}

/** Addresses that the driver tries one after the other: `ADDRESS` of a descriptor, or hosts of `host1,host2:1521/service`. At least one. */
export function addressesIn(connectString: string): number {
  const described = connectString.match(/\(\s*ADDRESS\s*=/gi) ?? [];
  const [hosts = ''] = connectString.replace(/^\w+:\/\//, '').split('/', 1);
  return described.length > 0 ? described.length : hosts.split(/[,;]/).length;
}
