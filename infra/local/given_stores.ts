/** Stores of one's own instead of the embedded ones: a file with what would lie in Secrets Manager. */
import * as v from 'valibot';
import { COUCHBASE } from '../../functions/edge/couchbase_secret.ts';
import { ORACLE } from '../../functions/edge/oracle_secret.ts';
import { issueTexts } from '../../functions/parsing/issue.ts';
import { LOGINS } from '../../functions/stores/oracle/rights.ts';
import { oracleSecrets } from '../oracle_logins.ts';
import type { CheckedSettings } from '../settings.ts';
import { SecretStore } from './aws/secrets.ts';
import { named, saltOf } from './stores.ts';

/** The secrets, with the members that they have in Secrets Manager. A login of Oracle that is left out has that of the API. */
const STORES = v.strictObject({
  ...{ couchbase: COUCHBASE, oracle: ORACLE, oracleOwner: ORACLE },
  ...{ oracleWork: v.optional(ORACLE), oracleControl: v.optional(ORACLE) },
});

/** The file is not as it should be. The message quotes nothing of it. */
export class BadStores extends Error {
  override readonly name = 'BadStores';
}

/** Throws `BadStores`. @param file its name, for messages. @param text JSON. */
export function givenSecrets(
  file: string,
  text: string,
  { deployment: { secrets } }: CheckedSettings,
): SecretStore {
  const value = jsonIn(file, text);
  const problems = issueTexts(STORES, value);
  if (problems.length > 0)
    throw new BadStores(
      `STORES_FILE: ${file}: ${problems.join('; ')}. It must have the members couchbase, oracle and oracleOwner, each a secret as the manual has it`,
    );
  const { couchbase, oracle, oracleOwner, oracleWork, oracleControl } = value as v.InferInput<typeof STORES>;
  const logins = { serve: oracle, work: oracleWork ?? oracle, control: oracleControl ?? oracle };
  const names = oracleSecrets(secrets);
  return new SecretStore(
    new Map([
      ...(secrets.couchbase === null ? [] : named(secrets.couchbase, JSON.stringify(couchbase))),
      ...LOGINS.flatMap((login) => named(names[login], JSON.stringify(logins[login]))),
      ...named(secrets.oracleOwner, JSON.stringify(oracleOwner)),
      ...saltOf(secrets.keys),
    ]),
  );
}

function jsonIn(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadStores(
      `STORES_FILE: ${file} is no JSON: it must be an object with couchbase, oracle and oracleOwner, each a secret as the manual has it`,
    );
  }
}
