import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Screen } from '../../infra/demo/screen.ts';

function screenOf(isTTY: boolean, columns = 60) {
  const written: string[] = [];
  const time = { now: 0 };
  const out = { isTTY, columns, write: (text: string) => written.push(text) };
  return { screen: new Screen(out, () => time.now), written, time };
}

test('on a terminal the picture is drawn below the story, and no line of it wraps', () => {
  const { screen, written } = screenOf(true);
  screen.show(['a'.repeat(100), '乌鲁木齐']);
  assert.equal(written.join(''), `${'a'.repeat(59)}\n乌鲁木齐\n`);
  written.length = 0;
  screen.tell('it moves');
  // Up two lines, the story, and the picture again.
  assert.equal(written[0], '\x1b[2A\x1b[J');
  assert.match(written[1] ?? '', /^ {3}0\.0 s {2}it moves\n$/);
  assert.equal(written[2], `${'a'.repeat(59)}\n乌鲁木齐\n`);
  written.length = 0;
  screen.show([]);
  assert.deepEqual(written, ['\x1b[2A\x1b[J']);
});

test('elsewhere there is no escape, and the picture comes now and then', () => {
  const { screen, written, time } = screenOf(false);
  for (time.now = 0; time.now <= 31_000; time.now += 1000) screen.show(['', 'a picture']);
  screen.tell('it moves');
  const text = written.join('');
  assert.ok(!text.includes('\x1b'));
  assert.equal(text.match(/a picture/g)?.length, 2);
  assert.match(text, /32\.0 s {2}it moves\n$/);
});
