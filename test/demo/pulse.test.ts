import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BEAT, LATE, Pulse, REMEMBERED } from '../../infra/demo/pulse.ts';

function machine(load: number) {
  const time = { now: 0, load };
  const pulse = new Pulse({ now: () => time.now, load: () => time.load, processors: 2 });
  const beat = (after = BEAT) => {
    time.now += after;
    pulse.beat();
  };
  return { pulse, time, beat };
}

test('a machine is slow where more want its processors than it has, or its timers are late', () => {
  const { pulse, time, beat } = machine(2.4);
  assert.equal(pulse.isSlow, false);
  for (let n = 0; n < 10; n++) beat();
  assert.equal(pulse.isSlow, false);
  time.load = 13;
  beat();
  assert.equal(pulse.isSlow, true);
  assert.equal(pulse.measured, '13.0 processes wanted 2 processors, and a timer was 0.0 s late');
  const other = machine(0);
  other.beat(BEAT + LATE);
  assert.equal(other.pulse.isSlow, true);
  assert.match(other.pulse.measured, /a timer was 1\.0 s late/);
});

test('what was long ago does not count: a start is always busy', () => {
  const { pulse, time, beat } = machine(13);
  beat();
  time.load = 0.5;
  for (let passed = 0; passed <= REMEMBERED; passed += BEAT) beat();
  assert.equal(pulse.isSlow, false);
});
