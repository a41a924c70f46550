/** `npm start` as a new user meets it: what it prints can be pasted, Ctrl-C stops it, and a folder keeps everything. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

const MAIN = fileURLToPath(new URL('../../../infra/local/main.ts', import.meta.url));
const CONFIG = fileURLToPath(new URL('../../shop.config.ts', import.meta.url));

let folder: string;
const children: ChildProcess[] = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade-'));
});
after(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly printed: string;
  readonly token: string;
  /** The printed curl lines. */
  readonly curls: readonly string[];
  readonly client: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
}

async function start(): Promise<Started> {
  const child = spawn(process.execPath, [MAIN, '--port', '0', '--data', folder, '--config', CONFIG], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let printed = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  while (!printed.includes('npx crossfade explain')) {
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), once(child, 'exit')]);
    assert.equal(child.exitCode, null, printed);
  }
  const exported = (name: string) => new RegExp(`${name}=(\\S+)`).exec(printed)?.[1] ?? '';
  return {
    ...{ child, printed, token: exported('TOKEN'), curls: printed.match(/curl .*/g) ?? [] },
    client: {
      endpoint: exported('AWS_ENDPOINT_URL'),
      region: exported('AWS_REGION'),
      credentials: {
        accessKeyId: exported('AWS_ACCESS_KEY_ID'),
        secretAccessKey: exported('AWS_SECRET_ACCESS_KEY'),
      },
    },
  };
}

async function stop({ child }: Started): Promise<void> {
  child.kill('SIGINT');
  if (child.exitCode === null) await once(child, 'exit');
  assert.equal(child.exitCode, 0);
}

/** Does what a printed line does: the few options that are printed. */
async function paste(line: string, token: string): Promise<Response> {
  const url = /"(http[^"]+)"$/.exec(line)?.[1] ?? '';
  const method = / -X (\S+)/.exec(line)?.[1] ?? 'GET';
  const body = / -d '([^']*)'/.exec(line)?.[1];
  const headers = [...line.matchAll(/ -H "([^:]+): ([^"]*)"/g)].map(
    ([, name = '', value = '']) => [name, value.replace('$TOKEN', token)] as const,
  );
  return fetch(url, {
    method,
    headers: Object.fromEntries(headers),
    ...(body === undefined ? {} : { body }),
  });
}

test('the printed lines work one after the other, and the next start goes on from there', async () => {
  const first = await start();
  const statuses: number[] = [];
  for (const line of first.curls) statuses.push((await paste(line, first.token)).status);
  assert.deepEqual(statuses, [200, 204, 204, 204]);
  const ssm = new SSMClient(first.client);
  // The controller sees it, and takes the phase there.
  await ssm.send(
    new PutParameterCommand({ Name: '/crossfade/oracle-writes', Value: 'true', Overwrite: true }),
  );
  // It may obey the phase before for as long as its cache is fresh.
  const expanded = async () => {
    const response = await paste(first.curls[1] ?? '', first.token);
    return response.headers.get('crossfade-phase');
  };
  while ((await expanded()) !== 'expand') await new Promise((resolve) => setTimeout(resolve, 100));
  await stop(first);

  const second = await start();
  assert.match(second.printed, /orders +in phase expand/);
  assert.match(second.printed, /paste the lines below again/);
  const kept = await paste(second.curls[0]?.replace('orders-7', 'mine') ?? '', second.token);
  assert.deepEqual([kept.status, kept.headers.get('crossfade-phase')], [200, 'expand']);
  assert.equal(await kept.text(), '{"total":12.50}');
  const sqs = new SQSClient(second.client);
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const QueueUrl = QueueUrls.find((url) => url.includes('ReceiptsQueue'));
  assert.ok(QueueUrl?.startsWith(second.client.endpoint), QueueUrl);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  assert.ok(
    Number(Attributes?.ApproximateNumberOfMessagesDelayed) > 0,
    'the receipt of before is still on its way',
  );
  await stop(second);
});

test('a wrong option says what is right', async () => {
  const child = spawn(process.execPath, [MAIN, '--port', 'x'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [said] = (await once(child.stderr as NodeJS.ReadableStream, 'data')) as [Buffer];
  assert.match(said.toString(), /--port x is no port: 0 to 65535/);
  if (child.exitCode === null) await once(child, 'exit');
  assert.equal(child.exitCode, 2);
});
