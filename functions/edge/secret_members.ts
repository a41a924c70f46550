/** Members that the secrets of both stores have. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import * as v from 'valibot';
import { type Encryption, isSafe } from '../stores/encryption.ts';
import { certificatesIn, pemBlocks } from '../stores/pem.ts';

export const TEXT = v.pipe(v.string('it must be a text'), v.nonEmpty('it is empty'));

/** The console of Secrets Manager makes texts of all that is put into its form. */
export const INSECURE = v.union([v.boolean(), v.picklist(['true', 'false'])], 'it must be true or false');

export const CERTIFICATES = v.pipe(
  TEXT,
  v.check(
    (text) => certificatesIn(text).length > 0,
    'it must be certificates as PEM, with the lines -----BEGIN CERTIFICATE-----',
  ),
);

/** Why a connection may not be made: nobody has said that it is to go without TLS. */
export function safetyProblems(member: string, encryption: Encryption, insecure: unknown): string[] {
  if (isSafe(encryption) || String(insecure) === 'true') return [];
  return [
    `${member}: the connection would ${encryption.encrypted ? 'not be checked' : 'not be encrypted'} (${encryption.how}). Mend the address; or say ` +
      '"insecure": true, if nobody on the way can listen or answer in the place of the server',
  ];
}

/** Node throws for such a port, whatever asks for it. @param ports null where the address says none. */
export function portProblems(member: string, ports: readonly (number | null)[]): string[] {
  const isPort = (port: number | null) =>
    port === null || (Number.isInteger(port) && port >= 1 && port <= 65_535);
  return ports.every(isPort) ? [] : [`${member}: a port is none: it may be 1 to 65535`];
}

/** Null for a key that cannot be opened. */
export function keyIn(pem: string, passphrase?: string): KeyObject | null {
  const key = pemBlocks(pem).find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (key === undefined) return null;
  try {
    return createPrivateKey({ key: key.pem, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    return null;
  }
}

/** Whether one of the certificates is for that key. */
export function belongs(certificates: string, key: KeyObject): boolean {
  return certificatesIn(certificates).some((pem) => new X509Certificate(pem).checkPrivateKey(key));
}

/** All blocks, as they are written by the book. */
export function normalized(pem: string): string {
  return pemBlocks(pem)
    .map((block) => block.pem)
    .join('');
}
