/** Nothing of a stack is left behind, whichever of its processes is ended. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const STACK = fileURLToPath(new URL('./running_stack.ts', import.meta.url));
/** Milliseconds. */
const SOON = 10_000;

let folder: string;
let stacks: Awaited<ReturnType<typeof start>>[];
const started: number[] = [];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade-stopping-'));
  await writeFile(
    join(folder, 'hang.mjs'),
    `export const handler = () => {
       console.log('at work');
       return new Promise((resolve) => setTimeout(resolve, 600_000));
     };`,
  );
  await writeFile(join(folder, 'answer.mjs'), 'export const handler = async () => null;');
  stacks = await Promise.all([start(), start()]);
});
after(async () => {
  for (const pid of started) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  await rm(folder, { recursive: true });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** As npm starts a script: through a shell, which waits for it. @returns the shell, and the processes of the stack. */
async function start(): Promise<{ shell: ChildProcess; pids: number[] }> {
  const command = `"${process.execPath}" "${STACK}" "${folder}"; exit $?`;
  const shell = spawn('sh', ['-c', command], {
    stdio: ['inherit', 'pipe', 'inherit'],
    env: { ...process.env, npm_lifecycle_event: 'start' },
  });
  const [line] = await once(createInterface({ input: shell.stdout as NodeJS.ReadableStream }), 'line');
  const pids = JSON.parse(line) as number[];
  started.push(...pids);
  assert.equal(pids.length, 4, 'the program, its server and its functions');
  return { shell, pids };
}

async function areGone(pids: readonly number[]): Promise<void> {
  const deadline = Date.now() + SOON;
  while (pids.some(isAlive)) {
    assert.ok(Date.now() < deadline, `still running: ${pids.map(isAlive)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('SIGTERM to the shell that npm has started ends the program, its server and its functions', async () => {
  const { shell, pids } = stacks[0] as (typeof stacks)[number];
  shell.kill('SIGTERM');
  await areGone(pids);
});

test('a program that is killed leaves no server and no function behind, also not one that is at work or frozen', async () => {
  const { pids } = stacks[1] as (typeof stacks)[number];
  process.kill(pids[0] as number, 'SIGKILL');
  await areGone(pids);
});
