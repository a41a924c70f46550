/** How a program that runs until it is stopped ends, with everything that it has started. */

/** Milliseconds between two looks at the parent process, and how long stopping may take. */
const [LOOK, LONGEST] = [500, 15_000];
/** Milliseconds in which a second signal is the same one: a terminal sends it to all processes, and npm passes it on. */
const ECHO = 1000;

/** Why the program stops. `orphaned`: its parent process has ended, and nobody is left to stop it. */
export type Cause = 'SIGINT' | 'SIGTERM' | 'orphaned';

/**
 * Stops at a signal, and when the npm that has started this program is gone: npm passes SIGTERM to its shell, which dies of it and
 * passes it to nobody. Whatever `stop` comes to, the process exits; children end when their end of a pipe is closed.
 */
export function stopOn(stop: (cause: Cause) => Promise<unknown>, code: (cause: Cause) => number): void {
  let since: number | null = null;
  const end = (cause: Cause) => {
    // A signal that is given again says that nobody wants to wait.
    if (since !== null && cause !== 'orphaned' && performance.now() - since > ECHO) process.exit(code(cause));
    if (since !== null) return;
    since = performance.now();
    const exit = () => process.exit(code(cause));
    setTimeout(exit, LONGEST);
    stop(cause).then(exit, exit);
  };
  process.on('SIGINT', () => end('SIGINT'));
  process.on('SIGTERM', () => end('SIGTERM'));
  // Started by hand, a program may outlive its shell: that is what nohup is for.
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end('orphaned');
  }, LOOK).unref();
}
