/** The process of the embedded Oracle server. Its settings come from its parent; it prints its port. */
import { createServer, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { listening, portOf } from '../../listen.ts';
import { givenSettings, takeOrders } from '../orders.ts';
import { tlsServer } from '../tls/settings.ts';
import { Accounts } from './accounts.ts';
import { clock } from './clock.ts';
import { Connection } from './connection.ts';
import { Door } from './door.ts';
import type { EngineSession } from './engine.ts';
import { Faults } from './faults.ts';
import { Grants } from './grants.ts';
import { type Triggers, triggersIn } from './identity.ts';
import { pglite } from './pglite.ts';
import { postgres } from './postgres.ts';
import { RELEASES, type ReleaseName } from './releases.ts';
import { RestorePoint } from './restore_point.ts';
import { Sessions } from './sessions.ts';
import { jsonFunctions } from './sql/json.ts';
import type { Order, Settings } from './start.ts';
import { setView, versionView } from './views.ts';

const settings = givenSettings<Settings>();
const faults = new Faults();
const engine = settings.concurrent === true ? await postgres() : await pglite(settings.directory);
let release = RELEASES[settings.release ?? '19c'];
await become(release.name);
const accounts = new Accounts(settings.users, settings.failedLoginAttempts);
const grants = settings.grants === true ? new Grants(Object.keys(settings.users)) : null;
if (grants !== null) await inSession((session) => grants.load(session));
const triggers: Triggers = { any: false };
if (settings.directory !== undefined)
  await inSession(async (session) => {
    triggers.any = await triggersIn(session);
  });
const server = await listening(createServer({ noDelay: true }), settings.port ?? 0);
const [door, restorePoint, sessions] = [new Door(), new RestorePoint(engine), new Sessions()];
const served = {
  ...{ accounts, service: settings.service, engine, faults, grants, sessions, triggers },
  release: () => release,
  isUp: () => door.isOpen,
};
const serve = (socket: Socket) => door.enter(new Connection(socket, served));
server.on('connection', serve);
const { tls } = settings;
const secure = tls === undefined ? null : await listening(tlsServer(tls), tls.port ?? 0);
secure?.on('secureConnection', serve);
const [port, tlsPort] = [portOf(server), secure && portOf(secure)];
const again = { port, ...(tls && { tls: { ...tls, port: tlsPort } }) };
takeOrders({ port, tlsPort, again }, obey, async () => {
  await engine.close();
  // An exit in order would take half a second of processor time, and as much memory again, to give WebAssembly's memory back.
  process.kill(process.pid, 'SIGKILL');
});

function obey(order: Order): unknown {
  switch (order.kind) {
    case 'fault':
      return faults.order(order.fault);
    case 'calm':
      return faults.clear();
    case 'struck':
      return faults.takeStruck(order.name);
    case 'restorePoint':
      return restorePoint.take();
    case 'fallBack':
      return fallBack(order);
    case 'view':
      return inSession((session) => setView(session, order.name, order.rows));
    case 'clock':
      return inSession((session) => runAll(session, clock(order.milliseconds)));
    case 'release':
      return become(order.name);
    case 'password':
      return accounts.change(order.user, order.password, order.rollover);
    case 'allow':
      return sessions.allow(order.user, order.privileges);
    case 'refused':
      return grants?.takeRefused() ?? [];
    case 'unlock':
      return accounts.unlock(order.user);
  }
}

async function inSession(act: (session: EngineSession) => Promise<void>): Promise<void> {
  const session = await engine.session();
  try {
    await act(session);
  } finally {
    await session.close();
  }
}

/** Sessions that are open go on as before, but for what `IS JSON` accepts. */
async function become(name: ReleaseName): Promise<void> {
  release = RELEASES[name];
  const statements = [...jsonFunctions(release.compatible), versionView(release)];
  await inSession((session) => runAll(session, statements));
}

async function runAll(session: EngineSession, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await session.run(statement, []);
}

async function fallBack({ resetLogs, away }: Extract<Order, { kind: 'fallBack' }>): Promise<void> {
  await door.shut();
  try {
    await restorePoint.return(resetLogs);
    await setTimeout(away);
  } finally {
    door.open();
  }
}
