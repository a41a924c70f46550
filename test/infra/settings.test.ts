import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BadConfiguration } from '../../functions/configuration/configuration.ts';
import shipped from '../../infra/crossfade.config.ts';
import { receiptBatch } from '../../infra/receipt_settings.ts';
import { checkSettings, type Settings } from '../../infra/settings.ts';
import { throttlingOf } from '../../infra/throttling_settings.ts';
import { settingsWith } from '../judges/variants.ts';
import config from '../shop.config.ts';

test('the settings in infra/crossfade.config.ts are good, whatever they are', () => {
  assert.doesNotThrow(() => checkSettings(shipped as Settings, 'infra/crossfade.config.ts'));
});

test('bad settings say where, and how they should be', () => {
  const changed = (deployment: object) =>
    ({ ...config, deployment: { ...config.deployment, ...deployment } }) as Settings;
  const cases: readonly (readonly [Settings, RegExp])[] = [
    [changed({ name: '1' }), /here: deployment\.name: it must be letters/],
    [changed({ parameters: 'crossfade' }), /deployment\.parameters: it must look like \/crossfade/],
    [
      changed({ tokens: { issuer: 'http://a', audience: ['b'] } }),
      /deployment\.tokens\.issuer: it must begin with https/,
    ],
    [changed({ tokens: { issuer: 'https://a', audience: [] } }), /audience: there must be 1 or more/],
    [changed({ network: { vpcId: 'x' } }), /deployment\.network\.vpcId: it must look like vpc-/],
    [changed({ logRetentionDays: 12 }), /deployment\.logRetentionDays/],
    [changed({ auditRetentionDays: 180 }), /deployment\.auditRetentionDays: it must be 365 or more/],
    [changed({ architecture: 'x86' }), /deployment\.architecture/],
    [
      changed({ permissionsBoundary: 'boundary' }),
      /deployment\.permissionsBoundary: it must be the ARN of a managed policy/,
    ],
    [changed({ alarmTopic: 'alarms' }), /deployment\.alarmTopic: it must be the ARN of a standard topic/],
    // A FIFO topic wants a message group, which CloudWatch does not give.
    [changed({ alarmTopic: 'arn:aws:sns:eu-central-1:123456789012:alarms.fifo' }), /deployment\.alarmTopic/],
    [changed({ vpc: 1 }), /deployment\.vpc/],
    ...['reconcile', 'backfill', 'verify'].map((name): [Settings, RegExp] => [
      changed({ concurrency: { ...config.deployment.concurrency, [name]: 1 } }),
      /it must be 2 or more, as many as SQS invokes at a time/,
    ]),
    [
      changed({ oracleSessions: 89 }),
      /50 containers with 2 connections each are 100 sessions, and oracleSessions leaves 89/,
    ],
    [changed({ collectionsInStack: 61 }), /deployment\.collectionsInStack: it must be 60 or less/],
    [changed({ throttling: { rate: 0 } }), /deployment\.throttling\.rate: it must be 1 or more/],
    [changed({ throttling: { perSecond: 1 } }), /deployment\.throttling\.perSecond/],
    [changed({ receipts: { batch: 2001 } }), /deployment\.receipts\.batch: it must be 2000 or less/],
    [changed({ receipts: { window: 0 } }), /receipts\.window: it must be 1 or more for batches of 1000/],
    [
      changed({
        concurrency: { ...config.deployment.concurrency, reconcile: 61 },
        receipts: { batch: 1000 },
        oracleSessions: 1000,
      }),
      /receipts\.batch: 61 containers with 1000 receipts each hold 61000/,
    ],
    [settingsWith(181), /here: collections: there are 181, and a deployment has room for 180/],
    [{ ...config, connections: 0 }, /here: connections: it must be 1 or more/],
  ];
  for (const [settings, message] of cases)
    assert.throws(
      () => checkSettings(settings, 'here'),
      (error) => error instanceof BadConfiguration && message.test(error.message),
      String(message),
    );
});

test('receipts come in batches of a thousand after a second at most, and in smaller ones where many containers hold some', () => {
  const of = (receipts: object, reconcile = 5) =>
    receiptBatch({ concurrency: { ...config.deployment.concurrency, reconcile }, receipts });
  assert.deepEqual(of({}), { batch: 1000, window: 1 });
  assert.deepEqual(of({}, 1000), { batch: 60, window: 1 });
  assert.deepEqual(of({ batch: 10 }), { batch: 10, window: 0 });
  assert.deepEqual(of({ batch: 2000, window: 5 }), { batch: 2000, window: 5 });
});

test('the gateway passes on four times what the containers serve, other numbers where the settings have them, or all that the account allows', () => {
  const of = (throttling: object | null, api = 29) =>
    throttlingOf({ concurrency: { ...config.deployment.concurrency, api }, throttling });
  assert.deepEqual(of({}), { rate: 5800, burst: 1160 });
  assert.deepEqual(of({}, 1), { rate: 200, burst: 40 });
  assert.deepEqual(of({}, 900), { rate: 180_000, burst: 5000 });
  assert.deepEqual(of({ rate: 10 }), { rate: 10, burst: 2 });
  assert.deepEqual(of({ burst: 7 }), { rate: 5800, burst: 7 });
  assert.equal(of(null), null);
});

test('logs may be kept for as many days as CloudWatch takes, and for no others', () => {
  const deployment = (logRetentionDays: number) =>
    ({ ...config.deployment, logRetentionDays }) as Settings['deployment'];
  const fits = (days: number) => {
    try {
      checkSettings({ ...config, deployment: deployment(days) }, 'here');
      return true;
    } catch {
      return false;
    }
  };
  const days = Object.values(RetentionDays).filter((each) => typeof each === 'number');
  const tried = days.flatMap((each) => [each, each + 1]);
  assert.deepEqual(
    tried.filter(fits),
    tried.filter((each) => days.includes(each)),
  );
});

test('a roll-out says how much of the requests moves, and when', () => {
  const problems = (rollout: unknown) => {
    const deployment = { ...config.deployment, rollout } as Settings['deployment'];
    try {
      checkSettings({ ...config, deployment }, 'test');
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  for (const rollout of [
    undefined,
    { kind: 'all-at-once' },
    { kind: 'canary', percent: 10, minutes: 15 },
    { kind: 'linear', percent: 20, minutes: 5 },
  ])
    assert.equal(problems(rollout), '');
  assert.match(
    problems({ kind: 'canary', percent: 60, minutes: 15 }),
    /deployment\.rollout\.percent: it must be 50 or less/,
  );
  assert.match(
    problems({ kind: 'linear', percent: 20, minutes: 1 }),
    /deployment\.rollout\.minutes: it must be 5 or more/,
  );
  assert.match(problems({ kind: 'canary', percent: 10 }), /deployment\.rollout\.minutes: it is missing/);
  assert.match(problems({ kind: 'blue' }), /deployment\.rollout\.kind/);
});

test('settings that do not say what tokens grant are refused, and told how to say it', () => {
  const { grants: _, ...before } = config;
  assert.throws(() => checkSettings(before, 'here'), {
    name: 'BadConfiguration',
    message: /^here: grants: it is missing\. .*kind: 'scopes'.*orders\.read.*kind: 'everything'/,
  });
});

test('the limit of each caller is shared out among all containers of the API, or among as many as the settings say', () => {
  const of = (callers: object | null) =>
    checkSettings({ ...config, callers } as Settings, 'here').configuration.callers;
  assert.deepEqual(of({ perSecond: 290 }), { perSecond: 290, containers: 29 });
  assert.deepEqual(of({ perSecond: 290, containers: 5 }), { perSecond: 290, containers: 5 });
  assert.equal(of(null), null);
});
