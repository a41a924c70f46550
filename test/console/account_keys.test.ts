/** `npx crossfade account`: keys, names and certificates; and what a key's policy needs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CannotLook } from '../../infra/console/account/ports.ts';
import { keyPolicy } from '../../infra/console/key_policy.ts';
import { checkSettings } from '../../infra/settings.ts';
import { CERTIFICATE, CLOSED, KEY, TOPIC } from '../judges/variants.ts';
import { deployed, odd, refuses, SOUND, STATEMENTS } from './account_rig.ts';
import { ACCOUNT } from './topic_policy.ts';

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
  assert.deepEqual(
    other.map(({ code, state }) => [code, state]),
    ['COUCHBASE', 'ORACLE', 'ORACLE_OWNER'].map((name) => [`SECRET_${name}`, 'wrong']),
  );
  // Nothing tells which key the stack has made.
  const made = Object.values(await odd({ secretKey }, deployed({ kmsKey: 'made' })));
  assert.deepEqual(new Set(made.map(({ state }) => state)), new Set(['unknown']));
});
