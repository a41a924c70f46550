/** Certificates as files, which is the only way in which the driver (4.7.0) takes them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateAuthenticator, type ConnectOptions } from 'couchbase';
import type { CouchbaseLogin } from './login.ts';

/** The options of a connection. `discard`: takes the files away, once the connection is open. */
export interface Credentials {
  readonly options: Pick<ConnectOptions, 'authenticator' | 'security'>;
  discard(): Promise<void>;
}

export async function credentialsOf(login: CouchbaseLogin): Promise<Credentials> {
  const { ca, clientCertificate, clientKey, username = '', password = '' } = login;
  const files = { ca, certificate: clientCertificate, key: clientKey };
  const given = Object.entries(files).filter(([, text]) => text !== undefined);
  if (given.length === 0)
    return {
      options: { authenticator: { username, password } },
      discard: async () => {},
    };
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-'));
  const pathOf = (name: string) => join(folder, `${name}.pem`);
  for (const [name, text] of given) await writeFile(pathOf(name), text ?? '', { mode: 0o600 });
  return {
    options: {
      authenticator:
        clientCertificate === undefined
          ? { username, password }
          : new CertificateAuthenticator(pathOf('certificate'), pathOf('key')),
      ...(ca === undefined ? {} : { security: { trustStorePath: pathOf('ca') } }),
    },
    discard: () => rm(folder, { recursive: true, force: true }),
  };
}
