/** A login, and what can be said of it before Oracle is asked. */
import { OperatorNeeded, StoreUnavailable, type Target } from '../failure.ts';
import { NoLogin } from '../no_login.ts';

/** Where the database is, and who logs in. */
export interface OracleLogin {
  readonly connectString: string;
  readonly user: string;
  readonly password: string;
  /** Who owns the tables, if not the user. */
  readonly schema?: string | undefined;
  /** Authorities whose certificates servers may show, as PEM, beside the public ones. */
  readonly ca?: string | undefined;
  /** Text of an `ewallet.pem`: authorities, and the certificate and key of the client. Its authorities are trusted alone then. */
  readonly walletContent?: string | undefined;
  readonly walletPassword?: string | undefined;
  /** The distinguished name that the server's certificate must have, where it is not for the name of the host. */
  readonly sslServerCertDN?: string | undefined;
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
  if (error instanceof NoLogin) return error.at(target);
  if (error instanceof LoginHeld) return new OperatorNeeded(target, error.message, error);
  if (error instanceof LoginNotTried) return new StoreUnavailable(target, false, error, `${error.message}.`);
  return null;
}
