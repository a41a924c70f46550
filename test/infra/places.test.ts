/** Keys, certificates and names of the API that a deployment would be refused for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadConfiguration } from '../../functions/configuration/configuration.ts';
import type { Target } from '../../infra/place_problems.ts';
import { checkSettings, type Settings } from '../../infra/settings.ts';
import {
  CERTIFICATE,
  CLOSED,
  ENDPOINT,
  KEY,
  PRIVATE,
  settingsWith,
  TOPIC,
  WEB_ACL,
} from '../judges/variants.ts';
import config from '../shop.config.ts';

const ELSEWHERE = (arn: string) => arn.replace('eu-central-1', 'us-east-1');

/** What is wrong, a line each. */
function problems(changed: object, target: Target = {}): string[] {
  try {
    checkSettings(
      { ...config, deployment: { ...config.deployment, ...changed } } as Settings,
      'here',
      target,
    );
    return [];
  } catch (error) {
    if (error instanceof BadConfiguration) return [...error.problems];
    throw error;
  }
}

const DOMAIN = { name: 'api.example.com', certificate: CERTIFICATE };

test('a key is made, or named by its ARN; a name and its certificate go together', () => {
  for (const sound of [
    {},
    { kmsKey: null },
    { kmsKey: 'made', kmsKeysToRead: [KEY] },
    { kmsKey: KEY.replace(/key\/.*/, `key/mrk-${'0a'.repeat(16)}`) },
    { domain: null, private: null },
    { private: PRIVATE },
    { private: { endpoints: PRIVATE.endpoints }, domain: null },
    { domain: DOMAIN },
    { domain: { ...DOMAIN, executeApi: false } },
    CLOSED,
  ])
    assert.deepEqual(problems(sound), [], JSON.stringify(sound));
  const mutualTls = { trustStore: 's3://trust/authorities.pem', version: 'v1' };
  for (const [bad, message] of [
    [
      { kmsKey: 'alias/crossfade' },
      /^deployment\.kmsKey: it must be 'made', or the ARN of a key.* an alias is none$/,
    ],
    [{ kmsKey: 'arn:aws:kms:eu-central-1:123456789012:alias/crossfade' }, /^deployment\.kmsKey: /],
    [{ kmsKey: `${KEY}0` }, /^deployment\.kmsKey: /],
    [{ kmsKey: 1 }, /^deployment\.kmsKey: /],
    [{ kmsKeysToRead: ['made'] }, /^deployment\.kmsKeysToRead\.0: it must be the ARN of a key/],
    [{ kmsKeysToRead: Array.from({ length: 11 }, () => KEY) }, /there must be 10 or less/],
    [{ domain: { name: 'api.example.com' } }, /^deployment\.domain\.certificate: it is missing$/],
    [{ domain: { ...DOMAIN, certificate: KEY } }, /certificate: it must be the ARN of a certificate of ACM/],
    [
      { domain: { ...DOMAIN, name: 'https://api.example.com' } },
      /domain\.name: it must be one name in small letters/,
    ],
    [{ domain: { ...DOMAIN, name: '*.example.com' } }, /domain\.name: it must be one name/],
    [{ domain: { ...DOMAIN, name: 'localhost' } }, /domain\.name: it must be one name/],
    [
      { domain: { ...DOMAIN, executeApi: false, mutualTls: { trustStore: 'https://a/b' } } },
      /trustStore: it must be an/,
    ],
    [{ domain: { ...DOMAIN, executeApi: false, mutualTls: { version: 'v1' } } }, /trustStore: it is missing/],
    [{ domain: { ...DOMAIN, tls: '1.3' } }, /domain\.tls: there is no such member/],
    [{ private: {} }, /^deployment\.private\.endpoints: it is missing$/],
    [{ private: { endpoints: [] } }, /endpoints: there must be 1 or more: without one nobody could reach/],
    [{ private: { endpoints: ['vpc-0123456789abcdef0'] } }, /endpoints\.0: it must be an interface endpoint/],
    [{ private: { endpoints: [ENDPOINT, ENDPOINT] } }, /endpoints: there must be none twice$/],
    [{ private: { ...PRIVATE, webAcl: KEY } }, /private\.webAcl: it must be the ARN of a regional web ACL/],
    [{ private: { ...PRIVATE, mutualTls } }, /private\.mutualTls: there is no such member/],
    // An HTTP API takes none.
    [{ webAcl: WEB_ACL }, /^deployment\.webAcl: there is no such member/],
    [
      { private: PRIVATE, domain: DOMAIN },
      /^deployment\.private: PRIVATE_WITH_DOMAIN: .* Leave one of both out$/,
    ],
    // By default the other address stays open: clients would go on there without a certificate.
    [{ domain: { ...DOMAIN, mutualTls } }, /executeApi: MUTUAL_TLS_BYPASSED: .* set executeApi to false/],
    [{ domain: { ...DOMAIN, mutualTls, executeApi: true } }, /executeApi: MUTUAL_TLS_BYPASSED: /],
  ] as const) {
    const found = problems(bad);
    assert.equal(found.length, 1, JSON.stringify([bad, found]));
    assert.match(found[0] ?? '', message);
  }
});

test('a key, a certificate and a topic are of the region of the stack, as far as anything tells it', () => {
  const domain = { ...DOMAIN, certificate: ELSEWHERE(CERTIFICATE) };
  assert.deepEqual(problems({ domain }), []);
  assert.deepEqual(problems({ domain, kmsKey: KEY }), [
    'deployment.domain.certificate: OTHER_REGION: it is in us-east-1, and deployment.kmsKey in eu-central-1: name one of the region of the stack',
  ]);
  assert.match(
    problems({ alarmTopic: TOPIC, kmsKey: 'made', kmsKeysToRead: [ELSEWHERE(KEY)] }).join(),
    /^deployment\.kmsKeysToRead\.0: OTHER_REGION: it is in us-east-1, and deployment\.alarmTopic in eu-central-1/,
  );
  // What the command of the CDK tells counts more than what the settings have in common.
  const target = { region: 'us-east-1', account: '123456789012' };
  assert.deepEqual(problems({ domain }, target), []);
  assert.deepEqual(
    problems({ alarmTopic: TOPIC, kmsKey: KEY }, target).map((line) => line.replace(/: it is.*/, '')),
    ['deployment.alarmTopic: OTHER_REGION', 'deployment.kmsKey: OTHER_REGION'],
  );
  assert.match(problems({ kmsKey: KEY }, target).join(), /and the stack is deployed to us-east-1/);
  const mutualTls = { trustStore: 's3://a.b/c', ownershipCertificate: CERTIFICATE };
  assert.match(
    problems({ domain: { ...DOMAIN, executeApi: false, mutualTls } }, { region: 'us-east-1' }).join(),
    /deployment\.domain\.mutualTls\.ownershipCertificate: OTHER_REGION/,
  );
  assert.match(
    problems({ domain }, { ...target, account: '999999999999' }).join(),
    /^deployment\.domain\.certificate: OTHER_ACCOUNT: it is of 123456789012, and the stack is deployed to 999999999999/,
  );
});

test('beside a private API a stack has room for fewer collections', () => {
  const of = (count: number, changed = {}) => {
    const { collections } = settingsWith(count);
    const deployment = { ...config.deployment, private: PRIVATE, ...changed };
    try {
      checkSettings({ ...config, collections, deployment } as Settings, 'here');
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(of(50), '');
  assert.match(
    of(51),
    /collectionsInStack: PRIVATE_ROOM: .* 50 collections, and would have 51: set it to 50\./,
  );
  assert.equal(of(51, { collectionsInStack: 50 }), '');
  assert.equal(of(60, { private: null }), '');
});
