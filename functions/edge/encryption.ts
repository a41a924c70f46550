/** Whether the connections that the secrets lead to can be read or forged on the way. */
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { encryptionOf as ofCouchbase } from '../stores/couchbase/address.ts';
import type { Encryption, Encryptions } from '../stores/encryption.ts';
import { encryptionOf as ofOracle } from '../stores/oracle/address.ts';
import { couchbaseLogin, oracleLogin } from './secrets.ts';

/** As the secrets are now; containers that are connected may still use what they were. Never rejects. */
export async function encryptionsOf(
  client: SecretsManagerClient,
  { couchbase, oracle }: { readonly couchbase: string | null; readonly oracle: string },
): Promise<Encryptions> {
  const [first, second] = await Promise.all([
    couchbase === null ? null : told(async () => ofCouchbase(await couchbaseLogin(client, couchbase))),
    told(async () => ofOracle(await oracleLogin(client, oracle))),
  ]);
  return { couchbase: first, oracle: second };
}

async function told(look: () => Promise<Encryption>): Promise<Encryption | string> {
  try {
    return await look();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
