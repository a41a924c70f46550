/** What the secret of Couchbase says. */
import * as v from 'valibot';
import { encryptionOf, partsOf } from '../stores/couchbase/address.ts';
import type { CouchbaseLogin } from '../stores/couchbase/login.ts';
import {
  belongs,
  CERTIFICATES,
  INSECURE,
  keyIn,
  normalized,
  portProblems,
  safetyProblems,
  TEXT,
} from './secret_members.ts';

export const COUCHBASE = v.object({
  connectionString: v.pipe(
    TEXT,
    v.regex(/^couchbases?:\/\/[^/?\s]/, 'it must begin with couchbases:// and a host'),
  ),
  username: v.optional(TEXT),
  password: v.optional(TEXT),
  ca: v.optional(CERTIFICATES),
  clientCertificate: v.optional(CERTIFICATES),
  clientKey: v.optional(TEXT),
  network: v.optional(v.picklist(['external', 'default', 'auto'], 'it must be external, default or auto')),
  insecure: v.optional(INSECURE),
});

type Secret = v.InferOutput<typeof COUCHBASE>;

export function couchbaseProblems(secret: Secret): string[] {
  const { connectionString, insecure } = secret;
  const encryption = encryptionOf(secret);
  const ports = partsOf(connectionString).hosts.map(({ port }) => port);
  return [
    ...credentialProblems(secret, encryption.encrypted),
    ...(secret.ca !== undefined && !encryption.encrypted && String(insecure) !== 'true'
      ? ['ca: it is of no use without couchbases://']
      : []),
    ...portProblems('connectionString', ports),
    ...safetyProblems('connectionString', encryption, insecure),
  ];
}

function credentialProblems(secret: Secret, encrypted: boolean): string[] {
  const { username, password, clientCertificate, clientKey } = secret;
  if (clientCertificate === undefined && clientKey === undefined)
    return [
      ...(username === undefined ? ['username: it is missing'] : []),
      ...(password === undefined ? ['password: it is missing'] : []),
    ];
  if (clientCertificate === undefined) return ['clientCertificate: it is missing, and there is a clientKey'];
  if (clientKey === undefined) return ['clientKey: it is missing, and there is a clientCertificate'];
  if (!encrypted) return ['clientCertificate: it is of no use without couchbases://'];
  const key = keyIn(clientKey);
  if (key === null) return ['clientKey: it must be a private key as PEM, not encrypted'];
  return belongs(clientCertificate, key) ? [] : ['clientKey: it is not the key of clientCertificate'];
}

/** Of members that are as they should be. A certificate says who logs in, where there is one. */
export function couchbaseFrom(secret: Secret): CouchbaseLogin {
  const { connectionString, username, password, network, ca, clientCertificate, clientKey } = secret;
  const certificates = { ca, clientCertificate, clientKey };
  return {
    connectionString,
    ...(clientCertificate === undefined ? { username, password } : {}),
    ...(network === undefined ? {} : { network }),
    ...Object.fromEntries(
      Object.entries(certificates).flatMap(([name, pem]) =>
        pem === undefined ? [] : [[name, normalized(pem)]],
      ),
    ),
  };
}
