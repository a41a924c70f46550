/** `npx crossfade eventing` and `connector`: what they print can be deployed, and sends what it should. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { Command } from 'commander';
import { addEventing } from '../../infra/console/eventing/command.ts';
import { addConnector } from '../../infra/console/kafka/command.ts';
import { BadCommand } from '../../infra/console/service.ts';
import type { Terminal } from '../../infra/console/terminal.ts';
import { requireCode } from '../../infra/local/servers/couchbase/eventing/code.ts';
import { definitionIn } from '../../infra/local/servers/couchbase/eventing/definition.ts';
import { checkSettings } from '../../infra/settings.ts';
import { KAFKA } from '../judges/variants.ts';
import config from '../shop.config.ts';

async function printed(...given: string[]): Promise<{ readonly out: string; readonly error: string }> {
  const all = { out: '', error: '' };
  const [out, error] = [process.stdout.write, process.stderr.write];
  const program = new Command()
    .exitOverride()
    .option('--url <url>')
    .configureOutput({ writeErr: () => {} });
  addEventing(
    program,
    () => ({}) as Terminal,
    async () => checkSettings(config, 'test'),
  );
  addConnector(
    program,
    () => ({}) as Terminal,
    async () => checkSettings(KAFKA, 'test'),
  );
  for (const command of program.commands) command.exitOverride();
  process.stdout.write = (text) => {
    all.out += text;
    return true;
  };
  process.stderr.write = (text) => {
    all.error += text;
    return true;
  };
  try {
    await program.parseAsync(given, { from: 'user' });
  } finally {
    Object.assign(process.stdout, { write: out });
    Object.assign(process.stderr, { write: error });
  }
  return all;
}

const GOOD = ['--url', 'https://api.example/', 'eventing', 'orders', '--metadata', 'shop.eventing.metadata'];

test('it prints a function that the documented schema takes, from now on, with no token in it', async () => {
  const { out, error } = await printed(...GOOD);
  const { appcode, appname, depcfg, settings } = definitionIn(JSON.parse(out));
  requireCode(appcode, ['crossfade']);
  assert.equal(appname, 'crossfade-orders');
  assert.deepEqual(
    depcfg.curl.map(({ hostname, bearer_key }) => [hostname, bearer_key]),
    [['https://api.example/v1/collections/orders/changes', '']],
  );
  assert.equal(
    `${depcfg.source_bucket}.${depcfg.source_scope}.${depcfg.source_collection}`,
    'shop.sales.orders',
  );
  assert.equal(settings.dcp_stream_boundary, 'from_now');
  assert.match(error, /^FEED_OFF: .*collections\.orders\.feed/);
});

test('what cannot be printed is refused, with what to do', async () => {
  const refuse = (given: string[], message: RegExp) =>
    assert.rejects(printed(...given), (error) => error instanceof BadCommand && message.test(error.message));
  await refuse(['eventing', 'orders', '--metadata', 'a.b.c'], /Where is the API\?/);
  await refuse(
    [...GOOD.slice(0, 3), 'nothing', ...GOOD.slice(4)],
    /no collection nothing: it is none of orders/,
  );
  await refuse([...GOOD.slice(0, 5), 'meta'], /must be BUCKET\.SCOPE\.COLLECTION/);
  await refuse([...GOOD.slice(0, 5), 'shop.sales.orders'], /that is the collection itself/);
});

test('it leaves out what Crossfade has written, tells the rest by key and CAS alone, and gives up after three answers that are none', async () => {
  const { appcode } = definitionIn(JSON.parse((await printed(...GOOD)).out));
  const sent: string[] = [];
  let status = 202;
  const curl = (_method: string, _binding: unknown, { body }: { body: unknown }) => {
    sent.push(JSON.stringify(body));
    if (status === 0) throw new Error('curl');
    return { status };
  };
  const context = createContext({ curl, crossfade: {} });
  runInContext(appcode, context);
  const call = (text: string) => runInContext(text, context);
  const meta = (cas: string) => JSON.stringify({ id: 'k', cas, expiration: 0 });
  // 1700000000000000000 is 0x1797a1e7dc5a0000.
  const own = JSON.stringify({ crossfade: { cas: '0x00005adce7a19717' } });
  const mine = String(BigInt('0x1797a1e7dc5a0000'));
  call(`OnUpdate({"secret":1}, ${meta(mine)}, ${own})`);
  assert.deepEqual(sent, [], 'its own');
  // Somebody has written since: the attribute is still there, and outdated.
  call(`OnUpdate({"secret":1}, ${meta('17')}, ${own})`);
  call(`OnUpdate({"secret":1}, ${meta(mine)})`);
  call(`OnDelete(${meta('18')}, {})`);
  assert.deepEqual(sent.splice(0), [
    '{"changes":[{"key":"k","cas":"17","expires":0}]}',
    `{"changes":[{"key":"k","cas":"${mine}","expires":0}]}`,
    '{"changes":[{"key":"k","cas":"18","deleted":true}]}',
  ]);
  for (const [answer, times] of [
    [503, 3],
    [0, 3],
    [429, 3],
    [401, 1],
  ] as const) {
    status = answer;
    assert.throws(() => call(`OnDelete(${meta('18')})`), /CROSSFADE_CHANGE_NOT_SENT/);
    assert.equal(sent.splice(0).length, times, String(answer));
  }
});

test('it prints a connector without content and without a password, of the collection alone, from now on', async () => {
  const { name, config } = JSON.parse((await printed('connector', 'orders', '--nodes', 'cb1,cb2:11207')).out);
  assert.equal(name, 'crossfade-orders');
  assert.deepEqual(config, {
    'connector.class': 'com.couchbase.connect.kafka.CouchbaseSourceConnector',
    'tasks.max': '2',
    'couchbase.seed.nodes': 'cb1,cb2:11207',
    ...{ 'couchbase.username': '', 'couchbase.password': '' },
    ...{ 'couchbase.bucket': 'shop', 'couchbase.collections': 'sales.orders' },
    'couchbase.topic': 'crossfade.orders',
    'couchbase.source.handler': 'com.couchbase.connect.kafka.handler.source.RawJsonWithMetadataSourceHandler',
    'couchbase.no.value': 'true',
    'couchbase.stream.from': 'SAVED_OFFSET_OR_NOW',
    'couchbase.initial.offset.topic': 'crossfade.orders',
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
  });
  const keys = JSON.parse((await printed('connector', 'carts', '--nodes', 'cb1')).out);
  assert.match(keys.config['couchbase.source.handler'], /\.RawJsonSourceHandler$/);
});

test('what has no topic, no node or no name is refused, with what to do', async () => {
  const refuse = (given: string[], message: RegExp) =>
    assert.rejects(printed(...given), (error) => error instanceof BadCommand && message.test(error.message));
  await refuse(['connector', 'nothing', '--nodes', 'a'], /no collection nothing: it is none of orders/);
  await refuse(
    ['connector', 'books', '--nodes', 'a'],
    /books has no topic: set collections\.books\.feed\.kafka/,
  );
  for (const nodes of ['', 'a b', 'a,,b', 'couchbase://a', 'a;b'])
    await refuse(['connector', 'orders', '--nodes', nodes], /it must be names with commas between them/);
});
