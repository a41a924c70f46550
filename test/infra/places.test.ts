/** Keys that a deployment would be refused for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadConfiguration } from '../../functions/configuration/configuration.ts';
import type { Target } from '../../infra/place_problems.ts';
import { checkSettings, type Settings } from '../../infra/settings.ts';
import { CLOSED, KEY, TOPIC } from '../judges/variants.ts';
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

test('a key is made, or named by its ARN', () => {
  for (const sound of [
    {},
    { kmsKey: null },
    { kmsKey: 'made', kmsKeysToRead: [KEY] },
    { kmsKey: KEY.replace(/key\/.*/, `key/mrk-${'0a'.repeat(16)}`) },
    CLOSED,
  ])
    assert.deepEqual(problems(sound), [], JSON.stringify(sound));
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
  ] as const) {
    const found = problems(bad);
    assert.equal(found.length, 1, JSON.stringify([bad, found]));
    assert.match(found[0] ?? '', message);
  }
});

test('a key and a topic are of the region of the stack, as far as anything tells it', () => {
  assert.match(
    problems({ alarmTopic: TOPIC, kmsKey: 'made', kmsKeysToRead: [ELSEWHERE(KEY)] }).join(),
    /^deployment\.kmsKeysToRead\.0: OTHER_REGION: it is in us-east-1, and deployment\.alarmTopic in eu-central-1/,
  );
  // What the command of the CDK tells counts more than what the settings have in common.
  const target = { region: 'us-east-1', account: '123456789012' };
  assert.deepEqual(problems({ kmsKey: ELSEWHERE(KEY) }, target), []);
  assert.deepEqual(
    problems({ alarmTopic: TOPIC, kmsKey: KEY }, target).map((line) => line.replace(/: it is.*/, '')),
    ['deployment.alarmTopic: OTHER_REGION', 'deployment.kmsKey: OTHER_REGION'],
  );
  assert.match(problems({ kmsKey: KEY }, target).join(), /and the stack is deployed to us-east-1/);
});
