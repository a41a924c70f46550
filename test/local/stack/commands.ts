/**
 * Commands of `npx crossfade` in a process that runs one after the other: to start one for each takes longer than most of them do. How a process of its own ends is
 * shown by test/console/unknown.test.ts.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Printed {
  readonly output: string;
  readonly error: string;
  readonly code: number;
}

const MAIN = fileURLToPath(new URL('./command_process.ts', import.meta.url));

/** Processes that wait for a command, by the environments that they were started with. */
const waiting = new Map<string, ChildProcess[]>();

/** What a command prints, and how it exits. Those that are given at the same time run beside each other. */
export async function commanded(
  given: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Printed> {
  const own = JSON.stringify(environment);
  const idle = waiting.get(own) ?? [];
  waiting.set(own, idle);
  const child = idle.pop() ?? begun(environment);
  keepsAwake(child, true);
  child.send(given);
  const over = new AbortController();
  const { signal } = over;
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`crossfade ${given.join(' ')} has ended its process with ${code}`);
  });
  ended.catch(() => {});
  const [printed] = (await Promise.race([once(child, 'message', { signal }), ended])) as [Printed];
  over.abort();
  keepsAwake(child, false);
  idle.push(child);
  return printed;
}

function begun(environment: Readonly<Record<string, string | undefined>>): ChildProcess {
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
  return fork(MAIN, { env: { ...environment }, execArgv: [], stdio: [...stdio] });
}

/** Whether the test goes on for as long as the process does. It ends when the test has ended. */
function keepsAwake(child: ChildProcess, does: boolean): void {
  if (does) {
    child.ref();
    child.channel?.ref();
  } else {
    child.unref();
    child.channel?.unref();
  }
}
