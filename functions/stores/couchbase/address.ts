/** What a connection string says, before Couchbase is asked. (RFC 11 of the Couchbase SDKs, "Connection string".) */
import { resolveSrv } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Encryption } from '../encryption.ts';
import { describedCertificates } from '../pem.ts';
import type { Endpoint } from '../tls_probe.ts';

interface Parts {
  readonly encrypted: boolean;
  /** `port`: null where none is given. */
  readonly hosts: readonly { readonly host: string; readonly port: number | null }[];
  /** What stands behind the question mark. */
  readonly options: URLSearchParams;
}

/** A user and a password, which the driver passes over. A password may have an @, too. */
const USER = /^[^/?]*@/;
/** Of the data service, with and without TLS. */
const [TLS_PORT, PLAIN_PORT] = [11207, 11210];
/** The certificates of this cloud are signed by an authority that is in the driver, and nowhere else. */
const CLOUD = '.cloud.couchbase.com';

export function partsOf(connectionString: string): Parts {
  const [, scheme = 'couchbase', rest = ''] = /^(?:(\w+):\/\/)?(.*)$/s.exec(connectionString.trim()) ?? [];
  const [place = '', query = ''] = rest.split('?', 2);
  const [hosts = ''] = place.replace(USER, '').split('/', 1);
  return {
    encrypted: scheme === 'couchbases',
    hosts: hosts.split(/[,;]/).map((each) => {
      const [, ipv6, name, digits] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?/.exec(each.trim()) ?? [];
      return { host: ipv6 ?? name ?? '', port: digits === undefined ? null : Number(digits) };
    }),
    options: new URLSearchParams(query),
  };
}

export function isOfCloud(connectionString: string): boolean {
  return partsOf(connectionString).hosts.some(({ host }) => host.toLowerCase().endsWith(CLOUD));
}

/** Where the nodes are that the driver asks first: those of the SRV record, where one name without a port has such a record. */
export async function endpointsOf(connectionString: string): Promise<Endpoint[]> {
  const { hosts, encrypted } = partsOf(connectionString);
  const [only] = hosts;
  const port = encrypted ? TLS_PORT : PLAIN_PORT;
  if (hosts.length === 1 && only !== undefined && only.port === null && isIP(only.host) === 0) {
    const service = encrypted ? '_couchbases' : '_couchbase';
    const records = await resolveSrv(`${service}._tcp.${only.host}`).catch(() => []);
    if (records.length > 0) return records.map(({ name, port: given }) => ({ host: name, port: given }));
  }
  return hosts.map(({ host, port: given }) => ({ host, port: given ?? port }));
}

/** Names under which the driver, or one of its siblings, takes the wish not to look at certificates. */
const UNVERIFIED = [
  ['tls_verify', 'none'],
  ['security.disable_server_certificate_verification', 'true'],
] as const;

export function encryptionOf({
  connectionString,
  ca,
}: {
  readonly connectionString: string;
  readonly ca?: string | undefined;
}): Encryption {
  const { encrypted, options } = partsOf(connectionString);
  if (!encrypted)
    return { encrypted, verified: false, how: '`connectionString` does not begin with couchbases://' };
  // Of several the driver may take any.
  if (UNVERIFIED.some(([name, value]) => options.getAll(name).some((each) => each.toLowerCase() === value)))
    return { encrypted, verified: false, how: '`connectionString` turns the check of certificates off' };
  const by =
    ca !== undefined
      ? `${describedCertificates(ca)}, of \`ca\``
      : isOfCloud(connectionString)
        ? 'the authority of Couchbase Capella'
        : 'a public authority';
  return { encrypted, verified: true, how: `the certificate by ${by}; its name by the host` };
}
