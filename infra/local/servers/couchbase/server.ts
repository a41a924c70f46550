/** Serves a cluster of one node over TCP. */
import type { Server, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { listening } from '../../listen.ts';
import { userOf } from '../tls/settings.ts';
import type { Action, Faults } from './faults.ts';
import { BadFrame, encodeResponse, FrameReader, type Request } from './frame.ts';
import { type Cluster, Session } from './session.ts';
import { OPCODE, type Status } from './wire.ts';

/** @param server that is not listening yet; one with TLS serves what has come through the handshake. */
export async function serve(
  cluster: Cluster,
  server: Server,
  port: number,
  faults: Faults,
): Promise<Serving> {
  const sockets = new Set<Socket>();
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    attend(socket, new Session(cluster, userOf(socket)), faults);
  });
  await listening(server, port);
  return { server, disconnect: () => sockets.forEach((socket) => void socket.destroy()) };
}

export interface Serving {
  readonly server: Server;
  /** All clients lose their connections. */
  disconnect(): void;
}

/** A client that sends no frames loses its connection, and nobody else theirs. */
function attend(socket: Socket, session: Session, faults: Faults): void {
  const reader = new FrameReader();
  socket.on('data', (chunk) => {
    try {
      for (const request of reader.read(chunk)) handle(socket, session, request, faults.on(request));
    } catch (error) {
      if (!(error instanceof BadFrame)) throw error;
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
}

function handle(socket: Socket, session: Session, request: Request, fault: Action | null): void {
  const answer = () => encodeResponse(request, session.answer(request));
  switch (fault?.kind) {
    case undefined:
      socket.write(answer());
      return;
    case 'status':
      if (fault.applied) session.answer(request);
      socket.write(encodeResponse(request, { status: fault.status as Status }));
      return;
    case 'blackHole':
      socket.removeAllListeners('data').resume();
      return;
    case 'silence':
      if (fault.applied) session.answer(request);
      return;
    case 'drop':
      if (fault.applied) session.answer(request);
      socket.destroy();
      return;
    case 'foreignWrite':
      session.answer(foreign(request, fault.body));
      socket.write(answer());
      return;
    case 'prepare': {
      const end = session.prepare(request);
      setTimeout(() => socket.write(encodeResponse(request, end(fault.commits))), fault.milliseconds);
      return;
    }
    case 'delay': {
      const late = answer();
      setTimeout(() => socket.write(late), fault.milliseconds);
    }
  }
}

/** What an app that writes past us would send for the same key. */
function foreign(request: Request, body: string | null): Request {
  const plain = { ...request, cas: 0n, datatype: 0, framing: { preserveExpiry: false, durability: null } };
  return body === null
    ? { ...plain, opcode: OPCODE.delete, extras: Buffer.alloc(0), value: Buffer.alloc(0) }
    : { ...plain, opcode: OPCODE.set, extras: Buffer.alloc(8), value: Buffer.from(body) };
}
