import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import oracledb from 'oracledb';
import { startOracle } from '../../../infra/local/servers/oracle/start.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade-'));
});
after(() => rm(folder, { recursive: true }));

for (const how of ['stop', 'kill'] as const)
  test(`a server that keeps a directory loses nothing that was committed over a ${how} and a restart`, async () => {
    const open = async () => {
      const directory = join(folder, how);
      const server = await startOracle({ service: 'orders', users: { app: 'secret' }, directory });
      const { connectString } = server;
      return {
        server,
        connection: await oracledb.getConnection({ user: 'app', password: 'secret', connectString }),
      };
    };
    const first = await open();
    await first.connection.execute('CREATE TABLE kept (k VARCHAR2(9 BYTE) PRIMARY KEY)');
    await first.connection.execute("INSERT INTO kept (k) VALUES ('kept')", [], { autoCommit: true });
    await first.connection.execute("INSERT INTO kept (k) VALUES ('lost')");
    if (how === 'stop') await first.connection.close();
    await first.server[how]();
    const second = await open();
    const { rows } = await second.connection.execute('SELECT k FROM kept');
    assert.deepEqual(rows, [['kept']]);
    // It has one session at work at a time: a row that one of them keeps locked would stop all others.
    const lock = 'SELECT k FROM kept FOR UPDATE';
    await assert.rejects(second.connection.execute(lock), { errorNum: 3001 });
    assert.deepEqual((await second.connection.execute(`${lock} SKIP LOCKED`)).rows, [['kept']]);
    await second.connection.close();
    await second.server.stop();
  });
