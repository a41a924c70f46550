/** Loaded before the tests: puts a mutant in the place of one file's source, as it is loaded. */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { applied, type Mutant } from './mutants.ts';

const { MUTANT } = process.env;
if (MUTANT === undefined) throw new Error('MUTANT names no mutant');
const { url: replaced, ...mutant } = JSON.parse(MUTANT) as Mutant & { url: string };

registerHooks({
  load(url, context, next) {
    if (url !== replaced) return next(url, context);
    const source = applied(readFileSync(fileURLToPath(url), 'utf8'), mutant);
    return { format: 'module-typescript', source, shortCircuit: true };
  },
});

// A mutant that never ends has no moment in which it could see that the process that started it is gone: another thread looks.
const ORPHAN = `setInterval(() => process.ppid === ${process.ppid} || process.kill(process.pid, 'SIGKILL'), 1000)`;
new Worker(ORPHAN, { eval: true, execArgv: [] }).unref();
