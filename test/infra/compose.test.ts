/** The servers for those who have Docker. Nobody can start them here: it is looked at that the file can be read, and that what it names fits together. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import config from '../shop.config.ts';

/** The CDK brings one along: no package more for a file that nothing depends on. */
const { parse } = createRequire(createRequire(import.meta.url).resolve('aws-cdk-lib/package.json'))(
  'yaml',
) as {
  parse(text: string, options: { readonly merge: boolean }): Compose;
};

interface Service {
  readonly image: string;
  readonly profiles: readonly string[];
  readonly command?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly configs?: readonly { readonly source: string }[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly environment?: Readonly<Record<string, string>>;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly configs: Readonly<Record<string, unknown>>;
}

const text = readFileSync(new URL('../compose.yaml', import.meta.url), 'utf8');
const { services, configs } = parse(text, { merge: true });

/** Of whom an image is: a letter that is missing is an image of somebody else. */
const IMAGES = ['couchbase', 'gvenzl/oracle-free', 'gvenzl/oracle-xe', 'haproxy', 'node'];

test('each image is one that is known, with a version of its own', () => {
  for (const [name, { image }] of Object.entries(services)) {
    const [, of = '', tag = ''] = /^([^:]+):([^:]+)$/.exec(image) ?? [];
    assert.ok(IMAGES.includes(of), `${name}: ${image}`);
    // 23 alone, or latest, is another one next month.
    assert.match(tag, /\d+\.\d+/, `${name}: ${image}`);
  }
});

test('a line of the page starts each server, and what it starts is complete', () => {
  const lines = [
    ...text.matchAll(/^# {3}docker compose -f test\/compose\.yaml --profile (\S+) up -d {2,}\S/gm),
  ];
  const profiles = lines.map(([, profile = '']) => profile);
  assert.deepEqual(profiles, ['couchbase-7.6', 'couchbase-8.0', 'oracle-23', 'oracle-18']);
  for (const [name, { profiles: of, depends_on = [], configs: used = [] }] of Object.entries(services)) {
    const needed = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on);
    for (const other of needed) assert.deepEqual(services[other]?.profiles, of, `${name} needs ${other}`);
    for (const { source } of used) assert.ok(source in configs, `${name} needs ${source}`);
  }
  for (const profile of profiles) assert.ok(services[profile]?.profiles.includes(profile), profile);
});

test('an Oracle counts as healthy once the users of its script are there, and Crossfade waits for that', () => {
  for (const [name, service] of [
    ['oracle-23', 'FREEPDB1'],
    ['oracle-18', 'XEPDB1'],
  ] as const) {
    const { healthcheck, environment } = services[name] as Service;
    const { depends_on } = services[`${name}-tls`] as Service;
    assert.match(String(healthcheck?.test), /functions\/secret@/);
    assert.equal(environment?.SERVICE, service);
    assert.deepEqual((depends_on as Record<string, unknown>)[name], { condition: 'service_healthy' });
  }
  assert.match(services.crossfade?.command?.join() ?? '', /until .*\/dev\/tcp\/tls\.oracle-/);
});

test('the clusters have replicas, the collections of the configuration, the scratch collection, and one with a maximum TTL', () => {
  for (const version of ['7.6', '8.0']) {
    const command = services[`couchbase-${version}-setup`]?.command?.join('\n') ?? '';
    assert.match(command, /--bucket-replica 1\b/);
    assert.match(command, /--max-ttl 3600/);
    for (const { couchbase } of Object.values(config.collections))
      assert.ok(command.includes(Object.values(couchbase).join('.')), JSON.stringify(couchbase));
    assert.ok(command.includes('shop.crossfade.certify'));
  }
});
