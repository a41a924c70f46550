/**
 * Lambda freezes a sandbox between two invocations: no timer runs and no socket is read until the next one. (lambda/latest/dg/lambda-runtime-environment.html,
 * 2026-11-27.) Here its process is stopped. One difference stays: Lambda's steady clock stops, too, and a stopped process's does not.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Lets processes go on when its own input ends. It reads their ids, one a line. */
const GUARD = 'trap "" INT TERM HUP; all=; while read -r pid; do all="$all $pid"; done; kill -CONT $all';

let guard: ChildProcess | null = null;

/** A stopped process cannot see that this program has been killed, and would stay for ever: the guard lets it go on, and it ends. */
function guardOf(): ChildProcess {
  if (guard !== null) return guard;
  guard = spawn('/bin/sh', ['-c', GUARD], { stdio: ['pipe', 'ignore', 'ignore'] });
  guard.stdin?.on('error', () => {});
  guard.unref();
  (guard.stdin as Socket).unref();
  return guard;
}

/** Of one process. */
export class Freezer {
  readonly #child: ChildProcess;
  #frozen = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (process.platform !== 'win32') guardOf().stdin?.write(`${child.pid}\n`);
  }

  freeze(): void {
    if (process.platform === 'win32') return;
    this.#frozen = this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    if (this.#frozen) this.#child.kill('SIGCONT');
    this.#frozen = false;
  }
}
