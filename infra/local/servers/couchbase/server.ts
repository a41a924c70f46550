/** Serves a cluster of one node over TCP. */
import { createServer, type Server, type Socket } from 'node:net';
import { BadFrame, encodeResponse, FrameReader } from './frame.ts';
import { type Cluster, Session } from './session.ts';

/** Listens on the loopback interface; port 0 takes any free one. */
export async function serve(cluster: (kv: number) => Cluster, port: number): Promise<Server> {
  let known: Cluster | null = null;
  const server = createServer({ noDelay: true }, (socket) => {
    if (known === null) socket.destroy();
    else attend(socket, known);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no TCP port');
  known = cluster(address.port);
  return server;
}

/** A client that sends no frames loses its connection, and nobody else theirs. */
function attend(socket: Socket, cluster: Cluster): void {
  const reader = new FrameReader();
  const session = new Session(cluster);
  socket.on('data', (chunk) => {
    try {
      for (const request of reader.read(chunk))
        socket.write(encodeResponse(request, session.answer(request)));
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error;
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
}
