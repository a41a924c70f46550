/** What is nobody's fault but ours, or that of a configuration. */
import assert from 'node:assert/strict';
import type { Day, Row } from '../day.ts';

const OURS: Row = {
  table: 'alarms',
  signs: ['RequestsFailed'],
  happened: 'requests are answered 500: a secret is not as it should be, or a fault of ours',
  advice:
    'the log of the Api function has more under the `instance` of the response. A secret: mend it in Secrets Manager, functions read it again by ' +
    'themselves. Anything else: tell us',
};

export const FAULTS: readonly Day[] = [
  {
    name: 'secret-without-password',
    row: OURS,
    provoke: async (field) => {
      field.secret('crossfade/couchbase', { password: '' });
      field.stack.deployment.entry('api').kill();
    },
    expect: async (field) => {
      assert.ok(field.said('The secret crossfade/couchbase is not as it should be at: password'));
    },
    remedy: async (field) => field.secret('crossfade/couchbase', {}),
  },
];
