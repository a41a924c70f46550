import { after, before } from 'node:test';
import { type Running, startOracle } from '../../../infra/local/servers/oracle/start.ts';
import { grants } from '../../local/oracle/grants.ts';

let server: Running;
before(async () => {
  const users = { embedded: 'secret', guest: 'secret', app: 'secret', worker: 'secret', chief: 'secret' };
  server = await startOracle({ service: 'orders', users, grants: true });
});
after(() => server.stop());

grants(() => server);
