import type { Server as HttpServer } from 'node:http';
import type { Server } from 'node:net';

/** Listens on the loopback interface; port 0 takes any free one. */
export async function listening<S extends Server>(server: S, port: number): Promise<S> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

/** Stops listening, and ends whatever still talks. */
export function shut(server: HttpServer): void {
  server.close();
  server.closeAllConnections();
}

/** The port that a listening server got. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no TCP port');
  return address.port;
}
