/** Why a connection to Couchbase cannot come to be, where the driver takes it for an outage. */
import type { HandshakeProblem } from '../handshake.ts';
import { type Endpoint, type Finding, type Greeting, probePlain, probeTls } from '../tls_probe.ts';
import { encryptionOf, endpointsOf, isOfCloud } from './address.ts';
import type { CouchbaseLogin } from './login.ts';

/** NOOP, which every data service answers, also before a login. (kv_engine, "BinaryProtocol".) */
const MEMCACHED: Greeting = {
  hello: Buffer.concat([Buffer.from([0x80, 0x0a]), Buffer.alloc(22)]),
  isAnswer: (bytes) => bytes[0] === 0x81,
};

/**
 * Null where nothing is known to be wrong. Never rejects.
 * @param after milliseconds before anything is asked: none is where the connection is open before that.
 */
export async function problemWith(
  login: CouchbaseLogin & { readonly connectTimeout: number },
  after: number,
  opening: Promise<unknown>,
): Promise<HandshakeProblem | null> {
  if (after > 0 && (await isOpenWithin(opening, after))) return null;
  return new Promise((resolve) => {
    // A name server may be silent, too.
    const late = setTimeout(() => resolve(null), login.connectTimeout);
    verdictOn(login).then((problem) => {
      clearTimeout(late);
      resolve(problem);
    });
  });
}

async function verdictOn(
  login: CouchbaseLogin & { readonly connectTimeout: number },
): Promise<HandshakeProblem | null> {
  const endpoints = await endpointsOf(login.connectionString);
  const findings = endpoints.map((endpoint) => lookAt(endpoint, login));
  // One node that is as it should be is enough to begin with.
  return new Promise((resolve) => {
    for (const finding of findings) finding.then((found) => found.kind === 'well' && resolve(null));
    Promise.all(findings).then((all) =>
      resolve(all.find((each) => each.kind === 'problem')?.problem ?? null),
    );
  });
}

async function lookAt(
  endpoint: Endpoint,
  login: CouchbaseLogin & { readonly connectTimeout: number },
): Promise<Finding> {
  const { connectionString, connectTimeout, ca, clientCertificate: certificate, clientKey: key } = login;
  const { encrypted, verified } = encryptionOf(login);
  if (!encrypted) return probePlain(endpoint, connectTimeout / 2);
  const found = await probeTls(endpoint, { ca, certificate, key }, MEMCACHED, connectTimeout / 2);
  if (found.kind !== 'problem') return found;
  // Node does not know the authority of this cloud, which the driver does.
  const unsure = found.problem === 'untrusted' && ca === undefined && isOfCloud(connectionString);
  const unwanted = !verified && found.problem !== 'no-tls' && found.problem !== 'client-certificate';
  return unsure || unwanted ? { kind: 'silent' } : found;
}

function isOpenWithin(opening: Promise<unknown>, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), milliseconds);
    opening.then(
      () => {
        clearTimeout(timer);
        resolve(true);
      },
      () => {},
    );
  });
}
