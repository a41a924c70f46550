/** What is more than one deployment may have. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Settings } from '../../infra/settings.ts';
import { KAFKA, settingsWith } from '../judges/variants.ts';
import { assembled } from './assembled.ts';

/** So many collections, each with a topic of its own. */
function withTopics(count: number): Settings {
  const { collections, ...settings } = settingsWith(count);
  const fed = Object.entries(collections).map(([name, collection]) => [
    name,
    { ...collection, feed: { kafka: { topic: name } } },
  ]);
  return { ...settings, collections: Object.fromEntries(fed), deployment: KAFKA.deployment };
}

test('more topics than a deployment has room for are told with all that is above a limit, and what to do', () => {
  assert.throws(() => assembled(withTopics(60)), {
    name: 'TemplateTooLarge',
    message:
      /^TEMPLATE_TOO_LARGE: AWS would refuse the deployment:\n[\s\S]*\d+ resources, and AWS takes 500\n[\s\S]*characters of the polic[\s\S]*\nSet deployment\.collectionsInStack to less, or make another deployment for some/,
  });
});
