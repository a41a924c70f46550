/** The state machine of certifications, as it is deployed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKS } from '../../functions/certification/checks.ts';
import { means, type Retry, secondsUntil } from '../../infra/local/states/language.ts';
import { all, type Properties, statesOf } from './template.ts';

test('a certification goes on until it is over; what ends it gives its place up first, and is told as it was', () => {
  const { Begin, GoOn, GiveUp, Over, NotCertified } = statesOf('CertifyMachine');
  for (const step of [Begin, GoOn]) {
    const passing = step.Retry.find((each: Retry) => means(each.ErrorEquals, 'StoreUnavailable'));
    assert.ok(means(passing.ErrorEquals, 'Sandbox.Timedout') && means(passing.ErrorEquals, 'Lambda.Unknown'));
    // A store that is away for five minutes ends nothing.
    const waits = Array.from({ length: passing.MaxAttempts }, (_, n) => secondsUntil(passing, n));
    assert.ok(waits.reduce((sum, each) => sum + each, 0) > 240);
    assert.deepEqual(step.Catch, [{ ErrorEquals: ['States.ALL'], Next: 'GiveUp' }]);
  }
  assert.deepEqual(
    [Over.Default, GiveUp.Next, GiveUp.Output],
    ['GoOn', 'NotCertified', '{% $states.input %}'],
  );
  assert.equal(NotCertified.Cause, '{% $states.input.Cause %}');
  const [[, { Timeout }]] = all('AWS::Lambda::Function', 'Certify') as [[string, Properties]];
  // A check is begun where it has the time that it takes, at the most, and a turn runs one at the least.
  assert.ok(CHECKS.every(({ atMost }) => atMost < (Timeout - 60) * 1000));
});
