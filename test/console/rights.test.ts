/** `npx crossfade rights`: whether the old service's user can still write. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Command } from 'commander';
import { connect } from 'couchbase';
import { addRights } from '../../infra/console/rights.ts';
import { BadCommand } from '../../infra/console/service.ts';
import type { Terminal } from '../../infra/console/terminal.ts';
import { type Running, startCouchbase } from '../../infra/local/servers/couchbase/start.ts';
import { checkSettings } from '../../infra/settings.ts';
import config from '../shop.config.ts';

let server: Running;
before(async () => {
  server = await startCouchbase({
    users: { old: 'secret', app: 'other' },
    buckets: { shop: { sales: ['orders', 'carts'] } },
  });
});
afterEach(() => server.calm());
after(() => server.stop());

const reading = [{ role: 'data_reader', bucket_name: '*' }];

async function rights(collection: string, password = 'secret'): Promise<readonly [boolean, string]> {
  const shown: [boolean, string][] = [];
  const terminal = {
    show: (_: unknown, lines: readonly string[], well: boolean) => void shown.push([well, lines.join('\n')]),
  } as unknown as Terminal;
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addRights(
    program,
    () => terminal,
    async () => checkSettings(config, 'test'),
  );
  for (const command of program.commands) command.exitOverride();
  const login = {
    ...{ COUCHBASE_CONNECTION_STRING: server.connectionString, COUCHBASE_USERNAME: 'old' },
    COUCHBASE_PASSWORD: password,
  };
  Object.assign(process.env, login);
  try {
    await program.parseAsync(['rights', collection], { from: 'user' });
  } finally {
    for (const name of Object.keys(login)) delete process.env[name];
  }
  return shown[0] as [boolean, string];
}

test('a user who can write is told of, by what was tried and by its roles, and nothing is written', async () => {
  const [well, told] = await rights('orders');
  assert.equal(well, false);
  assert.match(told, /^MAY_WRITE {2}old can still write documents of orders by key/);
  assert.match(told, /\nMAY_WRITE {2}it has roles that can write: data_writer\. Take them away from old/);
});

test('one whose rights were taken away cannot, while others go on', async () => {
  await server.manage({ readers: ['old'], roles: reading });
  const [well, told] = await rights('orders');
  assert.ok(well, told);
  assert.match(told, /^ok {9}old cannot write documents of orders by key: a removal was refused\nok /);
  const cluster = await connect(server.connectionString, { username: 'app', password: 'other' });
  await cluster.bucket('shop').scope('sales').collection('orders').upsert('k', 1);
  await cluster.close();
});

test('a role by which SQL++ can write is one too; one of another collection is not', async () => {
  const role = (collection_name: string) => ({
    ...{ role: 'query_update', bucket_name: 'shop', scope_name: 'sales', collection_name },
  });
  await server.manage({ readers: ['old'], roles: [...reading, role('orders')] });
  assert.match((await rights('orders'))[1], /roles that can write: query_update/);
  assert.equal((await rights('carts'))[0], true);
});

test('roles that are not told are not known to be none', async () => {
  await server.manage({ readers: ['old'], refused: ['/whoami'] });
  const [well, told] = await rights('orders');
  assert.equal(well, false);
  assert.match(told, /UNKNOWN/);
});

test('what cannot be looked at is said', async () => {
  const program = new Command().exitOverride();
  addRights(
    program,
    () => ({}) as Terminal,
    async () => checkSettings(config, 'test'),
  );
  const asked = (name: string) => program.parseAsync(['rights', name], { from: 'user' });
  await assert.rejects(asked('nothing'), /no collection nothing: it is none of orders, carts/);
  await assert.rejects(
    asked('orders'),
    (error) => error instanceof BadCommand && /not set/.test(error.message),
  );
  await assert.rejects(rights('orders', 'wrong'), /the user name or the password was refused/);
});
