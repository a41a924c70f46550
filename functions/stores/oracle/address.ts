/** What a connect string says, before Oracle is asked: an Easy Connect string or a descriptor. (Net Services Administrator's Guide, "Connect strings".) */
import type { Encryption } from '../encryption.ts';
import { describedCertificates } from '../pem.ts';
import type { Endpoint } from '../tls_probe.ts';
import type { OracleLogin } from './login.ts';

export interface Address extends Endpoint {
  readonly encrypted: boolean;
}

/** Of Oracle Net, where none is given; the driver takes it for TCPS, too. */
const PORT = 1521;
const YES = new Set(['yes', 'on', 'true']);
/** What follows the name of a member of a descriptor. */
const VALUE = '\\s*=\\s*"?([^()"]*?)"?\\s*\\)';

/** Addresses that the driver tries one after the other. None where the string is a name that only a file of the machine could explain. */
export function addressesOf(connectString: string): Address[] {
  if (connectString.includes('(')) return described(connectString);
  const [, protocol, rest = ''] =
    /^(?:(?:(\w+):)?\/\/)?(.*)$/s.exec(connectString.replaceAll(/\s/g, '')) ?? [];
  const [hosts = ''] = rest.split(/[/?]/, 1);
  if (!/[/:]/.test(rest)) return [];
  const encrypted = protocol?.toLowerCase() === 'tcps';
  // A port is for all hosts in front of it that have none of their own.
  const found: Address[] = [];
  let port = PORT;
  for (const each of hosts.split(/[,;]/).reverse()) {
    const [, ipv6, name, digits] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?/.exec(each) ?? [];
    if (digits !== undefined) port = Number(digits);
    found.unshift({ host: ipv6 ?? name ?? '', port, encrypted });
  }
  return found;
}

function described(connectString: string): Address[] {
  return connectString
    .split(/\(\s*ADDRESS\s*=/i)
    .slice(1)
    .map((text) => ({
      host: memberOf(text, 'HOST') ?? '',
      port: Number(memberOf(text, 'PORT') ?? PORT),
      encrypted: memberOf(text, 'PROTOCOL')?.toLowerCase() === 'tcps',
    }));
}

/** Whether sessions come from a pool of the server, where the next call may get another one. (Database Resident Connection Pooling.) */
export function isPooled(connectString: string): boolean {
  return (
    /\(\s*SERVER\s*=\s*POOLED\s*\)/i.test(connectString) ||
    /^[^(?]*:pooled(?=[/?]|$)/i.test(connectString.trim())
  );
}

/** @param login of which the password does not matter. */
export function encryptionOf(
  login: Pick<OracleLogin, 'connectString' | 'ca' | 'walletContent' | 'sslServerCertDN'>,
): Encryption {
  const { connectString, ca, walletContent, sslServerCertDN } = login;
  const addresses = addressesOf(connectString);
  if (addresses.length === 0 || !addresses.every(({ encrypted }) => encrypted))
    return { encrypted: false, verified: false, how: 'not every address of `connectString` is of TCPS' };
  // Of several the driver takes the last one.
  if (!settingsOf(connectString, 'DN_MATCH').every((match) => YES.has(match.toLowerCase())))
    return {
      encrypted: true,
      verified: false,
      how: 'SSL_SERVER_DN_MATCH is off: the certificate may be for any name',
    };
  const by =
    walletContent !== undefined
      ? `${describedCertificates(walletContent)}, of the wallet`
      : ca !== undefined
        ? `${describedCertificates(ca)}, of \`ca\`, or a public authority`
        : 'a public authority';
  const name =
    sslServerCertDN === undefined && settingsOf(connectString, 'CERT_DN').length === 0
      ? 'the host'
      : 'SSL_SERVER_CERT_DN';
  return { encrypted: true, verified: true, how: `the certificate by ${by}; its name by ${name}` };
}

/** What a parameter is given: in the section SECURITY, or behind the question mark. */
function settingsOf(connectString: string, name: string): string[] {
  const setting = `(?:SSL|TLS)_SERVER_${name}`;
  const patterns = [`\\(\\s*${setting}${VALUE}`, `[?&]\\s*${setting}\\s*=([^&]*)`];
  return patterns.flatMap((pattern) =>
    [...connectString.matchAll(new RegExp(pattern, 'gi'))].map(([, value = '']) => value.trim()),
  );
}

function memberOf(text: string, name: string): string | undefined {
  return new RegExp(`\\(\\s*${name}${VALUE}`, 'i').exec(text)?.[1];
}
