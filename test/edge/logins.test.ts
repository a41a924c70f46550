/** What is known of logins lies in parameters of SSM, by the version of the secret. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParameterAlreadyExists, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm';
import { gateOver } from '../../functions/edge/logins.ts';
import { LoginHeld } from '../../functions/stores/oracle/login.ts';
import { ParameterStore } from '../../infra/local/aws/parameters.ts';
import { clientOf } from './falling_world.ts';

const VERSION = 'e0b1/2:3';
const LOGIN = { connectString: 'db/orders', user: 'app', password: 'secret', version: VERSION };

/** SSM with what its SDK throws. */
function world() {
  const parameters = new ParameterStore(null, Date.now);
  const { send } = clientOf(parameters) as unknown as { send(command: object): Promise<unknown> };
  const kinds = { ParameterAlreadyExists, ParameterNotFound };
  const client = {
    send: (command: object) =>
      send(command).catch((error: { type: keyof typeof kinds; message: string }) => {
        const Kind = kinds[error.type];
        throw Kind === undefined ? error : new Kind({ message: error.message, $metadata: {} });
      }),
  } as unknown as SSMClient;
  const said: string[] = [];
  const logger = { warn: (message: string) => said.push(message) } as never;
  const gate = () => gateOver({ parameters: client, prefix: '/x', logger, now: Date.now }, async () => LOGIN);
  const read = () =>
    (
      parameters.call('GetParametersByPath', { Path: '/x/oracle-logins', Recursive: true }, 'test') as {
        Parameters: { Name: string; Value: string }[];
      }
    ).Parameters.map(({ Name, Value }) => `${Name} ${Value}`);
  const put = (number: number, Value: string, ago = 0) => {
    const Name = `/x/oracle-logins/e0b1-2-3/${number}`;
    parameters.callAt(Date.now() - ago, 'PutParameter', { Name, Value, Overwrite: true }, 'test');
  };
  return { gate, read, put, said };
}

test('a login is claimed, accepted, and free for all after that', async () => {
  const { gate, read, said } = world();
  const tried = await gate().admit(VERSION);
  assert.deepEqual(read(), ['/x/oracle-logins/e0b1-2-3/1 trying']);
  await tried.accepted();
  assert.deepEqual(read(), ['/x/oracle-logins/e0b1-2-3/1 accepted']);
  await (await gate().admit(VERSION)).accepted();
  assert.deepEqual([await gate().login(), read().length, said], [LOGIN, 1, []]);
});

test('one that Oracle did not answer leaves nothing behind, and one that it refused holds all others', async () => {
  const { gate, read, said } = world();
  await (await gate().admit(VERSION)).unanswered();
  assert.deepEqual(read(), []);
  const tried = await gate().admit(VERSION);
  await tried.refused();
  await assert.rejects(gate().admit(VERSION), LoginHeld);
  // Long after a container was taken for dead, its claim may be gone.
  await tried.unanswered();
  await tried.unanswered();
  assert.deepEqual([read(), said], [[], []]);
});

test('after a refusal the next try has a parameter of its own, and what no function writes counts as one', async () => {
  const { gate, read, put } = world();
  put(1, 'accepted');
  put(2, 'as it may be', 150_000);
  put(4, 'accepted');
  await (await gate().admit(VERSION)).refused();
  assert.deepEqual(read().sort(), [
    '/x/oracle-logins/e0b1-2-3/1 accepted',
    '/x/oracle-logins/e0b1-2-3/2 as it may be',
    '/x/oracle-logins/e0b1-2-3/3 refused',
    '/x/oracle-logins/e0b1-2-3/4 accepted',
  ]);
});

test('a login that is refused holds those of its own secret, and not those of the functions with another one', async () => {
  const { gate, read } = world();
  await (await gate().admit(VERSION)).refused();
  await assert.rejects(gate().admit(VERSION), LoginHeld);
  // Versions of two secrets are never the same.
  await (await gate().admit('of-another-secret')).accepted();
  assert.deepEqual(read(), [
    '/x/oracle-logins/e0b1-2-3/1 refused',
    '/x/oracle-logins/of-another-secret/1 accepted',
  ]);
});
