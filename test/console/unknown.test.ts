import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { run } from '../../infra/console/program.ts';

async function crossfade(...given: string[]): Promise<{ out: string; error: string; code: number }> {
  let [out, error] = ['', ''];
  const code = await run(given, {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
  });
  return { out, error, code: code ?? 0 };
}

test('a command that does not exist is named, and exits with 2, also where help is asked for', async () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [['nonsense'], 'nonsense'],
    [['nonsense', '--help'], 'nonsense'],
    [['--url', 'http://127.0.0.1:9', '-h', 'nonsense'], 'nonsense'],
    [['help', 'nonsense'], 'nonsense'],
    [['dead-letters', 'nonsense'], 'nonsense'],
    [['dead-letters', 'nonsense', '--help'], 'nonsense'],
    [['dead-letters', 'help', 'nonsense'], 'nonsense'],
    [['backfill', 'strat', 'orders', '--help'], 'strat'],
  ];
  for (const [given, name] of cases) {
    const { out, error, code } = await crossfade(...given);
    assert.deepEqual([code, out], [2, ''], `${given.join(' ')}: ${out}${error}`);
    assert.match(error, new RegExp(`There is no command '${name}'`), given.join(' '));
    assert.match(error, /backfill|redrive|resume/, 'it names those that there are');
  }
});

test('help of a command that exists exits with 0, whatever its arguments are', async () => {
  for (const given of [
    ['--help'],
    ['status', 'nonsense', '--help'],
    ['dead-letters', '--help'],
    ['dead-letters', 'list', '--help'],
    ['help', 'set'],
    ['preflight', 'orders', '--help'],
    ['preflight', 'accept', 'orders', '--help'],
  ]) {
    const { out, error, code } = await crossfade(...given);
    assert.deepEqual([code, error], [0, ''], given.join(' '));
    assert.match(out, /^Usage: crossfade/);
  }
});

test('preflight takes a collection, and accept is a command of its own', async () => {
  const accept = await crossfade('preflight', 'accept', 'orders', '--too-large', '0', '--why', 'archives');
  assert.deepEqual([accept.code, /no whole number, 1 or more/.test(accept.error)], [2, true]);
  // It gets as far as to ask where the API is.
  for (const given of [
    ['orders'],
    ['orders', '--prefix', 'a'],
    ['accept', 'orders', '--too-large', '3', '--why', 'archives'],
  ]) {
    const { error, code } = await crossfade('--url', 'no address', 'preflight', ...given);
    assert.equal(code, 2);
    assert.match(error, /"no address" is no address of an API/, given.join(' '));
  }
});

test('the process exits so, too', async () => {
  const main = fileURLToPath(new URL('../../infra/console/main.ts', import.meta.url));
  const ran = promisify(execFile)(process.execPath, [main, 'nonsense', '--help']);
  await assert.rejects(ran, (error: { code: number; stderr: string }) => {
    assert.match(error.stderr, /There is no command 'nonsense'/);
    return error.code === 2;
  });
});

test('whoever reads no further, as head does, gets no trace of an error', async () => {
  const main = fileURLToPath(new URL('../../infra/console/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, 'openapi'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [told, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  assert.deepEqual([told, code], ['', 0]);
});

test('the help of status says with what it exits, and what scripts look at instead', async () => {
  const { out, code } = await crossfade('status', '--help');
  assert.equal(code, 0);
  assert.match(
    out,
    /Exits with 0 .*a store does not answer or is slow.*"missing".*Exits with 1 .*REFUSED.*with 2/s,
  );
});
