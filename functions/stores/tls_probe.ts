/**
 * Asks a server whether it speaks TLS, and whether its certificate is the right one. For what a driver does not tell: some take a refused
 * certificate for an outage and try again until time is up, and a port that speaks another protocol looks like a broken one.
 */
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls } from 'node:tls';
import { type HandshakeProblem, problemOf } from './handshake.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Trust {
  /** PEM; Node's own certificate authorities if not given. */
  readonly ca?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

export interface Greeting {
  /** What a client says first. */
  readonly hello: Buffer;
  /** Whether the server's first bytes are an answer in its protocol. */
  readonly isAnswer: (bytes: Buffer) => boolean;
}

/** `well`: it has answered over TLS, and its certificate is right. `silent`: nothing can be told, it is away or slow. */
export type Finding =
  | { readonly kind: 'well' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'problem'; readonly problem: HandshakeProblem };

const SILENT: Finding = { kind: 'silent' };
const problem = (found: HandshakeProblem): Finding => ({ kind: 'problem', problem: found });

/**
 * With TLS. Never rejects.
 * @param milliseconds that it may take at most.
 */
export async function probeTls(
  endpoint: Endpoint,
  trust: Trust,
  greeting: Greeting,
  milliseconds: number,
): Promise<Finding> {
  const { host, port } = endpoint;
  const found = await ended(milliseconds, (settle) => {
    const socket = connectTls({
      ...{ host, port, cert: trust.certificate, key: trust.key },
      ...(trust.ca === undefined ? {} : { ca: trust.ca }),
      ...(isIP(host) === 0 ? { servername: host } : {}),
      // By the name that was asked for, also where that is an address.
      checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
    });
    // A server of TLS 1.3 refuses the client's certificate only after the handshake: it must be heard to answer.
    socket.once('secureConnect', () => socket.write(greeting.hello));
    socket.once('data', () => settle({ kind: 'well' }));
    socket.once('error', (error) => settle(foundBy(error)));
    socket.once('close', () => settle(SILENT));
    return socket;
  });
  if (found.kind === 'problem' && found.problem !== 'no-tls') return found;
  if (found.kind === 'well') return found;
  // A server that knows no TLS closes the connection, or answers in its own way, or waits for more.
  return (await answersPlainly(endpoint, greeting, milliseconds)) ? problem('no-tls') : SILENT;
}

/** Of a server that left a client without TLS unanswered: whether it speaks TLS alone. Never rejects. */
export async function probePlain(endpoint: Endpoint, milliseconds: number): Promise<Finding> {
  const { host, port } = endpoint;
  return ended(milliseconds, (settle) => {
    const socket = connectTls({ host, port, rejectUnauthorized: false });
    socket.once('secureConnect', () => settle(problem('tls-wanted')));
    // Only a server of TLS sends an alert.
    socket.once('error', (error) => settle(isAlert(error) ? problem('tls-wanted') : SILENT));
    socket.once('close', () => settle(SILENT));
    return socket;
  });
}

async function answersPlainly(
  endpoint: Endpoint,
  greeting: Greeting,
  milliseconds: number,
): Promise<boolean> {
  const found = await ended(milliseconds, (settle) => {
    const socket = connectPlain(endpoint, () => socket.write(greeting.hello));
    socket.once('data', (bytes) => settle(greeting.isAnswer(bytes) ? { kind: 'well' } : SILENT));
    socket.once('error', () => settle(SILENT));
    socket.once('close', () => settle(SILENT));
    return socket;
  });
  return found.kind === 'well';
}

function foundBy(error: Error): Finding {
  const found = problemOf(error);
  return found === null ? SILENT : problem(found);
}

function isAlert(error: Error): boolean {
  return /alert/i.test(`${(error as NodeJS.ErrnoException).code} ${error.message}`);
}

function ended(milliseconds: number, begin: (settle: (found: Finding) => void) => Socket): Promise<Finding> {
  return new Promise((resolve) => {
    let socket: Socket | null = null;
    const settle = (found: Finding) => {
      clearTimeout(late);
      resolve(found);
      socket
        ?.removeAllListeners()
        .on('error', () => {})
        .destroy();
    };
    const late = setTimeout(() => settle(SILENT), milliseconds);
    try {
      socket = begin(settle);
    } catch {
      // Node throws for a port that is none, and for a key or a certificate that it cannot use.
      settle(SILENT);
    }
  });
}
