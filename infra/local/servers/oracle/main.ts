/** The process of the embedded Oracle server. Its settings come as JSON in its one argument; it prints its port. */
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { listening, portOf } from '../listen.ts';
import { Connection } from './connection.ts';
import { Faults } from './faults.ts';
import { pglite } from './pglite.ts';
import { postgres } from './postgres.ts';
import type { Order, Settings } from './start.ts';

const settings = JSON.parse(process.argv[2] ?? '') as Settings;
const faults = new Faults();
const engine = settings.concurrent === true ? await postgres() : await pglite(settings.directory);
const users = new Map(
  Object.entries(settings.users).map(([name, password]) => [name.toUpperCase(), password]),
);
const server = await listening(createServer({ noDelay: true }), settings.port ?? 0);
server.on('connection', (socket) => {
  new Connection(socket, { users, service: settings.service, engine, faults });
});
process.stdout.write(`${JSON.stringify({ port: portOf(server) })}\n`);
// The parent holds the other end of this pipe: it orders faults through it, and when it is gone, so is the reason to go on.
const orders = createInterface({ input: process.stdin });
orders.on('line', (line) => {
  const order = JSON.parse(line) as Order;
  if (order === null) faults.clear();
  else faults.order(order);
  process.stdout.write('done\n');
});
orders.on('close', async () => {
  await engine.close();
  process.exit(0);
});
