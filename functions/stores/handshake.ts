/** What is wrong with a connection that cannot be made before somebody changes something, told by what drivers and OpenSSL say. */

/** Stable: the end of a code, such as `ORACLE_TLS_EXPIRED`. */
export type HandshakeProblem =
  | 'untrusted'
  | 'expired'
  | 'not-yet'
  | 'name'
  | 'client-certificate'
  | 'no-tls'
  | 'tls-wanted'
  | 'refused'
  | 'versions';

interface Told {
  readonly code: string;
  readonly text: string;
}

const TOLD: Readonly<Record<HandshakeProblem, Told>> = {
  untrusted: {
    code: 'TLS_UNTRUSTED',
    text: 'the certificate of the server is signed by nobody whom the functions trust. Put the certificate of its authority (CA) as PEM into `ca` of the secret',
  },
  expired: {
    code: 'TLS_EXPIRED',
    text: 'the certificate of the server, or of its authority (CA), has expired. Renew it on the server, and where it is the authority’s, in `ca` of the secret',
  },
  'not-yet': {
    code: 'TLS_NOT_YET_VALID',
    text: 'the certificate of the server is not valid yet. Look at its dates, and at the clock of the machine that made it',
  },
  name: {
    code: 'TLS_NAME',
    text: 'the certificate of the server is for another name than the one in the secret. Use a name that the certificate has, or give the server a certificate with this one',
  },
  'client-certificate': {
    code: 'TLS_CLIENT_CERTIFICATE',
    text: 'the server wants a certificate of the client, and has got none or does not accept it. Put one that its authority has signed into the secret',
  },
  'no-tls': {
    code: 'TLS_PLAIN_PORT',
    text: 'this port speaks no TLS. Put the port that does into the secret, or `insecure: true` and the address without TLS where nothing on the way can listen',
  },
  'tls-wanted': {
    code: 'TLS_WANTED',
    text: 'this port speaks TLS alone. Say so in the address in the secret',
  },
  refused: {
    code: 'TLS_REFUSED',
    text: 'the server has refused the handshake without a reason. It may want a certificate of the client, or know no version or cipher of TLS that the functions accept',
  },
  versions: {
    code: 'TLS_VERSIONS',
    text: 'the server knows no version or cipher of TLS that the functions accept. They want TLS 1.2 or later',
  },
};

/** @param store in capitals. */
export function toldProblem(store: string, problem: HandshakeProblem): string {
  const { code, text } = TOLD[problem];
  return `${store}_${code}: ${text}`;
}

/** In this order: an expired certificate may be an untrusted one, too. */
const SIGNS: readonly (readonly [RegExp, HandshakeProblem])[] = [
  [/CERT_HAS_EXPIRED|certificate has expired/i, 'expired'],
  [/CERT_NOT_YET_VALID|certificate is not yet valid/i, 'not-yet'],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate's altnames|hostname mismatch|not present in certificate|does not match the specified DN/i,
    'name',
  ],
  [
    /alert (certificate required|bad certificate|unknown ca|certificate unknown|certificate expired|certificate revoked|unsupported certificate|access denied)/i,
    'client-certificate',
  ],
  [
    /alert (protocol version|insufficient security)|unsupported protocol|no shared cipher|no ciphers available/i,
    'versions',
  ],
  // Servers of TLS 1.2 say so where they have got no certificate of the client, and for other reasons.
  [/alert handshake failure/i, 'refused'],
  [
    /wrong version number|packet length too long|unknown protocol|http request|record layer failure/i,
    'no-tls',
  ],
  [
    /SELF_SIGNED|self[- ]signed certificate|unable to (get|verify)|UNABLE_TO_|INVALID_CA|invalid ca certificate|PATH_LENGTH_EXCEEDED|CERT_REVOKED|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|certificate signature failure|CERT_REJECTED|unsuitable certificate|INVALID_PURPOSE|ca md too weak|ee key too small|certificate verify failed/i,
    'untrusted',
  ],
];

/** Null for what may be an outage. */
export function problemOf(error: unknown): HandshakeProblem | null {
  if (!(error instanceof Error)) return null;
  const { code = '', reason = '' } = error as Error & { code?: string; reason?: string };
  const said = `${code} ${reason} ${error.message}`;
  return SIGNS.find(([sign]) => sign.test(said))?.[1] ?? null;
}
