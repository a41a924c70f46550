/** `npm run long`: mistakes in the template that are noticed only by what never comes to be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployable, type Resources, revoke, use, without } from './mistakes.ts';

deployable();

const MISTAKES: readonly (readonly [string, (resources: Resources) => void])[] = [
  ['the reconciler may not bury what is poison', revoke('FunctionsReconcile', 'sqs:SendMessage')],
  ['the reconciler may not receive', revoke('FunctionsReconcile', 'sqs:ReceiveMessage')],
  ['the reconciler may not delete', revoke('FunctionsReconcile', 'sqs:DeleteMessage')],
  ['nobody compares shards', without('AWS::Lambda::EventSourceMapping', 'Verify')],
  ['the worker may not tell it', revoke('FunctionsBackfill', 'states:SendTaskSuccess')],
  ['nobody works off the shards', without('AWS::Lambda::EventSourceMapping', 'Backfill')],
];

for (const [name, plant] of MISTAKES)
  test(`a mistake is noticed: ${name}`, () => assert.rejects(use(plant), /Never came to be/));
