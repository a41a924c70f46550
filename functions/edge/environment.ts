/** What the stack tells a function through its environment. */
import { LOGINS, type Login } from '../stores/oracle/rights.ts';

/** Instead of a secret's name, where Couchbase is not kept any more. */
export const RETIRED = 'retired';

/** The names in a text that has one, or several with commas between them, which no name of Secrets Manager has. */
export function secretNames(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

/**
 * What functions log in for with the same secret of Oracle: the text that the stack gives a function. Without it they all have one: code meets the variables of the
 * version before for a moment, which had no other.
 */
export function loginsNamed(text: string | undefined): readonly Login[] {
  if (text === undefined) return LOGINS;
  const named = secretNames(text);
  const strange = named.find((name) => !(LOGINS as readonly string[]).includes(name));
  if (strange !== undefined)
    throw new BadEnvironment(
      `ORACLE_LOGINS names ${strange}, which is no login: deploy the stack again, it sets it`,
    );
  return LOGINS.filter((login) => named.includes(login));
}

export class BadEnvironment extends Error {
  override readonly name = 'BadEnvironment';
}

/** A variable that a function has only where logs have hashes instead of keys: also the code before knows the others alone. */
type Keys = { readonly KEYS_SECRET?: string };

/** The variables of these names, and `KEYS_SECRET` where it is set. Throws `BadEnvironment`, naming all that are missing. */
export function variables<Name extends string>(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly Name[],
): Readonly<Record<Name, string>> & Keys {
  const missing = names.filter((name) => (environment[name] ?? '') === '');
  if (missing.length > 0)
    throw new BadEnvironment(
      `The function lacks ${missing.join(', ')} in its environment: deploy the stack again, it sets them`,
    );
  const { KEYS_SECRET = '' } = environment;
  const all = Object.fromEntries(names.map((name) => [name, environment[name]])) as Record<Name, string>;
  return { ...all, ...(KEYS_SECRET !== '' && { KEYS_SECRET }) };
}

/** A variable that the version before did not set: Lambda changes code and environment one after the other, so for a moment it may be missing. */
export function optional<Name extends string>(
  environment: Readonly<Record<string, string | undefined>>,
  name: Name,
): Readonly<Partial<Record<Name, string>>> {
  const value = environment[name] ?? '';
  return (value === '' ? {} : { [name]: value }) as Partial<Record<Name, string>>;
}
