/** `npm run long`: mistakes in the template, beside those of wiring.test.ts, whose first test fails with any of them in the template itself: it takes the same look. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployable, of, type Resources, revoke, use, variable, without } from './mistakes.ts';

deployable();

const MISTAKES: readonly (readonly [string, (resources: Resources) => void, RegExp])[] = [
  ['other parameters', variable('PARAMETERS', '/other'), /a write is acknowledged/],
  [
    'no time to serve a request',
    (all) => {
      of(all, 'AWS::Lambda::Function', 'FunctionsApi').Timeout = 3;
    },
    /a write is acknowledged/,
  ],
  ['the planner may not read the pace', revoke('FunctionsPlan', 'ssm:GetParameter'), /comes to its end/],
  ['the machine may not invoke the planner', revoke('CopyAll', 'lambda:InvokeFunction'), /comes to its end/],
];

/** Noticed only by what never comes to be. */
const SILENT: readonly (readonly [string, (resources: Resources) => void])[] = [
  ['the reconciler may not bury what is poison', revoke('FunctionsReconcile', 'sqs:SendMessage')],
  ['the reconciler may not receive', revoke('FunctionsReconcile', 'sqs:ReceiveMessage')],
  ['the reconciler may not delete', revoke('FunctionsReconcile', 'sqs:DeleteMessage')],
  ['nobody compares shards', without('AWS::Lambda::EventSourceMapping', 'Verify')],
  ['the worker may not tell it', revoke('FunctionsBackfill', 'states:SendTaskSuccess')],
  ['nobody works off the shards', without('AWS::Lambda::EventSourceMapping', 'Backfill')],
  [
    'no report of single failures',
    (all) => {
      of(all, 'AWS::Lambda::EventSourceMapping', 'Reconcile').FunctionResponseTypes = [];
    },
  ],
];

for (const [name, plant, noticed] of [
  ...MISTAKES,
  ...SILENT.map(([name, plant]) => [name, plant, /Never came to be/] as const),
])
  test(`a mistake is noticed: ${name}`, () => assert.rejects(use(plant), noticed));
