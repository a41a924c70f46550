/** One TCP connection: packets in, packets out, and the breaks that a client sends when it has waited long enough. */
import type { Socket } from 'node:net';
import type { Accounts } from './accounts.ts';
import { end } from './answer.ts';
import type { Engine } from './engine.ts';
import { type Action, errorOf, type Faults } from './faults.ts';
import type { Grants } from './grants.ts';
import type { Triggers } from './identity.ts';
import { accept, readConnect, refuse, serviceName } from './negotiate.ts';
import { CANCELLED, KILLED, type OraError } from './ora.ts';
import { BadPacket, dataPackets, HEADER, type Packet, PacketReader, packet } from './packet.ts';
import { BadMessage, Incomplete, Reader } from './reader.ts';
import { explained, type Release } from './releases.ts';
import { Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import { DATA_FLAG, MARKER, PACKET } from './wire.ts';
import { Writer } from './writer.ts';

export interface Served {
  readonly accounts: Accounts;
  readonly service: string;
  readonly engine: Engine;
  readonly faults: Faults;
  /** As it is now; a 19c if nothing is said. */
  readonly release?: () => Release;
  /** Those that are enforced; all users share one schema where there are none. */
  readonly grants?: Grants | null;
  /** None where sessions know nothing of each other. */
  readonly sessions?: Sessions;
  /** Whether there are triggers; none if nothing is said. */
  readonly triggers?: Triggers;
  /** Whether the service is up. */
  readonly isUp: () => boolean;
  /** Milliseconds of silence after which a client that has not logged in loses its connection. */
  readonly inbound?: number;
}

const NO_SUCH_SERVICE = 12514;
/** Milliseconds for a client to log in. (Oracle, sqlnet.ora: SQLNET.INBOUND_CONNECT_TIMEOUT; theirs is 60 s.) */
const INBOUND = 15_000;

export class Connection {
  readonly #socket: Socket;
  readonly #served: Served;
  readonly #reader = new PacketReader();
  #session: Session | null = null;
  #unit = 0;
  #message: Buffer[] = [];
  /** Whether the client says where a request ends; of others, a packet with room left is taken for the last one. */
  #marksEnds = false;
  /** Everything is done in the order in which it came. */
  #queue: Promise<void> = Promise.resolve();
  /** Counts breaks: what was asked before one is not answered after it. */
  #breaks = 0;
  #gone = false;
  #isKilled = false;
  readonly #left = Promise.withResolvers<void>();

  constructor(socket: Socket, served: Served) {
    this.#socket = socket;
    this.#served = served;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#leave());
    socket.setTimeout(served.inbound ?? INBOUND, () => {
      if (this.#session?.isLoggedIn !== true) socket.destroy();
    });
  }

  /** What nobody waits for any more takes no turn from anybody. */
  #leave(): void {
    this.#gone = true;
    this.#session?.cancel();
    this.#enqueue(async () => this.#session?.close());
    this.#queue.then(this.#left.resolve, this.#left.resolve);
  }

  /** Resolves once the client has gone, and nothing that it has asked for is at work any more. */
  get left(): Promise<void> {
    return this.#left.promise;
  }

  /** As `left`, and the connection breaks now. */
  cut(): Promise<void> {
    this.#socket.destroy();
    return this.left;
  }

  /** Another session ends this one: its connection breaks, or its next call is told. Resolves once nothing of its transaction is left. */
  async #end(disconnects: boolean): Promise<void> {
    this.#isKilled = true;
    if (disconnects) return this.cut();
    this.#session?.cancel();
    this.#enqueue(async () => this.#session?.rollback());
    await this.#queue;
  }

  /** A client that sends no packets loses its connection, and nobody else theirs. */
  #receive(chunk: Buffer): void {
    try {
      for (const received of this.#reader.read(chunk)) this.#packet(received);
    } catch (error) {
      if (!(error instanceof BadPacket) && !(error instanceof BadMessage)) throw error;
      this.#socket.destroy();
    }
  }

  #packet(received: Packet): void {
    if (received.type === PACKET.marker) this.#marker(received);
    else if (received.type === PACKET.connect) this.#connect(received);
    else if (received.type === PACKET.data) this.#data(received);
    else throw new BadPacket(`Nobody here expects a packet of type ${received.type}`);
  }

  #data({ body }: Packet): void {
    if (!this.#reader.largeLengths) {
      this.#admit(body.toString('latin1', 2));
      return;
    }
    const flags = body.readUInt16BE(0);
    if ((flags & DATA_FLAG.eof) !== 0) {
      this.#socket.end();
      return;
    }
    this.#message.push(body.subarray(2));
    const marked = (flags & DATA_FLAG.endOfRequest) !== 0;
    this.#marksEnds ||= marked;
    if (!marked && (this.#marksEnds || body.length + HEADER >= this.#unit)) return;
    const message = Buffer.concat(this.#message);
    const asked = this.#breaks;
    this.#message = [];
    this.#enqueue(() => this.#respond(message, asked));
  }

  #connect(received: Packet): void {
    const { descriptor, descriptorFollows, unit } = readConnect(received);
    this.#unit = unit;
    if (!descriptorFollows) this.#admit(descriptor);
  }

  #admit(descriptor: string): void {
    const isKnown = serviceName(descriptor).toUpperCase() === this.#served.service.toUpperCase();
    if (!isKnown || !this.#served.isUp()) {
      this.#socket.end(refuse(NO_SUCH_SERVICE));
      return;
    }
    this.#socket.write(accept(this.#unit));
    this.#reader.largeLengths = true;
    const { accounts, service, engine, release, grants = null, sessions, triggers } = this.#served;
    const own = sessions?.enter((disconnects) => this.#end(disconnects)) ?? null;
    this.#enqueue(async () => {
      this.#session = new Session(
        ...([accounts, service, await engine.session(), release?.(), grants, own, triggers] as const),
      );
    });
  }

  async #respond(message: Buffer, asked: number): Promise<void> {
    const session = this.#session;
    if (session === null) throw new BadMessage('Nothing can be asked before a service is');
    if (this.#gone || asked !== this.#breaks) return;
    if (this.#isKilled) {
      this.#socket.end(dataPackets(failure(KILLED), this.#unit));
      return;
    }
    const fault = this.#served.faults.on(() => session.about(new Reader(message, session.plain)));
    if (fault !== null) return this.#fail(fault, session, message, asked);
    this.#send(await session.answer(new Reader(message, session.plain)), asked);
  }

  async #fail(fault: Action, session: Session, message: Buffer, asked: number): Promise<void> {
    const perform = () => session.answer(new Reader(message, session.plain));
    switch (fault.kind) {
      case 'error':
        return this.#send(failure(explained(session.release, errorOf(fault)), session.inTransaction), asked);
      case 'delay': {
        const answer = await perform();
        setTimeout(() => this.#send(answer, asked), fault.milliseconds);
        return;
      }
      case 'blackHole':
        this.#socket.removeAllListeners('data').resume();
        return;
      case 'dropChange': {
        const answer = await perform();
        if (session.changed > 0) this.#socket.destroy();
        else this.#send(answer, asked);
        return;
      }
      case 'silence':
      case 'drop':
        if (fault.applied) await perform();
        if (fault.kind === 'drop') this.#socket.destroy();
    }
  }

  /**
   * 1. The client interrupts. 2. We break what it waits for. 3. It asks for a reset. 4. What it had asked has ended. 5. We undo
   * it, reset, and say why.
   */
  #marker({ body }: Packet): void {
    const kind = body.readUInt8(2);
    if (kind === MARKER.reset) {
      this.#enqueue(() => this.#reset());
      return;
    }
    this.#breaks++;
    this.#session?.cancel();
    this.#message = [];
    this.#socket.write(marker(MARKER.break));
  }

  async #reset(): Promise<void> {
    await this.#session?.undo();
    this.#socket.write(marker(MARKER.reset));
    this.#socket.write(dataPackets(failure(CANCELLED, this.#session?.inTransaction), this.#unit));
  }

  #send(answer: Buffer, asked: number): void {
    if (asked !== this.#breaks || answer.length === 0) return;
    this.#socket.write(dataPackets(answer, this.#unit));
    this.#session?.answered();
  }

  #enqueue(act: () => Promise<void>): void {
    this.#queue = this.#queue.then(act).catch((error: unknown) => {
      this.#socket.destroy();
      if (!(error instanceof BadMessage) && !(error instanceof Incomplete)) throw error;
    });
  }
}

function marker(kind: number): Buffer {
  return packet(PACKET.marker, Buffer.from([1, 0, kind]), true);
}

function failure(error: OraError, inTransaction = false): Buffer {
  const writer = new Writer();
  end(writer, { error, inTransaction });
  return writer.end();
}
