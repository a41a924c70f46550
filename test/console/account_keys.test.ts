/** `npx crossfade account`: keys, names and certificates; and what a key's policy needs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotLook } from '../../infra/console/account/ports.ts';
import { keyPolicy } from '../../infra/console/key_policy.ts';
import { checkSettings, type Settings } from '../../infra/settings.ts';
import { CERTIFICATE, CLOSED, KEY, TOPIC } from '../judges/variants.ts';
import { deployed, odd, refuses, SOUND, STATEMENTS } from './account_rig.ts';
import { ACCOUNT, POLICY } from './topic_policy.ts';

test('a key is there, enabled and symmetric, in the region of the stack, and its policy names all that use it', async () => {
  const keyed = deployed({ kmsKey: KEY, alarmTopic: TOPIC });
  assert.deepEqual(await odd({}, keyed), {});
  await refuses('KMS_KEY', /no key arn:aws:kms/, { key: async () => null }, keyed);
  const of = (changed: object) => ({ key: async (arn: string) => ({ arn, ...SOUND, ...changed }) });
  await refuses('KMS_KEY', /is PendingDeletion: nothing can be/, of({ state: 'PendingDeletion' }), keyed);
  await refuses('KMS_KEY', /RSA_2048 for SIGN_VERIFY/, of({ usage: 'SIGN_VERIFY', spec: 'RSA_2048' }), keyed);
  const OLD = KEY.replace('0123-', '4444-');
  const former = async (arn: string) => ({ arn, ...SOUND, state: arn === OLD ? 'Disabled' : 'Enabled' });
  await refuses('KMS_KEY', /4444-.* is Disabled/, { key: former }, deployed({ kmsKeysToRead: [OLD] }));
  const policy = (Statement: unknown) => ({ keyPolicy: async () => JSON.stringify({ Statement }) });
  for (const { Sid } of STATEMENTS) {
    const rest = STATEMENTS.filter((each) => each.Sid !== Sid);
    await refuses('KMS_KEY', new RegExp(`lacks ${Sid}\\. npx crossfade key-policy`), policy(rest), keyed);
  }
  await refuses('KMS_KEY', /lacks CrossfadeRoles, CrossfadeDeployment, CrossfadeLogs, /, policy([]), keyed);
  // What KMS gives a new key lets the account decide; services are named all the same.
  const whole = { Effect: 'Allow', Action: 'kms:*', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } };
  await refuses(
    'KMS_KEY',
    /lacks CrossfadeLogs, CrossfadeLogDelivery, CrossfadeAlarms/,
    policy(whole),
    keyed,
  );
  const denied = {
    keyPolicy: () => Promise.reject(new CannotLook('kms:GetKeyPolicy was refused', 'Grant it')),
  };
  assert.equal((await odd(denied, keyed)).KMS_KEY?.state, 'unknown');
  await refuses(
    'REGION',
    /kmsKey: OTHER_REGION.*AWS_REGION/,
    { region: async () => 'us-east-1' },
    deployed({ kmsKey: KEY }),
  );
});

test('a topic that is encrypted has a key that CloudWatch may use, or no alarm would be heard', async () => {
  const heard = deployed({ alarmTopic: TOPIC });
  const own = KEY.replace('123456789012', ACCOUNT);
  const topic = async () => ({ policy: POLICY(), key: 'alias/own', confirmed: 1 });
  const key = async () => ({ arn: own, ...SOUND });
  assert.deepEqual(await odd({ topic, key }, heard), {});
  const without = JSON.stringify({ Statement: STATEMENTS.filter(({ Sid }) => Sid !== 'CrossfadeAlarms') });
  const keyPolicy = async () => without;
  await refuses(
    'ALARM_TOPIC',
    /alias\/own, whose policy .*CloudWatch.* CrossfadeAlarms/,
    { topic, key, keyPolicy },
    heard,
  );
  await refuses('ALARM_TOPIC', /alias\/own, which is not there/, { topic, key: async () => null }, heard);
  const disabled = async () => ({ arn: own, ...SOUND, state: 'Disabled' });
  await refuses('ALARM_TOPIC', /alias\/own, which is Disabled/, { topic, key: disabled }, heard);
  // Nobody here is told the policy of a key of another account.
  const foreign = async () => ({ arn: KEY.replace('123456789012', '999999999999'), ...SOUND });
  assert.deepEqual(await odd({ topic, key: foreign, keyPolicy }, heard), {});
});

test('the statements that a policy needs are printed for a key that is named, and for no other', () => {
  const of = (changed: object, asked = {}) =>
    keyPolicy(checkSettings(deployed(changed), 'test').deployment, asked).Statement;
  assert.deepEqual(of({ kmsKey: KEY, alarmTopic: TOPIC }), STATEMENTS);
  assert.equal(of({ kmsKey: KEY }).length, STATEMENTS.length - 1);
  const foreign = JSON.stringify(of({}, { key: KEY, account: '999999999999' }));
  assert.ok(foreign.includes('arn:aws:iam::999999999999:root') && !foreign.includes('123456789012'));
  const china = JSON.stringify(of({}, { key: KEY.replace('aws:', 'aws-cn:') }));
  assert.ok(china.includes('"logs.eu-central-1.amazonaws.com.cn"'));
  for (const [changed, asked, message] of [
    [{}, {}, /kmsKey is null.* give --key/],
    [{ kmsKey: 'made' }, {}, /'made': the stack writes/],
    [{}, { key: 'alias/own' }, /--key must be the ARN of a key/],
    [{ kmsKey: KEY }, { account: '1' }, /--account must be/],
  ] as const)
    assert.throws(() => of(changed, asked), { name: 'BadCommand', message });
});

test('the certificate is for the name of the API, and those of the authorities of its clients are there', async () => {
  const named = deployed({ domain: CLOSED.domain });
  assert.deepEqual(await odd({}, named), {});
  const of = (changed: object) => ({
    certificate: async () => ({
      status: 'ISSUED',
      type: 'AMAZON_ISSUED',
      names: ['api.example.com'],
      ...changed,
    }),
  });
  assert.deepEqual(await odd(of({}), named), {});
  await refuses('DOMAIN', /no certificate arn:aws:acm/, { certificate: async () => null }, named);
  await refuses('DOMAIN', /is PENDING_VALIDATION\. /, of({ status: 'PENDING_VALIDATION' }), named);
  for (const names of [['example.com'], ['*.com', 'a.example.com'], ['*.api.example.com']])
    await refuses('DOMAIN', /, and not for api\.example\.com/, of({ names }), named);
  await refuses('DOMAIN', /is IMPORTED.*ownershipCertificate/, of({ type: 'IMPORTED' }), named);
  const { mutualTls, ...rest } = CLOSED.domain;
  const shown = { ...rest, mutualTls: { ...mutualTls, ownershipCertificate: CERTIFICATE } };
  assert.deepEqual(await odd(of({ type: 'IMPORTED' }), deployed({ domain: shown })), {});
  await refuses('DOMAIN', /no object s3:.* in the version 3/, { trustStore: async () => null }, named);
  await refuses('DOMAIN', /has no certificate in it/, { trustStore: async () => '{}' }, named);
  const empty = { trustStore: async () => '' };
  assert.deepEqual(await odd(empty, deployed({ domain: { ...rest, executeApi: true } })), {});
});

test('a secret may have the key of the stack, or one that is named for reading', async () => {
  const secretKey = async () => KEY;
  assert.deepEqual(await odd({ secretKey }, deployed({ kmsKey: KEY })), {});
  assert.deepEqual(await odd({ secretKey }, deployed({ kmsKeysToRead: [KEY] })), {});
  const byAlias = { secretKey: async () => 'alias/own', key: async () => ({ arn: KEY, ...SOUND }) };
  assert.deepEqual(await odd(byAlias, deployed({ kmsKey: KEY })), {});
  const other = Object.values(await odd({ secretKey }));
  assert.ok(other.length > 2);
  for (const { code, state } of other) assert.match(`${code} ${state}`, /^SECRET_[A-Z_]+ wrong$/);
  const made = deployed({ kmsKey: 'made' });
  assert.deepEqual(await odd({ secretKey, outputs: async () => ({ KmsKeyMade: KEY }) }, made), {});
  assert.equal(Object.values(await odd({ secretKey }, made)).length, other.length);
});

test('a key that the stack has is not left behind while messages are encrypted with it', async () => {
  const OTHER = KEY.replace('0123-', '4444-');
  type Case = readonly [outputs: Record<string, string>, settings: Partial<Settings['deployment']>];
  const before = (outputs: Record<string, string>) => ({ outputs: async () => outputs });
  for (const [outputs, settings] of [
    [{ Url: 'https://a' }, { kmsKey: KEY }],
    [{ KmsKeyNamed: KEY }, { kmsKey: KEY }],
    [{ KmsKeyMade: KEY }, { kmsKey: 'made' }],
    [{ KmsKeyMade: KEY }, { kmsKey: KEY }],
    [{ KmsKeyNamed: KEY }, { kmsKey: OTHER, kmsKeysToRead: [KEY] }],
    [{ KmsKeyMade: KEY }, { kmsKeysToRead: [KEY] }],
  ] satisfies Case[])
    assert.deepEqual(await odd(before(outputs), deployed(settings)), {}, JSON.stringify([outputs, settings]));
  for (const [outputs, settings] of [
    [{ KmsKeyNamed: KEY }, { kmsKey: OTHER }],
    [{ KmsKeyNamed: KEY }, { kmsKey: 'made' }],
    [{ KmsKeyMade: KEY }, {}],
    [{ KmsKeyNamed: KEY }, { kmsKeysToRead: [OTHER] }],
  ] satisfies Case[])
    await refuses(
      'KMS_KEY',
      /encrypts with arn:.*cdef, and the.*kmsKeysToRead/,
      before(outputs),
      deployed(settings),
    );
});
