/** Serves a cluster of one node over TCP. */
import { createServer, type Server, type Socket } from 'node:net';
import { BadFrame, encodeResponse, FrameReader } from './frame.ts';
import { listening, portOf } from './listen.ts';
import { type Cluster, Session } from './session.ts';

/** @param cluster what to serve, once the port is known: it stands in the cluster map. */
export async function serve(cluster: (kv: number) => Cluster, port: number): Promise<Server> {
  const server = await listening(createServer({ noDelay: true }), port);
  const known = cluster(portOf(server));
  server.on('connection', (socket) => attend(socket, known));
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
