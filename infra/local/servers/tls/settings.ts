/** How an embedded server speaks TLS, on a port of its own beside the one without. */
import type { Socket } from 'node:net';
import { createServer, type Server, TLSSocket, type TlsOptions } from 'node:tls';
import type { Identity } from './authority.ts';

export interface TlsSettings extends Identity {
  /** 0 or none: any free port. */
  readonly port?: number;
  /** Whose certificates clients may show, as PEM; none is asked for if not given. */
  readonly clients?: string;
  /** Whether clients must show one. */
  readonly mustShow?: boolean;
}

export function optionsOf({ certificate, key, clients, mustShow = false }: TlsSettings): TlsOptions {
  return {
    ...{ cert: certificate, key },
    ...(clients === undefined ? {} : { ca: clients, requestCert: true, rejectUnauthorized: mustShow }),
  };
}

export function tlsServer(settings: TlsSettings): Server {
  const server = createServer({ ...optionsOf(settings), noDelay: true });
  // A client that speaks no TLS, or refuses the certificate, is no matter of the others.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

/** Whom the certificate names that the client has shown; null where it has shown none that is valid. */
export function userOf(socket: Socket): string | null {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name : null;
}
