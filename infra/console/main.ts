#!/usr/bin/env node
/** `npx crossfade`: what operators do, the same in AWS and on one machine. */
import { run } from './program.ts';

// Whoever reads the output has read enough, as `| head` has: what is done goes on to its end, and what is not read is nobody's.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const code = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
});
if (code !== undefined) process.exitCode = code;
