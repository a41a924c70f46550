/**
 * A private certificate authority, as companies and clusters have their own: certificates by X.509 (RFC 5280), signed with
 * ECDSA over P-256. Node can read such certificates and cannot make them.
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';
import * as der from './der.ts';

/** A certificate and its key, both as PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

export interface Wanted {
  /** Common name. */
  readonly name: string;
  /** DNS names and IPv4 addresses that it is valid for; none for a client. */
  readonly hosts?: readonly string[];
  /** Milliseconds since the epoch. An hour ago, and in thirty days, if not given. */
  readonly from?: number;
  readonly until?: number;
}

const HOUR = 3_600_000;
const LIFE = 30 * 24 * HOUR;
const SIGNED_WITH = der.sequence(der.oid('1.2.840.10045.4.3.2'));

export class Authority {
  /** The certificate of the authority, as PEM: what clients are given to trust. */
  readonly ca: string;
  readonly #name: Buffer;
  readonly #key: KeyObject;
  readonly #now: number;

  /** @param now milliseconds since the epoch. */
  constructor(name: string, now: number) {
    const { privateKey, publicKey } = pair();
    this.#name = named(name);
    this.#key = privateKey;
    this.#now = now;
    const may = [
      extension('2.5.29.19', true, der.sequence(der.boolean(true))),
      // To sign certificates and lists of revoked ones.
      extension('2.5.29.15', true, der.flags(0x06, 1)),
    ];
    this.ca = this.#signed(this.#name, publicKey, { name }, may);
  }

  issue(wanted: Wanted): Identity {
    const { privateKey, publicKey } = pair();
    const { hosts = [] } = wanted;
    const names = hosts.map((host) =>
      isIPv4(host)
        ? der.contextPlain(7, Buffer.from(host.split('.').map(Number)))
        : der.contextPlain(2, Buffer.from(host)),
    );
    const extensions = names.length === 0 ? [] : [extension('2.5.29.17', false, der.sequence(...names))];
    return {
      certificate: this.#signed(named(wanted.name), publicKey, wanted, extensions),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    };
  }

  #signed(
    subject: Buffer,
    key: KeyObject,
    { from = this.#now - HOUR, until = this.#now + LIFE }: Wanted,
    extensions: readonly Buffer[],
  ): string {
    // A leading bit of a serial number would be its sign.
    const serial = randomBytes(16).map((byte, n) => (n === 0 ? (byte & 0x7f) | 0x40 : byte));
    const body = der.sequence(
      der.context(0, der.integer(Buffer.from([2]))),
      der.integer(serial),
      SIGNED_WITH,
      this.#name,
      der.sequence(der.time(from), der.time(until)),
      subject,
      key.export({ type: 'spki', format: 'der' }),
      ...(extensions.length === 0 ? [] : [der.context(3, der.sequence(...extensions))]),
    );
    const signature = sign('sha256', body, this.#key);
    return pem('CERTIFICATE', der.sequence(body, SIGNED_WITH, der.bits(signature)));
  }
}

function pair() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function named(commonName: string): Buffer {
  return der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), der.utf8(commonName))));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return der.sequence(der.oid(id), ...(critical ? [der.boolean(true)] : []), der.octets(value));
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
