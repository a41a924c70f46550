/** SSM is eventually consistent: only what an operator has to look at is counted and is an error. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toldPhases } from '../../functions/edge/told_phases.ts';
import { OldCopyRead } from '../../functions/phases/phase_cache.ts';

function told(error: unknown): unknown[] {
  const all: unknown[] = [];
  const say = (level: string) => (message: string, about: unknown) => void all.push([level, message, about]);
  toldPhases({ warn: say('warn'), error: say('error') }, (metric) => all.push(metric))(error);
  return all;
}

test('an old copy of a phase is a warning, and counts for no alarm', () => {
  const text = 'An old copy of the phase was read, and the newer one stays in force';
  assert.deepEqual(told(new OldCopyRead('version 6')), [['warn', text, { cause: 'version 6' }]]);
});

test('a phase that cannot be read is an error, and is counted', () => {
  for (const error of [new Error('throttled'), new TypeError('bug')])
    assert.deepEqual(told(error), ['PhaseUnread', ['error', 'The phase could not be read', error]]);
});
