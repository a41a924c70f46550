/** A port of TLS behind which there is no store. */
import type { Server } from 'node:net';
import { listening } from '../../infra/local/listen.ts';
import { type TlsSettings, tlsServer } from '../../infra/local/servers/tls/settings.ts';

/** It closes each connection at the first bytes that come through the handshake. */
export async function shutPort(settings: TlsSettings): Promise<Server> {
  const listener = await listening(tlsServer(settings), 0);
  return listener.on('secureConnection', (socket) =>
    socket.once('data', () => socket.destroy()).on('error', () => {}),
  );
}
