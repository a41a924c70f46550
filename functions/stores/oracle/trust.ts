/**
 * Whom connections of this process trust. The driver (26.0.0) takes the certificates of authorities either from a wallet, which must hold a key and a
 * certificate of the client too, or from Node; so an authority alone is added to Node's, as with NODE_EXTRA_CA_CERTS, which is read at the start only.
 */
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { certificatesIn } from '../pem.ts';

/** Adds the authorities of a PEM text, for all connections of this thread that are made from now on. */
export function trust(ca: string): void {
  const trusted = getCACertificates('default');
  const known = new Set(trusted.map(bare));
  const missing = certificatesIn(ca).filter((pem) => !known.has(bare(pem)));
  if (missing.length > 0) setDefaultCACertificates([...trusted, ...missing]);
}

function bare(pem: string): string {
  return pem.replaceAll(/\s/g, '');
}
