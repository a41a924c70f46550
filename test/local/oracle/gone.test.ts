/** Clients of the embedded Oracle that go away, or never say anything. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import oracledb from 'oracledb';
import { listening, portOf } from '../../../infra/local/listen.ts';
import { Accounts } from '../../../infra/local/servers/oracle/accounts.ts';
import { Connection } from '../../../infra/local/servers/oracle/connection.ts';
import type { EngineSession, Result } from '../../../infra/local/servers/oracle/engine.ts';
import { Faults } from '../../../infra/local/servers/oracle/faults.ts';
import { CANCELLED, type OraError } from '../../../infra/local/servers/oracle/ora.ts';
import { Turns } from '../../../infra/local/servers/oracle/turns.ts';

test('callers that have gone take no turn: the next one comes after the one that runs', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const release = await turns.take().come;
  const gone = Array.from({ length: 5 }, () => turns.take());
  const outcomes = gone.map(({ come }) =>
    come.then(
      () => order.push('gone'),
      (error: OraError) => error,
    ),
  );
  const next = turns.take().come.then((done) => {
    order.push('next');
    done();
  });
  const last = turns.take().come.then((done) => {
    order.push('last');
    done();
  });
  for (const turn of gone) turn.leave();
  assert.deepEqual(await Promise.all(outcomes), Array(5).fill(CANCELLED));
  assert.deepEqual(order, []);
  release();
  await Promise.all([next, last]);
  assert.deepEqual(order, ['next', 'last']);
});

test('a caller that leaves once its turn has come still has to end it', async () => {
  const turns = new Turns();
  const first = turns.take();
  const release = await first.come;
  first.leave();
  let came = false;
  const second = turns.take().come.then(() => {
    came = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(came, false);
  release();
  await second;
});

/** A server in this process, whose engine begins statements and ends none but those that are cancelled. */
let server: Server;
let [begun, cancelled, closed] = [promise(), promise(), promise()];
const sockets: Socket[] = [];

function promise() {
  return Promise.withResolvers<void>();
}

function hanging(): EngineSession {
  const running = Promise.withResolvers<Result>();
  return {
    run: () => {
      begun.resolve();
      return running.promise;
    },
    begin: async () => {},
    commit: async () => {},
    rollback: async () => {},
    cancel: () => {
      cancelled.resolve();
      running.reject(CANCELLED);
    },
    close: async () => closed.resolve(),
  };
}

/** @param inbound milliseconds for a client to log in. */
async function serving(inbound?: number): Promise<Server> {
  const listener = await listening(createServer(), 0);
  listener.on('connection', (socket) => {
    sockets.push(socket);
    const engine = { session: async () => hanging(), close: async () => {} };
    const accounts = new Accounts({ app: 'secret' });
    const faults = new Faults();
    const served = { accounts, service: 'orders', engine, faults, isUp: () => true };
    new Connection(socket, { ...served, ...(inbound && { inbound }) });
  });
  return listener;
}

const LIMIT = { timeout: 20_000 };

before(async () => {
  server = await serving();
});
after(() => {
  server.close();
  for (const socket of sockets) socket.destroy();
});

const loggedIn = () =>
  oracledb.getConnection({
    user: 'app',
    password: 'secret',
    connectString: `127.0.0.1:${portOf(server)}/orders`,
  });

test('a statement whose client has gone is cancelled, and the session ends', LIMIT, async () => {
  [begun, cancelled, closed] = [promise(), promise(), promise()];
  const client = await loggedIn();
  const asked = client.execute('SELECT dummy FROM dual');
  await begun.promise;
  sockets.at(-1)?.destroy();
  await assert.rejects(asked, { code: 'NJS-500' });
  await cancelled.promise;
  await closed.promise;
});

test(
  'a client that does not log in loses its connection, whether it is silent or speaks TLS',
  LIMIT,
  async () => {
    const hello = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]);
    const strict = await serving(50);
    for (const words of [Buffer.alloc(0), hello]) {
      const socket = connect(portOf(strict), '127.0.0.1');
      socket.write(words);
      socket.resume();
      await once(socket, 'close');
    }
    strict.close();
  },
);

test('a client that has logged in may be silent', LIMIT, async () => {
  const client = await loggedIn();
  sockets.at(-1)?.emit('timeout');
  await client.ping();
  await client.close();
});
